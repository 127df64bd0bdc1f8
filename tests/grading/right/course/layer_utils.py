"""Helpers of a course, which import what a learner has not got."""

from .fast_layers import conv_forward_fast
from .layers import *
