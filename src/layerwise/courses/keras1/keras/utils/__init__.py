"""Helpers."""

from . import np_utils

__all__ = ["np_utils"]
