"""Five steps with our settings are five steps with the other's, for the settings that docs/conventions.md calls the same."""

import json
import math
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tests.convention.case import CASES, FIGURES, ROWS, Case, our_steps, problem, stored
from tests.convention.peer import MODULES, PEERS, WIDE, spread

from layerwise.initializers import initializer

ROUNDING = dict.fromkeys(CASES, 1e-12) | {"keras": 1e-7}  # Keras takes part of a step in float32, whatever its floatx
PAGE = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("peer", "name"), ROWS)
def test_our_first_five_steps_are_the_others(peer, name):
    theirs, masks = stored(peer, name)
    np.testing.assert_allclose(our_steps(CASES[peer][name], masks), theirs, rtol=0, atol=ROUNDING[peer])


@pytest.mark.parametrize(("peer", "name"), ROWS)
def test_without_the_setting_they_would_not_be(peer, name):
    case, (theirs, masks) = CASES[peer][name], stored(peer, name)
    plain = our_steps(Case({}, rates=case.rates))
    assert np.abs(plain - theirs).max() > 1e-3
    assert (masks is not None) == ("keep_prob" in case.model)


@pytest.mark.parametrize(
    ("peer", "name", "wrong"),
    [
        ("keras", "l2", Case({}, {"reg": 0.15})),  # the half forgotten
        ("cs231n", "A1: reg", Case({}, {"reg": 0.3})),
        ("scikit-learn", "alpha", Case({}, {"reg": 4.8})),  # not divided by the batch
        ("pytorch", "weight_decay", Case({}, {"reg": 0.3})),  # biases left out
        ("pytorch", "Dropout", Case({}, {"keep_prob": 0.4})),  # dropped for kept
        ("pytorch", "AdamW", Case({}, {"reg": 0.3}, rule="adam", rates=(2.0**-6,) * 5)),  # decay through Adam's scaling
        (
            "pytorch",
            "momentum, the rate halved",
            Case({}, rule="sgd_momentum", options={"momentum": 0.9}, rates=CASES["pytorch"]["momentum, the rate halved"].rates),
        ),
        ("scikit-learn", "adam", Case({}, rule="adam", options={"eps": 0.01}, rates=(2.0**-6,) * 5)),  # epsilon as ours
    ],
)
def test_a_setting_taken_over_as_it_is_differs(peer, name, wrong):
    theirs, masks = stored(peer, name)
    assert np.abs(our_steps(wrong, masks) - theirs).max() > 1e-3


def test_by_hand_the_first_step_without_any_setting_is_the_rate_times_the_slope():
    start = problem()
    scores = np.maximum(start["X"] @ start["W1"] + start["b1"], 0) @ start["W2"] + start["b2"]
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    shares[np.arange(16), start["y"]] -= 1
    np.testing.assert_allclose(our_steps(Case({}))[0][-3:], start["b2"] - 0.125 * shares.mean(axis=0), rtol=1e-12)


SPREADS = {  # what the other draws by default or by this name -> what draws as widely here
    ("pytorch", "Linear"): math.sqrt(1 / (3 * WIDE[0])),
    ("scikit-learn", "relu"): "glorot_uniform",
    ("scikit-learn", "logistic"): math.sqrt(2 / sum(WIDE) / 3),
    **{("keras", name): name for name in ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal")},
}


def kept_spread(peer):
    return json.loads((FIGURES / f"{peer}.json").read_text())["spread"]


@pytest.mark.parametrize(("peer", "name"), SPREADS)
def test_initial_weights_are_as_wide_as_the_others(peer, name):
    ours = initializer(SPREADS[peer, name])(WIDE, rng=np.random.default_rng(0), dtype=np.float64)
    deviation, largest = kept_spread(peer)[name]
    assert ours.std() == pytest.approx(deviation, rel=0.01)
    if str(SPREADS[peer, name]).endswith("uniform"):
        assert np.abs(ours).max() == pytest.approx(largest, rel=0.001)


def test_kerass_normal_draws_end_at_two_deviations_and_pytorchs_and_scikit_learns_biases_are_no_zeros():
    for name in ("glorot_normal", "he_normal", "lecun_normal"):
        deviation, largest = kept_spread("keras")[name]
        assert largest == pytest.approx(2 * deviation / 0.8796, rel=0.01)
    assert kept_spread("pytorch")["Linear, biases"][1] == pytest.approx(1 / math.sqrt(WIDE[0]), rel=0.01)
    assert kept_spread("scikit-learn")["relu, biases"][1] == pytest.approx(math.sqrt(6 / sum(WIDE)), rel=0.01)


def test_the_page_speaks_of_every_case():
    told = re.findall(r"<!-- (\S+): (.+?) -->", PAGE)
    assert sorted(told) == sorted(ROWS)


INSTALLED = [peer for peer in PEERS if peer not in MODULES or find_spec(MODULES[peer])]


@pytest.mark.peer
@pytest.mark.parametrize(("peer", "name"), [(peer, name) for peer, name in ROWS if peer in INSTALLED])
def test_the_figures_that_are_kept_are_the_others_own(peer, name):
    case, (kept, masks) = CASES[peer][name], stored(peer, name)
    found, drawn = PEERS[peer](case.theirs, case.rates)
    if masks is not None and not np.array_equal(masks, drawn):  # another version of the other draws other noise
        np.testing.assert_allclose(our_steps(case, drawn), found, rtol=0, atol=ROUNDING[peer])
        return
    np.testing.assert_allclose(found, kept, rtol=0, atol=ROUNDING[peer])


@pytest.mark.peer
@pytest.mark.parametrize("peer", [peer for peer in MODULES if peer in INSTALLED])
def test_the_spread_that_is_kept_is_the_others_own(peer):
    for name, figures in spread(peer).items():
        np.testing.assert_allclose(figures, kept_spread(peer)[name], rtol=0.03)
