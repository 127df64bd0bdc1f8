import numpy as np
import pytest

from layerwise.report import data_figure, figure
from layerwise.report.style import WIDTH

COUNTS = {"train": np.array([30, 10]), "val": np.array([5, 5]), "test": np.array([0, 20])}


def title(drawn):
    return drawn.get_suptitle().replace("\n", " ")


def test_bars_are_shares_of_their_part():
    drawn = data_figure.class_balance(COUNTS, ("cat", "dog"))
    (axes,) = drawn.axes
    widths = [[bar.get_width() for bar in bars] for bars in axes.containers]
    assert widths == [[75, 25], [50, 50], [0, 100]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training (40)", "validation (10)", "test (20)"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["cat", "dog"]
    assert title(drawn) == "Every class has 35 examples"
    assert title(data_figure.class_balance({"train": np.array([3, 5])})) == "Classes have 3 to 5 examples"


def test_of_many_classes_some_are_shown():
    drawn = data_figure.class_balance({"train": np.arange(1, 201)})
    assert len(drawn.axes[0].containers[0]) == 40
    assert title(drawn).endswith("40 of 200")
    assert drawn.get_figheight() < 9


@pytest.mark.parametrize("channels", [1, 3])
def test_mean_images_share_their_shades_and_a_class_without_examples_is_left_out(channels):
    means = np.full((3, channels, 4, 4), 100.0)
    means[1] = np.nan
    drawn = data_figure.mean_images(np.full((channels, 4, 4), 255.0), means, ("a", "b", "c"))
    images = drawn.axes[0].get_images()
    assert [text.get_text() for text in drawn.axes[0].texts] == ["all", "a", "c"]
    assert [int(image.get_array().max()) for image in images] == [255, 100, 100]


def test_a_histogram_has_a_line_for_each_channel_up_to_full_scale():
    pixels = np.zeros((3, 256), int)
    pixels[:, 0], pixels[:, 16] = 30, 10
    drawn = data_figure.pixel_histogram(pixels, full_scale=16)
    (axes,) = drawn.axes
    assert [line.get_label() for line in axes.lines] == ["red", "green", "blue"]
    np.testing.assert_allclose(axes.lines[0].get_ydata()[[0, 8, 16]], [75, 0, 25])
    assert title(drawn) == "Pixels: 75 % at 0, 25 % at 16"
    assert title(data_figure.pixel_histogram(pixels[:1], full_scale=16)) == "Pixels: 75 % black, 25 % white"
    assert len({text.get_window_extent().y0 for text in axes.get_legend().get_texts()}) == 1  # side by side


def test_mean_images_of_ten_classes_leave_one_gap():
    drawn = data_figure.mean_images(np.zeros((1, 4, 4)), np.zeros((10, 1, 4, 4)))
    tops = [image.get_extent()[3] for image in drawn.axes[0].get_images()]
    assert [tops.count(top) for top in sorted(set(tops))] == [4, 4, 3]


def test_figures_are_as_wide_as_the_others_and_can_be_saved(tmp_path):
    drawings = [
        data_figure.class_balance(COUNTS),
        data_figure.mean_images(np.zeros((1, 4, 4))),
        data_figure.pixel_histogram(np.eye(256, dtype=int)[:1]),
    ]
    for k, drawn in enumerate(drawings):
        assert drawn.get_figwidth() == WIDTH
        assert all(path.stat().st_size > 1000 for path in figure.save(drawn, tmp_path / str(k)))
