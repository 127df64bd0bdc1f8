"""Each form of an array keeps its shape, and differs from it; where it would not, or is not finite, there is none."""

import numpy as np
import pytest

from layerwise.gradcheck.form import FORMS, formed

ARRAYS = [np.random.default_rng(0).normal(size=shape) * 3 for shape in ((4, 4), (3, 5), (6,), (2, 3, 4, 4))]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_has_the_shape_of_the_array_and_is_another_array(name):
    made = [(a, form) for a in ARRAYS if (form := formed(name, a)) is not None]
    assert made
    for a, form in made:
        assert form.shape == a.shape
        assert not np.allclose(form, a)


@pytest.mark.parametrize("name", FORMS)
def test_a_number_has_a_form_or_none(name):
    form = formed(name, np.array(2.0))
    assert form is None or form.shape == ()


def test_what_is_not_finite_is_no_form():
    assert formed("its rows normalised to length 1", np.zeros((2, 3))) is None
