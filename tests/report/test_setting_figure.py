"""Accuracy over one setting, for several lines at once."""

import numpy as np
import pytest

from layerwise.report.setting_figure import accuracy_over


def test_each_line_may_have_a_band_of_its_own():
    (axes,) = accuracy_over(
        [1, 2], {"SGD": [0.1, 0.2], "RMSprop": [0.3, 0.4]}, "depth", intervals={"RMSprop": [[0.25, 0.35], [0.35, 0.45]]}
    ).axes
    (band,) = axes.collections
    assert band.get_facecolor()[0][:3] == pytest.approx(np.array([0xD5, 0x5E, 0x00]) / 255)  # that of the second line
    assert {y for _, y in band.get_paths()[0].vertices} == {0.25, 0.35, 0.45}


def test_a_band_for_no_line_is_refused():
    with pytest.raises(ValueError, match=r'there are intervals for "RMSProp", but no line of that name\. Did you mean "RMSprop"'):
        accuracy_over([1], {"RMSprop": [0.3]}, "depth", intervals={"RMSProp": [[0, 1]]})


def test_initial_scales_stand_on_an_axis_of_decades():
    figure = accuracy_over([1e-4, 1e-2, 1.0], {"3 layers": [0.1, 0.9, 0.5]}, "initial scale", log=True, ylabel="training accuracy")
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert axes.get_ylabel() == "training accuracy"
    assert " ".join(figure.get_suptitle().split()) == "Highest training accuracy 0.9 at initial scale = 0.01"
