"""What every layer promises, tested on each row of LAYERS, and each promise tested on a layer that breaks it."""

import copy
import json

import numpy as np
import pytest
from tests.contract import broken, contract_over, refusal
from tests.drawing import TOLERANCE, close
from tests.layers.case import cases, forward

from layerwise.gradcheck import slope_gap
from layerwise.layers import LAYERS, Activation, Dense, Flatten
from layerwise.models import Sequential

contract = contract_over(cases)


@contract
def contract_grads_are_those_of_params(case):
    """The gradients have the keys, shapes and dtypes of params."""
    layer = case.layer()
    out, cache = forward(layer, case.x())
    dx, grads = layer.backward(case.dout(out), cache)
    assert out.dtype == dx.dtype == case.dtype, f"out {out.dtype}, dx {dx.dtype}"
    assert list(grads) == list(layer.params), f"the keys are {list(grads)}"
    for name, w in layer.params.items():
        assert (grads[name].shape, grads[name].dtype) == (w.shape, w.dtype), f"{name}: {grads[name].shape}, {grads[name].dtype}"


@contract
def contract_slope(case):
    """backward is the slope of forward by x and by every parameter, in training and in prediction."""
    if case.dtype is not np.float64:
        return
    layer = case.layer()
    for train in (True, False):

        def moved(x, *params, train=train):
            layer.params = dict(zip(layer.params, params, strict=True))
            return forward(layer, x, train)

        def backward(dout, cache):
            dx, grads = layer.backward(dout, cache)
            return (dx, *grads.values())

        gap = slope_gap(moved, backward, [case.x(), *layer.params.values()], case.rng)
        assert gap < 1e-6, f"the gradient is off by {gap:.2g} of itself, train={train}"


@contract
def contract_need_dx(case):
    layer = case.layer()
    out, cache = forward(layer, case.x())
    dout = case.dout(out)
    dx, grads = layer.backward(dout, cache, need_dx=False)
    assert dx is None, "dx was computed"
    for name, grad in layer.backward(dout, cache)[1].items():
        np.testing.assert_array_equal(grads[name], grad)


@contract
def contract_output_shape(case):
    layer = case.layer()
    assert forward(layer, case.x())[0].shape == (5, *layer.output_shape(case.input_shape))


@contract
def contract_nothing_is_written(case):
    layer, x = case.layer(), case.x()
    x_before, params = x.copy(), copy.deepcopy(layer.params)
    out, cache = forward(layer, x)
    dout = case.dout(out)
    dout_before = dout.copy()
    layer.backward(dout, cache)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(dout, dout_before)
    for name, w in params.items():
        np.testing.assert_array_equal(layer.params[name], w)


@contract
def contract_cache_travels_with_the_call(case):
    """One layer that stands twice gets the sum of the gradients that two equal layers get."""
    layer = case.layer()
    if layer.output_shape(case.input_shape) != case.input_shape:
        return
    x, twins = case.x(), (copy.deepcopy(layer), copy.deepcopy(layer))
    out, dx, grads = through(layer, layer, x)
    twins_out, twins_dx, twins_grads = through(*twins, x)
    np.testing.assert_array_equal(out, twins_out)
    close(dx, twins_dx, TOLERANCE[case.dtype])
    for name in layer.params:
        close(grads[name], twins_grads[name], TOLERANCE[case.dtype])


def through(first, second, x):
    """out, dx, and the sum of both layers' gradients, for a dout of ones."""
    between, first_cache = forward(first, x)
    out, second_cache = forward(second, between)
    dbetween, grads = second.backward(np.ones_like(out), second_cache)
    dx, others = first.backward(dbetween, first_cache)
    return out, dx, {name: grads[name] + others[name] for name in grads}


@contract
def contract_train_differs_only_if_declared(case):
    layer, x = case.layer(), case.x(50)
    differs = not np.array_equal(forward(layer, x, train=True)[0], forward(layer, x, train=False)[0])
    assert differs == layer.train_differs, f"train_differs is {layer.train_differs}, but the outputs {'differ' if differs else 'agree'}"


@contract
def contract_prediction_moves_nothing(case):
    layer = case.layer()
    kept = copy.deepcopy((layer.params, layer.buffers))
    layer.forward(case.x(), train=False, rng=None)
    for before, after in zip(kept, (layer.params, layer.buffers), strict=True):
        for name, a in before.items():
            np.testing.assert_array_equal(after[name], a)


@contract
def contract_config_makes_it_again(case):
    """config() goes through JSON, names every option, and the layer made from it has the same shapes and does the same."""
    layer = case.layer()
    config = json.loads(json.dumps(layer.config()))
    missing = {name: value for name, value in case.options.items() if config.get(name) != value}
    assert not missing, f"config() has lost {missing}"
    again = case.row(**config)
    again.build(case.input_shape, rng=np.random.default_rng(0), dtype=case.dtype)
    assert again.config() == layer.config()
    x = case.x()
    np.testing.assert_array_equal(forward(again, x)[0], forward(layer, x)[0])


@contract
def contract_built_once(case):
    """Building again, as a second model does, leaves the parameters; another input shape is refused where there are any."""
    layer = case.layer()
    params = dict(layer.params)
    layer.build(case.input_shape, rng=np.random.default_rng(1), dtype=case.dtype)
    assert all(layer.params[name] is w for name, w in params.items()), "the parameters were drawn again"
    if params:
        longer = (*case.input_shape[:-1], case.input_shape[-1] + 1)
        text = refusal(ValueError, layer.build, longer, rng=None, dtype=case.dtype)
        assert f"built for examples of shape {case.input_shape}, and is now given {longer}" in text, text


CONTRACTS = [value for name, value in list(globals().items()) if name.startswith("contract_") and hasattr(value, "name")]


@pytest.mark.parametrize("check", CONTRACTS, ids=lambda check: check.name)
@pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS)
def test_every_layer_keeps_the_contract(row, check):
    check(row, np.random.default_rng(0))


@pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS)
def test_every_layer_is_listed_under_its_kind(row):
    assert LAYERS[row.kind] is row


def test_a_layer_of_every_kind_stands_twice_in_a_model():
    for case in (case for row in LAYERS.values() for case in cases(row, np.random.default_rng(0))):
        layer = case.row(**case.options)
        if case.layer().output_shape(case.input_shape) == case.input_shape:
            tied = Sequential([layer, layer, Flatten(), Dense(3)], input_shape=case.input_shape, dtype=case.dtype)
            _, grads = tied.loss(case.x(), np.array([0, 1, 2, 0, 1]))
            assert list(grads) == list(tied.params)


# Offenders: each differs from a right layer in one line, and breaks one contract.


class GradientsInFloat64(Dense):
    def backward(self, dout, cache, *, need_dx=True):
        dx, grads = super().backward(dout, cache, need_dx=need_dx)
        return dx, {name: grad.astype(np.float64) for name, grad in grads.items()}


class ForgetsHalfOfTheBias(Dense):
    def backward(self, dout, cache, *, need_dx=True):
        dx, grads = super().backward(dout, cache, need_dx=need_dx)
        return dx, grads | {"b": grads["b"] * grads["b"].dtype.type(0.5)}


class AlwaysComputesDx(Dense):
    def backward(self, dout, cache, *, need_dx=True):
        return super().backward(dout, cache)


class AnnouncesItsInputShape(Dense):
    def output_shape(self, input_shape):
        return super().output_shape(input_shape) if self.input_shape is None else (input_shape[0] + 1,)


class MasksDoutInPlace(Activation):
    kind = "masks"  # takes no options

    def __init__(self, name="relu"):
        super().__init__(name)

    def backward(self, dout, cache, *, need_dx=True):
        dout *= cache > 0
        return dout if need_dx else None, {}


class KeepsItsCache(Dense):
    def forward(self, x, *, train, rng):
        out, self.last = super().forward(x, train=train, rng=rng)
        return out, None

    def backward(self, dout, cache, *, need_dx=True):
        return super().backward(dout, self.last, need_dx=need_dx)


class AddsOneInTraining(Dense):
    def forward(self, x, *, train, rng):
        out, cache = super().forward(x, train=train, rng=rng)
        return out + out.dtype.type(train), cache


class CountsItsCalls(Dense):
    def forward(self, x, *, train, rng):
        self.buffers["calls"] = self.buffers.get("calls", np.zeros(())) + 1
        return super().forward(x, train=train, rng=rng)

    def make(self, input_shape, *, rng, dtype):
        super().make(input_shape, rng=rng, dtype=dtype)
        self.buffers["calls"] = np.zeros(())


class ForgetsItsInitializer(Dense):
    def config(self):
        return super().config() | {"weights": "he_normal"}


class DrawsAgain(Dense):
    def build(self, input_shape, *, rng, dtype):
        shape = super().build(input_shape, rng=rng, dtype=dtype)
        self.make(input_shape, rng=rng, dtype=dtype)
        return shape


OFFENDERS = {
    "grads are those of params": GradientsInFloat64,
    "slope": ForgetsHalfOfTheBias,
    "need dx": AlwaysComputesDx,
    "output shape": AnnouncesItsInputShape,
    "nothing is written": MasksDoutInPlace,
    "cache travels with the call": KeepsItsCache,
    "train differs only if declared": AddsOneInTraining,
    "prediction moves nothing": CountsItsCalls,
    "config makes it again": ForgetsItsInitializer,
    "built once": DrawsAgain,
}


def test_every_contract_has_an_offender():
    assert list(OFFENDERS) == [check.name for check in CONTRACTS]


@pytest.mark.parametrize(("name", "row"), OFFENDERS.items(), ids=OFFENDERS)
def test_an_offender_breaks_its_contract_and_no_other(name, row):
    assert broken(CONTRACTS, row) == [name]
