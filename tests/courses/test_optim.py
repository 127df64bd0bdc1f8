"""Rules with the course's configs: updated in place, their arrays replaced, the caller's left alone."""

import numpy as np
import pytest
from benchmarks import plain_course as plain

from layerwise.courses.cs231n.cs231n import optim


@pytest.mark.parametrize("name", ["sgd", "sgd_momentum", "rmsprop", "adam"])
@pytest.mark.parametrize("given", [{}, {"learning_rate": 0.3}])
def test_five_steps_are_the_plain_rules(name, given):
    rng = np.random.default_rng(3)
    w = rng.normal(size=(4, 3))
    ours, theirs, config, expected = w.copy(), w.copy(), dict(given), dict(given)
    for _ in range(5):
        dw = rng.normal(size=(4, 3))
        ours, same = getattr(optim, name)(ours, dw, config)
        theirs, expected = getattr(plain, name)(theirs, dw, expected)
        assert same is config
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert config.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(config[key], value, rtol=1e-12)


@pytest.mark.parametrize(("name", "memory"), [("sgd_momentum", ["velocity"]), ("rmsprop", ["cache"]), ("adam", ["m", "v"])])
def test_the_callers_arrays_are_left_alone(name, memory):
    w, dw, kept = np.ones(3), np.ones(3), {key: np.full(3, 0.5) for key in memory}
    config = dict(kept)
    next_w, _ = getattr(optim, name)(w, dw, config)
    assert next_w is not w
    assert w.tolist() == dw.tolist() == [1, 1, 1]
    for key in memory:
        assert kept[key].tolist() == [0.5] * 3
        assert config[key].tolist() != [0.5] * 3


def test_sgd_changes_w_itself_and_no_config_is_needed():
    w = np.ones(2)
    next_w, config = optim.sgd(w, np.ones(2))
    assert next_w is w
    assert w.tolist() == [0.99, 0.99]
    assert config == {"learning_rate": 1e-2}
    assert optim.adam(w, np.ones(2))[1]["t"] == 1


def test_a_config_with_t_alone_counts_on():
    assert optim.adam(np.ones(2), np.ones(2), {"t": 5})[1]["t"] == 6
