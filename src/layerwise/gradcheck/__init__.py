"""Slopes measured by small steps, verdicts on gradients that were derived by hand, and the term that a wrong one lacks."""

from layerwise.gradcheck.numeric import (
    Coordinate,
    GradientCheck,
    check_gradient,
    first_difference,
    numerical_gradient,
    numerical_gradient_array,
    relative_error,
    slope_gap,
    slope_gap_loss,
    sparse_check,
    undisturbed,
)
from layerwise.gradcheck.report import Finding, Report
from layerwise.gradcheck.table import TERMS
from layerwise.gradcheck.update import verify_update
from layerwise.gradcheck.verify import verify, verify_function, verify_loss

__all__ = [
    "verify",
    "verify_loss",
    "verify_function",
    "verify_update",
    "Report",
    "Finding",
    "TERMS",
    "check_gradient",
    "GradientCheck",
    "slope_gap",
    "slope_gap_loss",
    "numerical_gradient",
    "numerical_gradient_array",
    "sparse_check",
    "first_difference",
    "undisturbed",
    "Coordinate",
    "relative_error",
]
