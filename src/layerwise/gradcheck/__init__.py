"""Slopes measured by small steps, and verdicts on gradients that were derived by hand."""

from layerwise.gradcheck.numeric import (
    Coordinate,
    GradientCheck,
    check_gradient,
    numerical_gradient,
    numerical_gradient_array,
    relative_error,
    slope_gap,
    slope_gap_loss,
    sparse_check,
)

__all__ = [
    "check_gradient",
    "GradientCheck",
    "slope_gap",
    "slope_gap_loss",
    "numerical_gradient",
    "numerical_gradient_array",
    "sparse_check",
    "Coordinate",
    "relative_error",
]
