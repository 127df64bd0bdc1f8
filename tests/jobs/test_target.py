import numpy as np
import pytest

from layerwise.data import Dataset
from layerwise.jobs.target import TargetScale, errors_of, share_explained
from layerwise.models import FullyConnectedNet


@pytest.mark.parametrize("shape", [(50,), (50, 3)])
def test_scaled_targets_have_mean_0_and_deviation_1_in_their_own_shape(shape):
    y = np.random.default_rng(0).normal(1e5, 1e3, shape)
    scaled = TargetScale.of(y).apply(y)
    assert scaled.shape == shape
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(scaled.std(axis=0), 1)


def test_a_constant_target_is_only_moved():
    assert TargetScale.of(np.full(4, 7.0)).apply(np.array([7.0, 9.0])).tolist() == [0, 2]


def test_a_net_that_took_over_the_scale_puts_out_the_targets_units():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 4)), rng.normal(300, 20, (20, 2))
    scale, net = TargetScale.of(y), FullyConnectedNet([5], input_dim=4, num_classes=2, loss="squared", dtype=np.float64)
    before = net.forward(X)
    scale.fold_into(net)
    np.testing.assert_allclose(scale.apply(net.forward(X)), before, atol=1e-12)


def test_all_parts_of_a_data_set_are_scaled_as_its_training_part():
    data = Dataset(np.zeros((2, 1)), np.array([100.0, 300.0]), X_test=np.zeros((1, 1)), y_test=np.array([500.0]))
    scaled = TargetScale.of(data.y_train).over(data)
    assert (scaled.y_train.tolist(), scaled.y_val, scaled["y_test"].tolist()) == ([-1, 1], None, [3])


def test_the_share_explained_is_that_of_r_squared_on_the_training_part():
    rng = np.random.default_rng(0)
    y = rng.normal(5, 3, 40)
    values = (y + rng.normal(size=40))[:, None]
    scale = TargetScale.of(y)
    assert share_explained(scale.apply(values), scale.apply(y)) == pytest.approx(errors_of(values, y)["r2"])


def test_errors_on_numbers_done_by_hand():
    figures = errors_of(np.array([[1.0], [2.0], [6.0]]), np.array([1.0, 4.0, 4.0]))
    assert figures == pytest.approx({"rmse": (8 / 3) ** 0.5, "mae": 4 / 3, "r2": 1 - 8 / 6})
    assert "r2" not in errors_of(np.zeros((2, 1)), np.ones(2))
