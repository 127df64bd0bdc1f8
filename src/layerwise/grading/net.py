"""Judges net classes: parameters, scores, loss and gradients, against ours with the same weights."""

import inspect
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.grading.case import ORDINARY, Case, labels
from layerwise.grading.compare import as_array, judged, same, unpacked
from layerwise.grading.layer import STREAM
from layerwise.grading.learner import Learner, NotDoneError, guarded
from layerwise.grading.task import Task
from layerwise.grading.verdict import NOT_DONE, RIGHT, Remark, remark

REG = 0.7


def judge_two_layer(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """TwoLayerNet(input_dim, hidden_dim, num_classes, weight_scale, reg), or with std and reg given to loss."""
    old = "std" in _parameters(learner, name)
    scale = {"std": 1e-2} if old else {"weight_scale": 1e-2}
    sizes = (40, 50, 7)

    def build(reg: float) -> Any:
        return learner.function(name)(*sizes, **scale, **({} if old else {"reg": reg}))

    yield from _judge(learner, build, [50], 40, 7, 1e-2, reg_in_loss=old, penalty=1.0 if old else 0.5)


def judge_fully_connected(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """FullyConnectedNet(hidden_dims, input_dim, num_classes, ...), with each normalization that it takes."""
    known = _parameters(learner, name)
    kinds = [None, *(("batchnorm", "layernorm") if "normalization" in known else ())]
    for kind in kinds:
        options = {} if kind is None else {"normalization": kind}

        def build(reg: float, options: Mapping[str, Any] = options) -> Any:
            return learner.function(name)([30, 20], input_dim=40, num_classes=7, reg=reg, weight_scale=5e-2, dtype=np.float64, **options)

        found = list(_judge(learner, build, [30, 20], 40, 7, 5e-2, normalization=kind))
        for one in found:
            yield one if kind is None else _about(one, f'normalization="{kind}"')
        if found and kind is None and any(one.verdict != RIGHT for one in found):
            return
    yield from _dropout(learner, name, known)


def _about(found: Remark, what: str) -> Remark:
    lines = tuple(tuple(f"{what}: {line}" for line in lines) for lines in found.lines)
    return Remark(found.kind, lines, found.verdict)


def _parameters(learner: Learner, name: str) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(learner.function(name)).parameters)
    except (TypeError, ValueError):
        return ()


def _judge(
    learner: Learner,
    build: Any,
    hidden: list[int],
    width: int,
    classes: int,
    scale: float,
    *,
    normalization: str | None = None,
    reg_in_loss: bool = False,
    penalty: float = 0.5,
) -> Iterator[Remark]:
    from layerwise.models import FullyConnectedNet  # imported here: most workers judge no net

    net = build(0.0)
    params = getattr(net, "params", None)
    if not isinstance(params, dict) or not params:
        raise NotDoneError("params is empty")
    ours = FullyConnectedNet(hidden, input_dim=width, num_classes=classes, normalization=normalization, dtype=np.float64)
    wrong = list(_initial(params, ours.params, scale))
    yield from wrong
    if wrong:
        return
    rng = np.random.default_rng(STREAM)
    for key, w in ours.params.items():
        w[...] = rng.normal(1.0 if key.startswith("gamma") else 0.1, 0.3, size=w.shape)
        params[key] = w.copy()
    X, y = rng.normal(size=(6, width)), labels(rng, 6, classes)
    case = Case(ORDINARY, {"X": X, "y": y})
    loss = _guarded(learner, net, "loss")
    scores = loss(X.copy())
    if scores is None:
        raise NotDoneError("loss(X) returns None, where scores are needed")
    if normalization != "batchnorm" and (found := judged(scores, ours.loss(X), "scores", case)):
        yield found
        return
    for reg in (0.0, REG):
        net = build(reg)
        net.params.update({key: w.copy() for key, w in ours.params.items()})
        given = X.copy()
        result = _guarded(learner, net, "loss")(given, y, *((reg,) if reg_in_loss else ()))
        value, grads = unpacked(result, ("loss", "grads"), "loss")
        if value is None or not grads:
            raise NotDoneError("loss(X, y) returns no gradients yet")
        if not same(given, X):
            yield remark("writes its input", "loss writes into X, which belongs to the caller", term="Work on a copy: X = X.copy()")
        differences = list(_compared(value, grads, ours, case, reg, penalty))
        yield from differences
        if differences:
            return


def _guarded(learner: Learner, net: Any, method: str) -> Any:
    function = getattr(net, method, None)
    if function is None:
        raise NotDoneError(f"it has no method {method}")
    return guarded(function, learner.path)


def _initial(params: Mapping[str, Any], ours: Mapping[str, Array], scale: float) -> Iterator[Remark]:
    for key, w in ours.items():
        if params.get(key) is None:
            yield remark("not done", f"params[{key!r}] is missing", verdict=NOT_DONE)
            return
        own = as_array(params[key], f"params[{key!r}]")
        if own.shape != w.shape:
            yield remark("shape", f"params[{key!r}] has shape {own.shape}, where {w.shape} is needed")
        elif key[0] == "W":
            off = abs(float(own.std()) - scale) > 6 * scale / math.sqrt(2 * own.size)
            if off or abs(float(own.mean())) > 6 * scale / math.sqrt(own.size):
                yield remark(
                    "initial weights",
                    f"params[{key!r}] has mean {own.mean():.2g} and deviation {own.std():.3g}, where 0 and {scale:g} are needed",
                    term=f"{key} = weight_scale * np.random.randn(...)",
                )
        elif not np.array_equal(own, np.ones(w.shape) if key.startswith("gamma") else np.zeros(w.shape)):
            yield remark("initial weights", f"params[{key!r}] must begin with {'ones' if key.startswith('gamma') else 'zeros'}")


def _compared(value: Any, grads: Mapping[str, Any], ours: Any, case: Case, reg: float, penalty: float) -> Iterator[Remark]:
    """Loss and gradients against ours, in the convention that the loss follows."""
    X, y = case.arrays["X"], case.arrays["y"]
    ours.reg = 0.0
    data, slopes = ours.loss(X, y)
    squares = sum(float((w**2).sum()) for key, w in ours.params.items() if key[0] == "W")
    number = float(as_array(value, "loss").ravel()[0]) if np.size(value) == 1 else math.nan
    fitting = [c for c in (penalty, 0.5, 1.0) if abs(number - (data + c * reg * squares)) <= 1e-6 * abs(number)]
    if not fitting:
        right = float(data + penalty * reg * squares)
        with_reg = f" with reg = {reg:g}" if reg else ""
        kind, term = _loss_term(number, float(data), reg, squares, ours.params)
        yield remark(
            "value",
            f"loss is {number:.6g}{with_reg}, where {right:.6g} is right",
            how=f"Kind of mistake: {kind}" if kind else "",
            term=term,
        )
        return
    c = fitting[0]
    for key, slope in slopes.items():
        if key not in grads or grads[key] is None:
            yield remark("not done", f"grads[{key!r}] is missing", verdict=NOT_DONE)
            continue
        w = ours.params[key]
        extra = 2 * c * reg * w if key[0] == "W" else np.zeros_like(w)
        found = judged(grads[key], slope + extra, f"grads[{key!r}]", case, key)
        if found:
            kind, term = _gradient_term(key, np.asarray(grads[key]), slope, extra, w, reg, len(X))
            yield remark(found.kind, found.lines[1][0], how=f"Kind of mistake: {kind}" if kind else "", term=term)
            return
    surplus = sorted(set(grads) - set(slopes))
    if surplus:
        yield remark("keys", f"grads has keys that params has not: {', '.join(map(str, surplus))}")
    if reg and c != penalty:
        names = {0.5: "½·λ·ΣW²", 1.0: "λ·ΣW²"}
        yield remark("convention", f"You use the other convention: {names[c]}; the sheet has {names[penalty]}", verdict=RIGHT)


def _loss_term(value: float, data: float, reg: float, squares: float, params: Mapping[str, Array]) -> tuple[str, str]:
    if not reg:
        return "", ""
    share = (value - data) / (reg * squares)
    first = float((params["W1"] ** 2).sum()) / squares
    everything = sum(float((w**2).sum()) for w in params.values()) / squares
    near = {
        "the penalty is missing: add 0.5 * reg * np.sum(W * W) for each W": 0.0,
        "the penalty of the first layer only is added: add that of each W": first / 2,
        "biases are penalised too: only the weights W are": everything / 2,
        "the penalty is subtracted": -0.5,
        "the penalty is there twice": 2.0,
    }
    found = next((text for text, number in near.items() if abs(share - number) < 1e-6), "")
    return ("penalty", f"In the loss, {found}") if found else ("", "")


def _gradient_term(key: str, got: Array, slope: Array, extra: Array, w: Array, reg: float, n: int) -> tuple[str, str]:
    if got.shape != slope.shape:
        return "", ""
    near = {
        "lacks the penalty's part: add reg * W": slope,
        "has the penalty's part twice": slope + 2 * extra,
        "has half of the penalty's part": slope + extra / 2,
        "has a penalty, which biases have not": slope + reg * w,
        "has the penalty's part with the wrong sign": slope - extra,
        "lacks the factor 1/N": n * slope + extra,
        "is divided by N once too often": slope / n + extra,
        "has the wrong sign": -(slope + extra),
    }
    for text, candidate in near.items():
        if not same(candidate, slope + extra) and np.allclose(got, candidate, rtol=1e-6, atol=1e-9):
            return "penalty" if "penalty" in text else "factor", f"grads[{key!r}] {text}"
    return "", "Look at the layer's own functions first: check them with this command too"


def _dropout(learner: Learner, name: str, known: tuple[str, ...]) -> Iterator[Remark]:
    """With dropout and a seed: prediction draws nothing, training does, and its gradient is the slope of its loss."""
    word = next((word for word in ("dropout_keep_ratio", "dropout") if word in known), None)
    if word is None:
        return
    rng = np.random.default_rng([STREAM, 5])
    X, y = rng.normal(size=(5, 12)), labels(rng, 5, 4)
    net = learner.function(name)([10], input_dim=12, num_classes=4, weight_scale=0.3, dtype=np.float64, seed=123, **{word: 0.6})
    loss = _guarded(learner, net, "loss")
    if not same(loss(X.copy()), loss(X.copy())):
        yield remark("dropout", f"With {word}=0.6, loss(X) gives other scores at each call: in test mode nothing is dropped")
        return
    w, index = net.params["W1"], (1, 2)
    results = unpacked(loss(X.copy(), y), ("loss", "grads"), "loss")
    if not same(results[0], unpacked(loss(X.copy(), y), ("loss", "grads"), "loss")[0]):
        yield remark(
            "dropout", f"With {word}=0.6 and a seed, the loss changes from call to call", term="Pass dropout_param with its seed on"
        )
        return
    values = []
    before = float(w[index])
    for step in (1e-5, -1e-5):
        w[index] = before + step
        values.append(float(unpacked(loss(X.copy(), y), ("loss", "grads"), "loss")[0]))
    w[index] = before
    slope = (values[0] - values[1]) / 2e-5
    got = float(as_array(results[1].get("W1"), "grads['W1']")[index])
    if abs(got - slope) > 1e-4 * max(abs(slope), 1e-2):
        raise_with = f"grads['W1']{list(index)} is {got:.6g}, where the slope is {slope:.6g}, with {word}=0.6"
        yield remark("dropout", raise_with, term="In the backward, dropout_backward takes the cache of this call's dropout_forward")
