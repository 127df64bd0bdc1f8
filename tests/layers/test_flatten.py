"""Images become rows, in every model that the layer stands in; rows stay rows."""

import numpy as np

from layerwise.layers import Flatten


def test_images_become_rows_and_their_gradient_images():
    layer = Flatten()
    assert layer.build((2, 3, 4), rng=None, dtype=float) == (24,)
    x = np.arange(48.0).reshape(2, 2, 3, 4)
    out, cache = layer.forward(x, train=True, rng=None)
    np.testing.assert_array_equal(out, x.reshape(2, 24))
    np.testing.assert_array_equal(layer.backward(out, cache)[0], x)


def test_rows_of_a_population_pass_through():
    layer = Flatten()
    layer.build((6,), rng=None, dtype=float)
    for x in (np.ones((5, 6)), np.ones((2, 5, 6))):
        assert layer.forward(x, train=True, rng=None)[0].shape == x.shape


def test_one_layer_flattens_the_images_of_two_models():
    layer = Flatten()
    for shape in ((2, 3), (4, 5)):
        layer.build(shape, rng=None, dtype=float)
    assert layer.forward(np.ones((7, 2, 3)), train=True, rng=None)[0].shape == (7, 6)
    assert layer.forward(np.ones((7, 4, 5)), train=True, rng=None)[0].shape == (7, 20)
