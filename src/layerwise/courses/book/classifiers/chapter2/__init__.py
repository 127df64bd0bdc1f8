"""The softmax classifier."""

from .softmax import *
from .softmax_loss import *
