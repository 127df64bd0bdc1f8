"""A file that says something else is told from one that differs by rounding."""

import numpy as np
import pytest
from tests.export.case import examples, of_loss

from layerwise.errors import ExportError
from layerwise.export.proof import prove, said_by_model


def changed(loss, name, index, by):
    model = of_loss(loss)
    X = examples(model)
    said = {key: np.array(value) for key, value in said_by_model(model, X).items()}
    said[name][index] += np.asarray(by, said[name].dtype)
    return model, X, said


def test_the_same_and_what_rounding_makes_of_it_is_proved():
    assert prove(*changed("softmax", "score", 0, 0)).difference == 0
    proof = prove(*changed("softmax", "score", (3, 1), 1e-6))
    assert 5e-7 < proof.difference < 2e-6


@pytest.mark.parametrize(
    ("loss", "name", "index", "by", "words"),
    [
        ("softmax", "score", (3, 1), 0.1, "of 20 examples 1 have another score, the first, 3, by 0.1"),
        ("softmax", "probability", (5, 0), 0.01, "of 20 examples 1 have another probability, the first, 5, by 0.01"),
        ("softmax", "score", (2, 0), np.nan, "have another score, the first, 2, by nan"),
        ("squared", "value", (0, 2), 1, "have another value, the first, 0, by 1"),
        ("softmax", "label", 4, 1, "the label of example 4 is"),
        ("softmax", "label", 4, 99, "the label of example 4 is"),
        ("softmax", "label", 4, -99, "the label of example 4 is"),
        ("binary_cross_entropy", "label", (4, 0), 1, "the label of example 4 is"),
    ],
)
def test_what_says_something_else_is_caught(loss, name, index, by, words):
    with pytest.raises(ExportError, match=words):
        prove(*changed(loss, name, index, by))


def test_of_two_scores_that_are_equal_either_class_will_do():
    model = of_loss("softmax")
    model.params["W2"][:, 1], model.params["b2"][1] = model.params["W2"][:, 0], model.params["b2"][0]
    model.params["b2"][:2] += 100
    X = examples(model)
    said = said_by_model(model, X)
    assert set(said["label"].tolist()) == {0}
    prove(model, X, {**said, "label": np.ones(len(X), int)})
    with pytest.raises(ExportError, match="the label of example 0 is"):
        prove(model, X, {**said, "label": np.full(len(X), 2)})


def test_a_probability_of_large_scores_is_still_looked_at():
    model = of_loss("softmax")
    X = examples(model)
    model.params["W2"] *= 1e6
    said = said_by_model(model, X)
    said["probability"] = said["probability"] * 0.9
    with pytest.raises(ExportError, match="have another probability"):
        prove(model, X, said)


@pytest.mark.parametrize("name", ["label", "score"])
def test_another_shape_is_told(name):
    model = of_loss("softmax")
    X = examples(model)
    said = said_by_model(model, X)
    with pytest.raises(ExportError, match=rf"the {name} has shape \(19"):
        prove(model, X, {**said, name: said[name][1:]})
