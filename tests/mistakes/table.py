"""Every entry of the bank."""

from tests.mistakes.bank import Mistake, Right
from tests.mistakes.right import dense, image, loss
from tests.mistakes.right import norm as right_norm
from tests.mistakes.right import rule as right_rule
from tests.mistakes.wrong import (
    activation,
    affine,
    convolution,
    dropout,
    linear,
    norm,
    pooling,
    regression,
    rule,
    softmax,
    spatial_norm,
    svm,
)

MISTAKES: list[Mistake] = [
    *affine.wrong.entries,
    *activation.wrong.entries,
    *dropout.wrong.entries,
    *softmax.wrong.entries,
    *svm.wrong.entries,
    *regression.wrong.entries,
    *linear.wrong.entries,
    *norm.wrong.entries,
    *spatial_norm.wrong.entries,
    *convolution.wrong.entries,
    *pooling.wrong.entries,
    *rule.wrong.entries,
]

RIGHT: list[Right] = [
    *dense.right.entries,
    *loss.right.entries,
    *right_norm.right.entries,
    *image.right.entries,
    *right_rule.right.entries,
]
