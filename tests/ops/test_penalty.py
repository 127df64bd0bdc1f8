"""Penalties: loops over the weights, per member, in blocks, in any layout; biases of a population; sign(0) = 0."""

import numpy as np
import pytest
from tests.drawing import LAYOUTS, close
from tests.oracles.penalty import l1, l2

from layerwise.arrays import members_first
from layerwise.blocks import BLOCK
from layerwise.ops import add_l1_penalty, add_l2_penalty

PENALTIES = {"l2": (add_l2_penalty, l2), "l1": (add_l1_penalty, l1)}
both = pytest.mark.parametrize(("add", "oracle"), PENALTIES.values(), ids=PENALTIES)


def drawn(shape, dtype=np.float64):
    rng = np.random.default_rng(0)
    return rng.normal(size=shape).astype(dtype), rng.normal(size=shape).astype(dtype)


@both
@pytest.mark.parametrize("shape", [(4, 3), (5,), (2, 3, 2, 2)])
def test_a_penalty_of_one_model_is_the_loop_over_its_weights(add, oracle, shape):
    w, dw = drawn(shape)
    before, kept = dw.copy(), w.copy()
    penalty, slopes = oracle(w, 0.7)
    close(add(dw, w, 0.7), penalty)
    close(dw - before, np.reshape(slopes, shape))
    np.testing.assert_array_equal(w, kept)


@both
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_each_member_has_its_own_penalty(add, oracle, layout):
    w, dw = (layout(a) for a in drawn((3, 4, 2)))
    before, regs = dw.copy(), np.array([0.0, 0.1, 2.0])
    total = add(dw, w, regs)
    assert total.shape == (3,)
    for i, reg in enumerate(regs):
        penalty, slopes = oracle(w[i], reg)
        close(total[i], penalty)
        close((dw - before)[i], np.reshape(slopes, (4, 2)))


@both
def test_one_number_serves_all_members(add, oracle):
    w, dw = drawn((3, 4, 2))
    close(add(dw, w, 0.5), [oracle(w[i], 0.5)[0] for i in range(3)])


@both
def test_biases_of_a_population_have_one_axis_of_their_own(add, oracle):
    b, db = drawn((3, 4))
    before, regs = db.copy(), np.array([0.1, 0.2, 0.3])
    close(add(db, b, regs, axes=1), [oracle(b[i], regs[i])[0] for i in range(3)])
    close(db - before, [oracle(b[i], regs[i])[1] for i in range(3)])


@both
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("shape", [(300, 257), (3, 130, 257), (130, 3, 257)])
def test_blocks_are_the_whole(add, oracle, layout, shape):
    w, dw = (layout(a) for a in drawn(shape))
    assert w.nbytes > 2 * BLOCK
    before, regs = dw.copy(), np.linspace(0.1, 2, shape[0]) if len(shape) == 3 else 0.3
    total = add(dw, w, regs)
    pairs = [oracle(w, regs)] if len(shape) == 2 else [oracle(w[i], reg) for i, reg in enumerate(regs)]
    close(total, [penalty for penalty, _ in pairs] if len(shape) == 3 else pairs[0][0], 1e-11)
    close(dw - before, np.reshape([slopes for _, slopes in pairs], shape))


@both
def test_a_penalty_has_the_dtype_of_the_weights(add, oracle):
    w, dw = drawn((500, 400), np.float32)
    total = add(dw, w, 0.1)
    assert (total.dtype, dw.dtype) == (np.float32, np.float32)
    assert total == pytest.approx(oracle(w.astype(np.float64), 0.1)[0], rel=1e-5)


def test_l1_does_not_push_a_zero():
    dw = np.zeros(4)
    assert add_l1_penalty(dw, np.array([0.0, -0.0, 2.0, -3.0]), 0.5) == 2.5
    np.testing.assert_array_equal(dw, [0, 0, 0.5, -0.5])


def test_l2_by_hand():
    dw = np.ones((1, 2))
    assert add_l2_penalty(dw, np.array([[3.0, -4.0]]), 0.2) == 2.5
    close(dw, [[1.6, 0.2]])


@both
def test_a_nan_stays_with_its_member(add, oracle):
    w, dw = (members_first(a) for a in drawn((3, 4, 2)))
    w[1, 0, 0] = np.nan
    np.testing.assert_array_equal(np.isnan(add(dw, w, np.array([0.1, 0.2, 0.3]))), [False, True, False])
    assert np.isfinite(dw[[0, 2]]).all()


@both
def test_as_many_numbers_as_members_are_asked_for(add, oracle):
    w, dw = drawn((3, 4, 2))
    with pytest.raises(ValueError, match=r"a per-member setting has shape \(2,\).*give a number or \(3,\)"):
        add(dw, w, np.array([0.1, 0.2]))
