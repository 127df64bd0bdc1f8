"""The terms of every recipe add up to the op's own value and gradients: they are the op's formula, taken apart."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import away_from_kinks

from layerwise import ops, optim
from layerwise.gradcheck.table import TERMS
from layerwise.gradcheck.term import Case, Edit, Kitchen, edited, needs, single_edits
from layerwise.gradcheck.update import POSITIVE
from layerwise.ops import batchnorm, convolution, layernorm, pooling, spatial_norm

seeds = st.integers(0, 2**32 - 1)
SIZES = {"N": 5, "D": 4, "M": 3, "K": 6, "C": 4, "F": 3, "H": 6, "W": 8, "HH": 2, "WW": 4, "...": (5, 4)}
MODULES = (ops, batchnorm, layernorm, spatial_norm, convolution, pooling)
OPTIONS = {
    "spatial_groupnorm": {"groups": 2},
    "conv": {"stride": 2, "pad": 1},
    "max_pool": {"pool_height": 3, "pool_width": 2, "stride": 1},
    "average_pool": {"pool_height": 3, "pool_width": 2, "stride": 1},
    "leaky_relu": {"negative_slope": 0.1},
    "elu": {"alpha": 0.7},
    "linear_softmax_loss": {"reg": 0.3},
    "linear_svm_loss": {"reg": 0.3},
    "huber_loss": {"delta": 0.6},
    "svm_loss": {"margin": 1.5},
    "dropout": {"keep_prob": 0.7},
}
PAIRS = [name for name, recipe in TERMS.items() if recipe.guessable and not recipe.loss]
LOSSES = [name for name, recipe in TERMS.items() if recipe.loss and not name.endswith("_penalty")]
RULES = [name for name, recipe in TERMS.items() if not recipe.guessable]


def found(name):
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


def arrays(recipe, rng):
    def shape(letters):
        return SIZES["..."] if letters == "..." else tuple(SIZES[letter] for letter in letters.split())

    return {name: away_from_kinks(rng, shape(letters)) for name, letters in recipe.arrays.items()}


def close(actual, desired):
    np.testing.assert_allclose(actual, desired, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", PAIRS)
@given(seed=seeds)
def test_the_terms_of_a_pair_add_up_to_its_forward_and_backward(name, seed):
    rng = np.random.default_rng(seed)
    recipe, options = TERMS[name], dict(OPTIONS.get(name, {}))
    given_arrays = arrays(recipe, rng)
    extra = {"rng": np.random.default_rng(1)} if name == "dropout" else {}
    out, cache = found(f"{name}_forward")(*given_arrays.values(), **options, **extra)
    dout = rng.normal(size=out.shape)
    grads = found(f"{name}_backward")(dout, cache)
    values = {**recipe.options, **options, **given_arrays, "dout": dout}
    if recipe.infer:
        values |= Kitchen(recipe, {**values, "out": out}).call(recipe.infer)
    kitchen = Kitchen(recipe, values)
    close(kitchen.total("out"), out)
    grads = grads if isinstance(grads, tuple) else (grads,)
    assert recipe.gradients() == [f"d{array}" for array in recipe.arrays]
    for result, grad in zip(recipe.gradients(), grads, strict=True):
        close(kitchen.total(result), grad)


@pytest.mark.parametrize("name", LOSSES)
@given(seed=seeds)
def test_the_terms_of_a_loss_add_up_to_its_value_and_gradient(name, seed):
    rng = np.random.default_rng(seed)
    recipe, options = TERMS[name], dict(OPTIONS.get(name, {}))
    given_arrays = arrays(recipe, rng)
    n, k = SIZES["N"], SIZES["K"]
    y = rng.integers(k, size=n) if recipe.labels else rng.uniform(size=(n, k))
    arguments = {"margin": options.pop("margin")} if "margin" in options and name == "svm_loss" else {}
    loss, dx = found(name)(*given_arrays.values(), y, **options, **arguments)
    kitchen = Kitchen(recipe, {**recipe.options, **options, **arguments, **given_arrays, "y": y})
    close(kitchen.total("out"), loss)
    close(kitchen.total(recipe.gradients()[0]), dx)


@pytest.mark.parametrize("name", ["l1_penalty", "l2_penalty"])
def test_the_terms_of_a_penalty_are_those_of_our_own(name):
    W, dW = np.arange(-2.0, 4).reshape(2, 3), np.zeros((2, 3))
    value = getattr(ops, f"add_{name}")(dW, W, 0.3)
    kitchen = Kitchen(TERMS[name], {"W": W, "reg": 0.3})
    close(kitchen.total("out"), value)
    close(kitchen.total("dW"), dW)


@pytest.mark.parametrize("name", RULES)
@given(seed=seeds)
def test_the_terms_of_a_rule_add_up_to_its_step_and_state(name, seed):
    rng = np.random.default_rng(seed)
    recipe = TERMS[name]
    given_arrays = arrays(recipe, rng)
    given_arrays |= {key: np.abs(a) for key, a in given_arrays.items() if key in POSITIVE}
    counts = {key: value for key, value in {"t": 4, "momentum_product": 0.6}.items() if key in recipe.options}
    kitchen = Kitchen(recipe, {**recipe.options, **given_arrays, **counts})
    w, dw, *state = given_arrays.values()
    states = dict(zip(list(recipe.arrays)[2:], (np.copy(a) for a in state), strict=True)) | counts
    moved = w.copy()
    optim.RULES[name](moved, dw, states, **{key: value for key, value in recipe.options.items() if key not in counts})
    close(kitchen.total("out"), moved)
    for result in recipe.gradients():
        close(kitchen.total(result), states[result])


def test_every_rule_has_a_recipe():
    assert set(optim.RULES) == set(RULES)


def test_every_op_with_a_gradient_has_a_recipe():
    with_gradient = {name for name, op in ops.OPS.items() if op.has_gradient}
    assert with_gradient <= TERMS.keys()
    assert {name if name.endswith("_loss") else f"{name}_loss" for name in ops.LOSSES} <= TERMS.keys()


@pytest.mark.parametrize("name", TERMS)
def test_every_function_of_a_recipe_takes_ingredients_that_the_recipe_has(name):
    recipe = TERMS[name]
    known = {*recipe.arrays, *recipe.ingredients, *recipe.options, *recipe.results, "dout", "y", "mask", "scale"}
    functions = [
        *recipe.ingredients.values(),
        *(swap.value for swap in recipe.swaps),
        *(term.value for terms in recipe.results.values() for term in terms),
    ]
    for function in functions:
        assert set(needs(function)) <= known, inspect.getsource(function) if inspect.isfunction(function) else function
    assert {swap.place for swap in recipe.swaps} <= known | {""}
    assert all(swap.targets for swap in recipe.swaps if not swap.place)
    assert {*recipe.factors, *recipe.numbers} <= known


@pytest.mark.parametrize("name", TERMS)
def test_no_two_swaps_of_a_recipe_have_the_same_words(name):
    told = [(swap.place, swap.instead) for swap in TERMS[name].swaps]
    assert len(told) == len(set(told))


def test_a_swap_is_made_in_one_term_or_in_all_or_in_what_follows_too():
    recipe = TERMS["batchnorm"]
    rng = np.random.default_rng(0)
    values = {"x": rng.normal(size=(5, 3)), "gamma": rng.normal(size=3), "beta": np.zeros(3), "eps": 0.0, "dout": rng.normal(size=(5, 3))}
    kitchen = Kitchen(recipe, values)
    case = Case(kitchen, values, np.zeros((5, 3)))
    swap = next(swap for swap in recipe.swaps if swap.place == "dx_hat" and "forgotten" in swap.instead)
    right = kitchen.terms("dx")
    alone = edited(case, "dx", [Edit("swap", "dx_hat", "", "the direct term", swap=swap)])
    close(alone[0], values["dout"] * kitchen["inv_std"])
    close(alone[1], right[1])
    deep = edited(case, "dx", [Edit("swap", "dx_hat", "", deep=True, swap=swap)])
    close(deep[2] - np.zeros((5, 3)), -values["dout"].mean(0) * kitchen["inv_std"] + np.zeros((5, 3)))
    power = edited(case, "dx", [Edit("power", "inv_std", "", power=1.0)])
    close(power[0], right[0] * kitchen["inv_std"])


def test_each_single_edit_is_listed_once():
    for recipe in TERMS.values():
        for result in recipe.results:
            edits = list(single_edits(recipe, result))
            assert len(edits) == len(set(edits))
