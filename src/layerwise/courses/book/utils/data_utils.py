"""CIFAR-10 as the book loads it."""

from layerwise.courses.cs231n.cs231n.data_utils import *
