"""What the first assignments import from `classifiers` itself."""

from .k_nearest_neighbor import *
from .linear_classifier import *
