"""Other people's courses, whose notebooks run on Layerwise unmodified: switched on for one program or notebook, never installed."""

from layerwise.courses.path import use
from layerwise.courses.table import COURSES, Course, course

__all__ = ["use", "COURSES", "Course", "course"]
