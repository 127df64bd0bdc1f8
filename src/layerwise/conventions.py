"""How others write a penalty or a dropout setting, turned into this package's own, and back.

Here `reg` is λ in ½·λ·Σw² added to a mean loss, whose slope is λ·w; `keep_prob` is the share that dropout keeps. Every
function takes a number, or an array with one setting per member, and refuses what is no such setting.

=====================================================  ======================  ===============================
who                                                    writes                  here
=====================================================  ======================  ===============================
CS231n A2 (fc_net, cnn), scikit-learn's SGDClassifier  ½·reg·Σw²               the same
CS231n A1 (linear_svm, softmax, 2018-2020 neural_net)  reg·Σw²                 reg_from_plain_l2(reg)
dlcourse.ai (over biases as well)                      reg_strength·Σw²        reg_from_plain_l2(reg_strength)
Keras `l2(λ)`                                          λ·Σw²                   reg_from_plain_l2(λ)
scikit-learn's MLPClassifier, MLPRegressor             alpha/(2·N)·Σw²         reg_from_alpha(alpha, N)
PyTorch SGD `weight_decay` (over biases as well)       dw + weight_decay·w     reg_from_weight_decay(weight_decay)
PyTorch AdamW, Loshchilov & Hutter 2019                w −= lr·decay·w         the rule `adamw`, not a penalty
CS231n from 2019 (`dropout_keep_ratio`)                share kept              keep_prob
Keras, PyTorch, our estimators and command line        share dropped           keep_from_drop(dropout)
=====================================================  ======================  ===============================
"""

from typing import Any

import numpy as np


def reg_from_plain_l2(l2: Any) -> Any:
    """λ in λ·Σw² -> reg in ½·reg·Σw²: twice as much, for the half.

    >>> reg_from_plain_l2(0.01)
    0.02
    """
    return 2 * strength("l2", l2)


def plain_l2_from_reg(reg: Any) -> Any:
    """reg in ½·reg·Σw² -> λ in λ·Σw²: half as much.

    >>> plain_l2_from_reg(0.02)
    0.01
    """
    return strength("reg", reg) / 2


def reg_from_alpha(alpha: Any, num_examples: int) -> Any:
    """alpha in alpha/(2·N)·Σw², as scikit-learn's MLP writes it -> reg.

    N is the number of examples that one step averages over: the batch (there min(200, all of them) by default), so the
    same alpha punishes less in larger batches. The last, shorter batch of an epoch has a smaller N there.

    >>> reg_from_alpha(1e-4, 200)
    5e-07
    """
    return strength("alpha", alpha) / _examples(num_examples)


def alpha_from_reg(reg: Any, num_examples: int) -> Any:
    """reg -> alpha in alpha/(2·N)·Σw², N as in `reg_from_alpha`.

    >>> alpha_from_reg(0.5, 200)
    100.0
    """
    return strength("reg", reg) * _examples(num_examples)


def reg_from_weight_decay(weight_decay: Any) -> Any:
    """λ in dw + λ·w, as PyTorch's SGD writes weight decay -> reg: the same number, for ½·reg·Σw² has that slope.

    It holds for rules that step along dw itself (SGD and its momenta). A rule that rescales dw, such as Adam, also
    rescales the penalty; decoupled decay (`adamw`) does not, and has no reg that equals it.

    >>> reg_from_weight_decay(5e-4)
    0.0005
    """
    return strength("weight_decay", weight_decay)


def weight_decay_from_reg(reg: Any) -> Any:
    """reg -> λ in dw + λ·w: the same number, for rules as in `reg_from_weight_decay`."""
    return strength("reg", reg)


def reg_from_shrinkage(shrinkage: Any, lr: Any) -> Any:
    """The share of w that each step of SGD takes off, w · (1 − shrinkage) -> reg: shrinkage is lr · reg, so a lower rate shrinks less.

    >>> reg_from_shrinkage(1e-4, lr=0.1)
    0.001
    """
    return strength("shrinkage", shrinkage) / _rate(lr)


def shrinkage_from_reg(reg: Any, lr: Any) -> Any:
    """reg -> the share of w that each step of SGD at this rate takes off.

    >>> shrinkage_from_reg(0.25, lr=0.5)
    0.125
    """
    return strength("reg", reg) * _rate(lr)


def keep_from_drop(dropout: Any) -> Any:
    """Share dropped (0 is off: Keras, PyTorch, our command line) -> share kept (1 is off: CS231n, our layers).

    >>> keep_from_drop(0.25)
    0.75
    """
    return 1 - _check("dropout", dropout, lambda a: (a >= 0) & (a < 1), "the share dropped, at least 0 (off) and below 1")


def drop_from_keep(keep_prob: Any) -> Any:
    """Share kept (1 is off) -> share dropped (0 is off).

    >>> drop_from_keep(0.75)
    0.25
    """
    return 1 - _check("keep_prob", keep_prob, lambda a: (a > 0) & (a <= 1), "the share kept, above 0 and at most 1 (off)")


def strength(name: str, value: Any) -> Any:
    """A penalty's strength as it was given, a number or one per member; refused, with its name, where it is negative or no number.

    >>> strength("reg", 0.1)
    0.1
    """
    return _check(name, value, lambda a: (a >= 0) & (a < np.inf), "a finite strength, 0 or above")


def _rate(lr: Any) -> Any:
    return _check("lr", lr, lambda a: (a > 0) & (a < np.inf), "a finite rate above 0")


def _examples(num_examples: int) -> Any:
    return _check("num_examples", num_examples, lambda a: (a >= 1) & (a < np.inf), "a count of at least 1")


def _check(name: str, value: Any, holds: Any, needed: str) -> Any:
    """The value, as a number or as an array with one per member; refused, with its name, if any of it does not hold."""
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "iuf":
        raise TypeError(f"{name}={value!r} is not a number; it must be {needed}")
    if not np.all(holds(numbers)):
        raise ValueError(f"{name}={value!r} must be {needed}")
    return numbers if numbers.ndim else value
