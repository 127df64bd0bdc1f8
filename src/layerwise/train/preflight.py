"""Before training: is the initial loss what theory says, can a few examples be learned by heart, do signals and steps have a sane size?

Everything is tried on a copy of the model, with batches and random numbers of its own: training afterwards is to the bit what it
would have been. Each finding names the setting that would mend it, and its value, which was tried out.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.batch import in_order
from layerwise.data.rows import chunks
from layerwise.errors import look_up
from layerwise.metrics import accuracy
from layerwise.ops.table import LOSSES
from layerwise.optim.adam import adam
from layerwise.optim.choice import choose_rule
from layerwise.train.examples import checked_examples
from layerwise.train.protocol import dtype_of

EXAMPLES, FEW = 200, 20  # in the batch that is looked at, and those learned by heart
HEART_STEPS, HEART_RATES = 120, (1e-2, 1e-3)
TRIAL_STEPS, HIGHEST_RATE = 10, 1e6  # above it, lower rates are looked for from there on
MOST_BYTES = 64 * 2**20  # of a part that is searched for duplicates


@dataclass(frozen=True)
class Finding:
    """matters: whether training would suffer. knob and mend: the setting to change and the value for it, where there is one."""

    check: str
    text: str
    matters: bool = False
    knob: str = ""
    now: Any = None
    mend: Any = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Overfit:
    """learned: whether the examples were learned by heart; share of them that is right (NaN where there are no classes)."""

    learned: bool
    share: float
    first_loss: float
    last_loss: float
    steps: int


def expected_initial_loss(loss: str = "softmax", num_classes: int = 10) -> float:
    """The loss of a model that has learned nothing, and so gives every class the same score; without penalties.

    >>> round(expected_initial_loss("softmax", 10), 4), expected_initial_loss("svm", 10)
    (2.3026, 9)
    """
    at_chance = look_up(LOSSES, loss, "loss").at_chance
    if at_chance is None:
        raise ValueError(f'the loss "{loss}" compares values: what it is at first depends on the targets, not on a number of classes.')
    return at_chance(num_classes)


def overfit(model: Any, X: Array, y: Any, *, steps: int = HEART_STEPS, lr: float | None = None) -> Overfit:
    """Whether a copy of the model learns these few examples by heart, by Adam and without penalty. The model is left alone.

    A model that cannot has a wrong gradient, too few units, or examples that contradict each other.
    """
    with _kept_draws():
        for rate in HEART_RATES if lr is None else (lr,):
            found = _overfit(copy.deepcopy(model), X, y, steps, rate)
            if found.learned:
                break
    return found


def _overfit(model: Any, X: Array, y: Any, steps: int, lr: float) -> Overfit:
    classes = np.asarray(y).dtype.kind in "iub" and np.ndim(y) == 1 and not getattr(model, "ignores_labels", False)
    for name in ("reg", "reg_l1"):
        if isinstance(getattr(model, name, None), int | float):
            setattr(model, name, 0.0)
    state: dict[str, dict[str, Any]] = {name: {} for name in model.params}
    first = last = math.nan
    share = math.nan
    for step in range(steps):
        loss, grads = model.loss(X, y)
        last = float(loss)
        first = last if step == 0 else first
        for name, w in model.params.items():
            adam(w, np.asarray(grads[name]), state[name], lr=lr)
        if not math.isfinite(last):
            break
        if step % 5 == 4:
            share = float(accuracy(model.loss(X), y)) if classes else math.nan
            if share == 1.0 or (not classes and last < 0.5 * first):
                return Overfit(True, share, first, last, step + 1)
    return Overfit(False, share, first, last, steps)


def preflight(
    model: Any,
    data: Any,
    *,
    update_rule: str = "sgd",
    optim_config: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """Everything that can be told about a run before its first step; findings that matter come first.

    model, data, update_rule, optim_config as the Solver takes them. A learner's own class with params and loss will do. Nothing that
    is given is changed. Of a population nothing is said.

    >>> from layerwise.data import load_digits
    >>> from layerwise.models import SoftmaxModel
    >>> data = load_digits().with_preprocessing("scale", "flatten")
    >>> findings = preflight(SoftmaxModel(64, 10, weight_scale=10.0), data)
    >>> findings[0].check, findings[0].knob
    ('initial loss', 'weight_scale')
    """
    with _kept_draws(), np.errstate(all="ignore"):
        flight = _flight(model, data, update_rule, dict(optim_config or {}))
        found: list[Finding] = []
        for check in BEFORE:
            found += check(flight)
        if not any(finding.matters and finding.check == "labels" for finding in found):
            flight.scores = np.asarray(flight.twin().loss(flight.X))
            if flight.scores.ndim > 2 or np.ndim(flight.twin().loss(flight.X, flight.y)[0]):
                return []
            for check in CHECKS:
                found += check(flight)
    return sorted(found, key=lambda finding: not finding.matters)


@dataclass
class _Flight:
    """A batch as the model takes it, and copies of the model to try things on."""

    model: Any
    X: Array
    y: Array
    parts: tuple[Any, Any, Any, Any]
    rule: Callable[..., Any]
    options: dict[str, Any]
    classes: int  # 0 where there are none
    scores: Array = field(default_factory=lambda: np.zeros(0))

    def twin(self) -> Any:
        return copy.deepcopy(self.model)

    @property
    def loss_name(self) -> str:
        """The model's loss by its own word, or that which comes nearest to its value."""
        name = getattr(self.model, "loss_name", None)
        if name in LOSSES:
            return str(name)
        if not self.classes:
            return ""
        value = float(self.twin().loss(self.X, self.y)[0])
        return min(("softmax", "svm"), key=lambda kind: abs(float(LOSSES[kind].function(self.scores, self.y)[0]) - value))

    def data_loss(self, model: Any) -> float:
        """Without penalties, in predict mode."""
        return float(LOSSES[self.loss_name].function(np.asarray(model.loss(self.X)), self.y)[0])

    def weights(self) -> dict[str, Array]:
        return {name: w for name, w in self.model.params.items() if w.ndim > 1}


def _flight(model: Any, data: Any, update_rule: str, options: dict[str, Any]) -> _Flight:
    parts = checked_examples(data)
    X, y = parts[0], parts[1]
    rows = np.sort(np.random.default_rng(0).choice(len(X), min(EXAMPLES, len(X)), replace=False))
    (batch,) = in_order(np.asarray(X[rows]), len(rows), dtype_of(model), getattr(data, "preprocessing", None))
    labels = np.asarray(y[rows])
    is_labels = np.asarray(y[:1]).dtype.kind in "iub" and y.ndim == 1 and not getattr(model, "ignores_labels", False)
    classes = 0
    if is_labels:
        classes = int(np.asarray(copy.deepcopy(model).loss(batch[:1])).shape[-1])
    return _Flight(model, np.array(batch), labels, parts, choose_rule(update_rule, options), options, classes)


class _kept_draws:
    """NumPy's global generator, which a learner's dropout may draw from, is afterwards where it was."""

    def __enter__(self) -> None:
        self.state = np.random.get_state()  # noqa: NPY002 - it is kept, and not drawn from

    def __exit__(self, *error: object) -> None:
        np.random.set_state(self.state)  # noqa: NPY002 - as above


# What is looked at in the data


def _labels(flight: _Flight) -> Iterator[Finding]:
    if not flight.classes:
        return
    _, y_train, _, y_val = flight.parts
    for part, y in (("training", y_train), ("validation", y_val)):
        if y is None:
            continue
        y = np.asarray(y)
        low, high = int(y.min()), int(y.max())
        if low < 0 or high >= flight.classes:
            text = (
                f"labels of the {part} part run from {low} to {high}, but the model has {flight.classes} classes, 0 to {flight.classes - 1}"
            )
            mend = f": give num_classes={high + 1}" if low >= 0 else ": count labels from 0"
            yield Finding(
                "labels", text + mend, True, "num_classes" if low >= 0 else "labels", flight.classes, high + 1 if low >= 0 else None
            )
            return
    counts = np.bincount(np.asarray(y_train), minlength=flight.classes)
    missing = np.flatnonzero(counts == 0)
    if len(missing):
        named = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        yield Finding(
            "labels",
            f"no training example has the label {named}: the model has {flight.classes} classes",
            True,
            "num_classes",
            flight.classes,
        )
    share = float(counts.max() / counts.sum())
    text = f"the largest class holds {share:.1%} of the training examples"
    if share > max(0.8, 2 / flight.classes):
        text += f": to answer {counts.argmax()} always is right as often. Judge by recall per class, or weight the examples"
    yield Finding("balance", text, share > max(0.8, 2 / flight.classes), "weights")


def _inputs(flight: _Flight) -> Iterator[Finding]:
    mean, spread, largest = float(flight.X.mean()), float(flight.X.std()), float(np.abs(flight.X).max(initial=0))
    text = f"inputs have mean {mean:.3g} and deviation {spread:.3g}"
    if not spread:
        yield Finding("inputs", f"{text}: they are all the same, and tell nothing", True, "preprocess")
    elif _out_of_scale(flight.X):
        how = "scale and center pixels, standardize columns of tables"
        yield Finding("inputs", f"{text}, needed are about 0 and at most 1: {how} (--preprocess)", True, "preprocess", spread, 1.0)
    elif spread < 1e-3:
        yield Finding("inputs", f"{text}: so small that the first layer learns slowly; standardize them", True, "preprocess", spread, 1.0)
    else:
        yield Finding("inputs", f"{text}, at most {largest:.3g}")


def _duplicates(flight: _Flight) -> Iterator[Finding]:
    X_train, _, X_val, _ = flight.parts
    if X_val is None:
        return
    size = X_train.dtype.itemsize * int(np.prod(X_train.shape[1:]))
    most = max(1000, MOST_BYTES // max(1, size))
    seen = {hash(row.tobytes()) for _, rows in chunks(X_train[:most]) for row in rows}
    part = X_val[: max(100, most // 10)]
    twice = sum(hash(row.tobytes()) in seen for _, rows in chunks(part) for row in rows)
    share = twice / len(part)
    text = f"{twice} of {len(part)} validation examples stand in the training part too"
    hint = ": the validation figure will be too good. Take duplicates out before the split"
    yield Finding("duplicates", text + (hint if share > 0.01 else ""), share > 0.01, "val")


# What is tried on copies of the model


def _initial_loss(flight: _Flight) -> Iterator[Finding]:
    name = flight.loss_name
    if not name or LOSSES[name].at_chance is None:
        return
    expected = expected_initial_loss(name, flight.scores.shape[-1])
    found = flight.data_loss(flight.twin())
    text = f"initial loss {found:.2f}, expected {expected:.2f}"
    if not math.isfinite(found):
        yield Finding("initial loss", f"{text}: the scores are not finite. Look at the inputs and at weight_scale", True, "weight_scale")
    elif found > 2 * expected:
        yield _too_large(flight, text, expected)
    elif found < 0.5 * expected:
        yield Finding(
            "initial loss", f"{text}: the model knows the labels already. Is it trained, or are the labels among the inputs?", True
        )
    else:
        yield Finding("initial loss", text)


def _too_large(flight: _Flight, text: str, expected: float) -> Finding:
    """By how much scores are too large, and the weights that would mend it, both found by trying."""
    loss, bound = LOSSES[flight.loss_name].function, 1.05 * expected
    shrink = _largest(lambda c: float(loss(c * flight.scores, flight.y)[0]) <= bound)
    weights = flight.weights()
    spreads = {name: float(w.std()) for name, w in weights.items()}
    text += f": scores are {_times(1 / shrink)}× too large" if shrink else ": scores are far too large"
    if _out_of_scale(flight.X):
        return Finding("initial loss", f"{text}, as the inputs are", True, "preprocess")
    if not spreads:
        return Finding("initial loss", text, True, "weight_scale")
    alike = max(spreads.values()) <= 1.25 * min(spreads.values())
    names, knob = (list(spreads), "weight_scale") if alike else ([list(spreads)[-1]], f"the weights {list(spreads)[-1]}")

    def fits(c: float) -> bool:
        twin = flight.twin()
        for name in names:
            twin.params[name] = (twin.params[name] * c).astype(twin.params[name].dtype)
        return flight.data_loss(twin) <= bound

    scale = _largest(fits)
    if not scale:
        return Finding("initial loss", f"{text}; smaller weights alone do not mend it: look at the inputs", True, "preprocess")
    now, mend = spreads[names[0]], spreads[names[0]] * scale
    return Finding("initial loss", f"{text}; {knob} {now:.2g} → {mend:.2g}", True, knob, now, mend)


def _times(factor: float) -> str:
    return f"{factor:,.0f}" if factor >= 9.5 else f"{factor:.2g}"


def _out_of_scale(X: Array) -> bool:
    return float(X.std()) > 10 or abs(float(X.mean())) > 10


def _largest(holds: Callable[[float], bool]) -> float:
    """The largest factor from 1e-6 up to 1 with which this holds, to a tenth or so; 0 if there is none."""
    low, high = -6.0, 0.0
    if not holds(10**low):
        return 0.0
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(10**middle) else (low, middle)
    return float(10**low)


def _penalty(flight: _Flight) -> Iterator[Finding]:
    reg = getattr(flight.model, "reg", None)
    if isinstance(reg, bool) or not isinstance(reg, int | float) or not flight.weights():
        return

    def loss(strength: float) -> float:
        twin = flight.twin()
        twin.reg = strength
        with _kept_draws():
            return float(twin.loss(flight.X, flight.y)[0])

    plain, more = loss(0.0), loss(max(1.0, reg))
    if not more > plain:
        yield Finding("penalty", f"reg does nothing: the loss is {plain:.4g} with reg = 0, and {more:.4g} with more", True, "reg", reg)
        return
    share = (loss(float(reg)) - plain) / max(abs(plain), 1e-12) if reg else 0.0
    text = f"the penalty is {_times(share)} times the loss on data"
    if share > 1:
        mend = reg * 0.1 / share
        yield Finding(
            "penalty", f"{text}: training would shrink weights rather than learn; reg {reg:.2g} → {mend:.2g}", True, "reg", reg, mend
        )
    else:
        yield Finding("penalty", text if reg else "the penalty raises the loss, as it should")


def _by_heart(flight: _Flight) -> Iterator[Finding]:
    _, first = np.unique(flight.X.reshape(len(flight.X), -1), axis=0, return_index=True)  # equal inputs may bear different labels
    rows = np.sort(first)[:FEW]
    found = overfit(flight.model, flight.X[rows], flight.y[rows])
    if found.learned:
        yield Finding("by heart", f"{len(rows)} examples are learned by heart in {found.steps} steps")
        return
    what = f"{found.share:.0%} of them right" if math.isfinite(found.share) else f"the loss {found.first_loss:.3g} → {found.last_loss:.3g}"
    hint = "The gradient is wrong, the net too small, or inputs and initial weights are out of scale"
    yield Finding("by heart", f"{len(rows)} examples cannot be learned by heart ({what} after {found.steps} steps). {hint}", True, "model")


def _activations(flight: _Flight) -> Iterator[Finding]:
    activations = getattr(flight.model, "activations", None)
    if activations is None:
        return
    outputs = {name: np.asarray(a) for name, a in flight.twin().activations(flight.X).items()}
    hidden = list(outputs)[:-1]
    spread = {name: float(outputs[name].std()) for name in hidden}
    dead = {name: _dead_share(outputs[name]) for name in hidden if name.endswith("activation")}
    start = float(flight.X.std())
    if hidden and start:
        last = hidden[-1]
        ratio = spread[last] / start
        text = f"the deviation is {start:.2g} in the inputs and {spread[last]:.2g} after layer {last}"
        if not 1e-3 < ratio < 1e3:
            mend = _he_scale(flight)
            word = "fade" if ratio <= 1e-3 else "blow up"
            now = float(next(iter(flight.weights().values())).std())
            text += f": signals {word}; weight_scale {now:.2g} → {mend:.2g} (√(2 / inputs), or he_normal)"
            yield Finding("signals", text, True, "weight_scale", now, mend)
        else:
            yield Finding("signals", text)
    if dead:
        worst = max(dead, key=lambda name: dead[name])
        text = f"{dead[worst]:.0%} of the units of layer {worst} are 0 for every example"
        hint = ": they cannot learn. Begin with biases 0 and centred inputs, or use the activation leaky_relu"
        yield Finding("dead units", text + (hint if dead[worst] > 0.5 else ""), dead[worst] > 0.5, "activation", mend="leaky_relu")


def _dead_share(a: Array) -> float:
    return float((a == 0).all(axis=0).mean()) if a.size else 0.0


def _he_scale(flight: _Flight) -> float:
    """√(2 / inputs) of the hidden layers, the smallest of them."""
    counts = [int(np.prod(w.shape[:-1])) if w.ndim == 2 else int(np.prod(w.shape[1:])) for w in flight.weights().values()]
    return math.sqrt(2 / max(counts[:-1] or counts))


def _step(flight: _Flight) -> Iterator[Finding]:
    lr = flight.options.get("lr", flight.options.get("learning_rate"))
    if lr is None or np.ndim(lr):
        return
    before, after, ratio = _trial(flight, float(lr))
    text = f"a step changes the weights by {ratio:.1e} of their size"
    if not after <= 3 * before + 1:
        if not math.isfinite(before):
            return
        for mend in _lower(float(lr)):
            first, last, ratio = _trial(flight, mend)
            if last < first:
                text = f"with lr {lr:.2g} the loss rises from {before:.3g} to {after:.3g} in {TRIAL_STEPS} steps; lr {lr:.2g} → {mend:.2g}"
                yield Finding("step", text, True, "lr", lr, mend)
                return
            if ratio < 1e-6:  # so small a step goes down, if the gradient does
                break
        yield Finding("step", f"the loss rises with any lr down to {mend:.1e}: the gradient points the wrong way", True, "model")
    elif ratio < 1e-6 and before - after < 1e-4 * abs(before):
        for mend in (float(lr) * 10**k for k in range(1, 13)):
            first, last, _ = _trial(flight, mend)
            if last < 0.99 * first:
                yield Finding("step", f"{text}: too little to learn; lr {lr:.2g} → {mend:.2g}", True, "lr", lr, mend)
                return
        yield Finding("step", text)
    else:
        yield Finding("step", text)


def _lower(lr: float) -> Iterator[float]:
    """Rates below this one, by thirds at first and by tenths where it is far too large."""
    lr = min(lr, HIGHEST_RATE)
    for tried in itertools.count():
        lr /= 3 if tried < 11 else 10
        yield lr


def _trial(flight: _Flight, lr: float) -> tuple[float, float, float]:
    """The loss before and after some steps on the one batch, and how far the first step went, as a share of the weights."""
    twin, state = flight.twin(), {name: dict[str, Any]() for name in flight.model.params}
    options = {**flight.options, "lr": lr}
    losses, ratio = [], 0.0
    for step in range(TRIAL_STEPS):
        loss, grads = twin.loss(flight.X, flight.y)
        losses.append(float(loss))
        if not math.isfinite(losses[-1]):
            return losses[0], math.inf, ratio
        for name, w in twin.params.items():
            old = w.copy() if step == 0 and w.ndim > 1 else None
            flight.rule(w, np.asarray(grads[name]), state[name], **options)
            if old is not None:
                ratio = max(ratio, float(np.linalg.norm(w - old)) / max(float(np.linalg.norm(old)), 1e-12))
    last = float(twin.loss(flight.X, flight.y)[0])
    return losses[0], last if math.isfinite(last) else math.inf, ratio


BEFORE = (_labels, _inputs, _duplicates)
CHECKS = (_initial_loss, _penalty, _by_heart, _activations, _step)


def summary(findings: list[Finding]) -> str:
    """The findings that matter, a line each; or one line that says what was looked at."""
    matter = [finding.text for finding in findings if finding.matters]
    if matter:
        return "\n".join(f"Pre-flight: {text}" for text in matter)
    told = [finding.text for finding in findings if finding.check in ("initial loss", "by heart")]
    return f"Pre-flight: {'; '.join(told) or 'nothing to mend'}"
