"""Numeric gradients as the book calls them."""

from layerwise.courses.cs231n.cs231n.gradient_check import *
