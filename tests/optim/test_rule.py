"""What every update rule promises, tested on each row of RULES, and each promise tested on a rule that breaks it."""

import inspect
import json
import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save
from tests.oracles.rule import ORACLES

from layerwise.arrays import members_first
from layerwise.blocks import BLOCK, walk
from layerwise.optim import RULES, adadelta, adam, adamw, nesterov, options_of, sgd, sgd_momentum
from layerwise.optim.coefficient import cast

LAYOUTS = {"C": np.ascontiguousarray, "F": np.asfortranarray, "members first": members_first}
VALUES = np.array([0.2, 0.5, 0.9])  # every option of every rule may have any of these


def arrays(count, shape=(3, 4, 5), dtype=np.float64, layout="C"):
    rng = np.random.default_rng(0)
    return [LAYOUTS[layout](rng.normal(size=shape).astype(dtype)) for _ in range(count)]


def after(rule, w, gradients, **options):
    """w after a step along each of the gradients, and the state; what was given stays as it is."""
    w, state = np.copy(w), {}
    for dw in gradients:
        rule(w, np.copy(dw), state, **options)
    return w, state


def close(actual, desired, rtol=1e-12):
    np.testing.assert_allclose(actual, desired, rtol=rtol, atol=rtol)


# The contracts.


def takes_options_by_keyword_and_all_have_defaults(rule):
    parameters = list(inspect.signature(rule).parameters.values())
    assert [p.name for p in parameters[:3]] == ["w", "dw", "state"]
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters[3:])
    assert not any(options_of(rule).values())


def reaches_the_bottom_of_a_parabola(rule):
    bottom = np.array([-2.0, 0.5, 3.0])
    w, state, lr = np.ones(3), {}, max(0.3, inspect.signature(rule).parameters["lr"].default)
    options = {"decay": 0.0} if "decay" in options_of(rule) else {}  # decay draws to 0, not to the bottom
    for rest in np.linspace(1, 0, 2000):
        rule(w, 2 * (w - bottom), state, lr=lr * rest, **options)
    close(w, bottom, rtol=1e-3)


def starts_from_nothing(rule):
    (w,) = arrays(1)
    _, state = after(rule, w, [np.zeros_like(w)])
    for value in state.values():
        assert np.shape(value) != w.shape or not np.any(value)


def keeps_the_dtype(rule):
    for dtype in (np.float32, np.float64):
        w, *gradients = arrays(3, dtype=dtype)
        w, state = after(rule, w, gradients)
        assert w.dtype == dtype
        assert all(value.dtype == dtype for value in state.values() if np.shape(value) == w.shape)


def works_coefficients_out_in_float64(rule):
    dw = arrays(1, dtype=np.float32)[0]
    single, _ = after(rule, np.zeros_like(dw), [dw])
    double, _ = after(rule, np.zeros(dw.shape), [dw.astype(np.float64)])
    np.testing.assert_allclose(single, double, rtol=1e-6)


def leaves_dw_as_it_was(rule):
    w, dw = arrays(2)
    before, state = dw.copy(), {}
    rule(w, dw, state)
    rule(w, dw, state)
    np.testing.assert_array_equal(dw, before)


def takes_one_value_per_member(rule):
    w, *gradients = arrays(4)
    for name in options_of(rule):
        stacked, _ = after(rule, w, gradients, **{name: VALUES.reshape(3, 1, 1)})
        for i, value in enumerate(VALUES.tolist()):
            alone, _ = after(rule, w[i], [dw[i] for dw in gradients], **{name: value})
            close(stacked[i], alone)


def does_in_pieces_what_it_does_in_whole(rule):
    for layout in LAYOUTS:
        for dw_layout in {layout, "C"}:
            w, dw = arrays(2, (3, 230, 250), np.float32, layout)
            dw = LAYOUTS[dw_layout](dw)
            assert w[0].nbytes < BLOCK < w.nbytes / 2
            pieces, _ = after(rule, w, [dw, dw])
            for i in range(3):
                whole, _ = after(rule, w[i], [dw[i], dw[i]])
                np.testing.assert_array_equal(pieces[i], whole)


def keeps_the_strides(rule):
    for layout in LAYOUTS:
        w, *gradients = arrays(3, layout=layout)
        strides = w.strides
        w, state = after(rule, w, gradients)
        assert w.strides == strides
        assert all(value.strides == strides for value in state.values() if np.shape(value) == w.shape)


def survives_a_checkpoint(rule):
    w, *gradients = arrays(7, layout="members first")
    unbroken, _ = after(rule, w, gradients)
    w, state = after(rule, w, gradients[:3])
    numbers = {name: value for name, value in state.items() if not np.ndim(value)}
    for written in (numbers, {}):  # numbers as JSON, and as arrays like the rest
        restored = load(save({name: np.array(value, order="C") for name, value in state.items() if name not in written}))
        restored |= json.loads(json.dumps(written))
        resumed = np.copy(w)
        for dw in gradients[3:]:
            rule(resumed, np.copy(dw), restored)
        np.testing.assert_array_equal(resumed, unbroken)


def lets_members_leave(rule):
    options = dict.fromkeys(options_of(rule), VALUES.reshape(3, 1, 1))
    w, *gradients = arrays(5)
    all_three, _ = after(rule, w, gradients, **options)
    w, state = after(rule, w, gradients[:2], **options)
    keep = [0, 2]
    kept = {name: value[keep] if np.ndim(value) else value for name, value in state.items()}
    w = w[keep]
    for dw in gradients[2:]:
        rule(w, dw[keep], kept, **{name: value[keep] for name, value in options.items()})
    close(w, all_three[keep])


CONTRACTS = [
    takes_options_by_keyword_and_all_have_defaults,
    reaches_the_bottom_of_a_parabola,
    starts_from_nothing,
    keeps_the_dtype,
    works_coefficients_out_in_float64,
    leaves_dw_as_it_was,
    takes_one_value_per_member,
    does_in_pieces_what_it_does_in_whole,
    keeps_the_strides,
    survives_a_checkpoint,
    lets_members_leave,
]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
@pytest.mark.parametrize("name", RULES)
def test_every_rule_keeps_every_contract(name, contract):
    contract(RULES[name])


# A rule with one wrong line for each contract.


def positional(w, dw, state, lr=1e-2):
    sgd(w, dw, state, lr=lr)


def uphill(w, dw, state, *, lr=1e-2):
    sgd(w, -dw, state, lr=lr)


def flying_start(w, dw, state, *, lr=1e-2):
    if not state:
        state["velocity"] = np.ones_like(w)
    sgd_momentum(w, dw, state, lr=lr)


def wide_state(w, dw, state, *, lr=1e-2):
    if not state:
        state["velocity"] = np.zeros_like(w, dtype=np.float64)
    sgd_momentum(w, dw, state, lr=lr)


def casts_first(w, dw, state, *, lr=1e-2, beta=0.999):
    one, low = cast(w, 1, beta)
    sgd(w, dw, state, lr=lr * (one - low) / (1 - beta))


def scales_dw_in_place(w, dw, state, *, lr=1e-2):
    sgd(w, dw, state, lr=lr)
    dw *= 0.5


def first_members_rate(w, dw, state, *, lr=1e-2):
    lr = np.ravel(lr)[0]
    sgd(w, dw, state, lr=lr)


def first_piece_only(w, dw, state, *, lr=1e-2):
    w, dw = next(walk(w, dw))
    sgd(w, dw, state, lr=lr)


def state_in_c_order(w, dw, state, *, lr=1e-2):
    if not state:
        state["velocity"] = np.zeros(w.shape, w.dtype)
    sgd_momentum(w, dw, state, lr=lr)


def remembers_a_function(w, dw, state, *, lr=1e-2):
    state["rule"] = sgd
    sgd(w, dw, state, lr=lr)


def count_of_one_axis(w, dw, state, *, lr=1e-2):
    state["t"] = state.get("t", np.zeros(1)) + 1
    sgd(w, dw, state, lr=lr)


OFFENDERS = dict(
    zip(
        CONTRACTS,
        [
            positional,
            uphill,
            flying_start,
            wide_state,
            casts_first,
            scales_dw_in_place,
            first_members_rate,
            first_piece_only,
            state_in_c_order,
            remembers_a_function,
            count_of_one_axis,
        ],
        strict=True,
    )
)


def breaks(rule, contract):
    try:
        contract(rule)
    except (AssertionError, IndexError, TypeError):
        return True
    return False


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_a_rule_that_breaks_one_contract_is_caught_by_that_one(contract):
    offender = OFFENDERS[contract]
    assert [each.__name__ for each in CONTRACTS if breaks(offender, each)] == [contract.__name__]


# The formulas.


def test_every_rule_has_an_oracle():
    assert ORACLES.keys() == RULES.keys()


def oracle_gap(name, rule, seed, steps, options):
    rng = np.random.default_rng(seed)
    w, gradients = rng.normal(size=3), list(rng.normal(size=(steps, 3)))
    expected = [ORACLES[name](w[i].item(), [dw[i].item() for dw in gradients], **options) for i in range(3)]
    return np.abs(after(rule, w, gradients, **options)[0] - expected).max()


@pytest.mark.parametrize("name", RULES)
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 6), data=st.data())
def test_every_rule_does_what_its_paper_says(name, seed, steps, data):
    options = {option: data.draw(st.floats(0.01, 0.99), option) for option in options_of(RULES[name])}
    assert oracle_gap(name, RULES[name], seed, steps, options) < 1e-9


def test_a_rule_that_departs_from_its_paper_is_caught():
    def adam_with_eps_under_the_root(w, dw, state, *, eps, **options):
        adam(w, dw, state, eps=eps**2, **options)

    options = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 0.1}
    assert oracle_gap("adam", adam_with_eps_under_the_root, 0, 4, options) > 1e-3


DEFAULTS = {
    "sgd": {"lr": 1e-2},
    "sgd_momentum": {"lr": 1e-2, "momentum": 0.9},
    "nesterov": {"lr": 1e-2, "momentum": 0.9},
    "rmsprop": {"lr": 1e-2, "decay_rate": 0.99, "eps": 1e-8},
    "adagrad": {"lr": 1e-2, "eps": 1e-8},
    "adadelta": {"lr": 1.0, "rho": 0.95, "eps": 1e-6},
    "adam": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    "adamw": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "decay": 1e-2},
    "nadam": {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "schedule_decay": 4e-3},
}


def test_defaults_are_the_courses_and_the_papers():
    for name, rule in RULES.items():
        parameters = inspect.signature(rule).parameters.values()
        assert {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY} == DEFAULTS[name]


@pytest.mark.parametrize("name", ["sgd_momentum", "rmsprop", "adam"])
def test_the_numbers_that_the_course_prints(name):
    row = json.loads((Path(__file__).parent.parent / "expected.json").read_text())[name]
    inputs = {
        key: np.linspace(*value[1:3], math.prod(value[3])).reshape(value[3]) for key, value in row.items() if "linspace" in str(value)
    }
    w, dw, state = inputs.pop("w"), inputs.pop("dw"), inputs
    if "t" in row:
        state["t"] = row["t"]
    RULES[name](w, dw, state, lr=row["learning_rate"])
    for key in (key for key in row if key.startswith("next_")):
        actual, expected = {"w": w, **state}[key.removeprefix("next_")], np.array(row[key])
        assert np.max(np.abs(actual - expected) / np.maximum(1e-8, np.abs(actual) + np.abs(expected))) < row["relative_error"]


def test_first_steps_on_numbers_done_by_hand():
    def first_step(rule, **options):
        return after(rule, np.array([2.0]), [np.array([3.0])], **options)[0].item()

    assert first_step(sgd, lr=0.5) == 0.5  # 2 - 0.5 · 3
    assert first_step(nesterov, lr=0.5, momentum=0.5) == -0.25  # velocity -1.5; 2 + 0.5 · -1.5 - 1.5
    assert first_step(adam, lr=0.5, eps=3.0) == pytest.approx(1.75)  # m̂ = 3, √v̂ = 3; 2 - 0.5 · 3 / (3 + 3)
    assert first_step(adamw, lr=0.5, eps=3.0, decay=0.25) == pytest.approx(1.5)  # and 0.5 · 0.25 · 2 less
    assert first_step(adadelta, rho=0.0, eps=7.0) == pytest.approx(2 - 3 * np.sqrt(7) / 4)  # √7 / √(9 + 7) · 3


# Peers: these tests exist where the peer is installed.

if find_spec("torch"):

    def torch_optimizer(name, parameters):
        import torch

        o = dict(DEFAULTS[name])
        betas = {"betas": (o.pop("beta1"), o.pop("beta2"))} if "beta1" in o else {}
        theirs = {"decay_rate": "alpha", "decay": "weight_decay", "schedule_decay": "momentum_decay"}
        o = {theirs.get(option, option): value for option, value in o.items()} | betas
        kind = {"sgd_momentum": "SGD", "nesterov": "SGD", "rmsprop": "RMSprop", "sgd": "SGD", "adamw": "AdamW", "nadam": "NAdam"}
        nesterov = {"nesterov": True} if name == "nesterov" else {}
        return getattr(torch.optim, kind.get(name, name.capitalize()))(parameters, **o, **nesterov)

    @pytest.mark.peer
    @pytest.mark.parametrize("name", RULES)
    def test_every_rule_agrees_with_pytorch(name):
        import torch

        w, *gradients = arrays(21)
        theirs = torch.nn.Parameter(torch.tensor(w))
        optimizer = torch_optimizer(name, [theirs])
        for dw in gradients:
            theirs.grad = torch.tensor(dw)
            optimizer.step()
        close(after(RULES[name], w, gradients)[0], theirs.detach().numpy(), rtol=1e-10)
