"""Figures: what is on them, at every size of input, and the same bytes each time."""

import subprocess
import sys
import textwrap
import warnings
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.text import Text

from layerwise.report.figure import (
    accuracy_over,
    compared_curves,
    confusion_figure,
    heat_map,
    image_pairs,
    landscape,
    layer_statistics,
    misclassified,
    sample_grid,
    save,
    scatter_landscape,
    scatter_pair,
    training_curves,
    weight_images,
)

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 3, 8, 8), dtype=np.uint8)
WEIGHTS = RNG.normal(size=(192, 4))
LABELS = np.arange(40) % 4
AWKWARD = ["cost $x_{1}$", "<b> & </b>", "a very long name of a class indeed", "naïve_日本 ^ \\frac"]
HOSTILE = ["two\nlines\x1b[31m", "\x00", "", "$"]


def history(num_steps=40, members=(None,), losses=lambda step: 2.3 / step):
    rows = []
    for member in members:
        which = {} if member is None else {"member": member}
        share = 0.5 if member is None else member / 10
        rows += [{"step": step, "epoch": step // 10, **which, "loss": losses(step)} for step in range(1, num_steps + 1)]
        rows += [
            {"step": 10 * epoch, "epoch": epoch, **which, "train_acc": share, "val_acc": share - 0.01 * epoch, "lr": 0.1}
            for epoch in range(num_steps // 10 + 1)
        ]
    return rows


DRAWN = {
    "sample_grid": lambda: sample_grid(IMAGES, LABELS, AWKWARD),
    "sample_grid, no examples": lambda: sample_grid(IMAGES[:0], LABELS[:0]),
    "sample_grid, one class": lambda: sample_grid(IMAGES, LABELS * 0, ["only"]),
    "sample_grid, hostile names": lambda: sample_grid(IMAGES, LABELS, HOSTILE),
    "misclassified": lambda: misclassified(IMAGES, LABELS, LABELS[::-1], AWKWARD),
    "misclassified, none": lambda: misclassified(IMAGES, LABELS, LABELS),
    "weight_images": lambda: weight_images(WEIGHTS, (3, 8, 8), AWKWARD),
    "weight_images, one unit": lambda: weight_images(np.zeros((8, 1)), (1, 2, 4)),
    "image_pairs": lambda: image_pairs(IMAGES, IMAGES // 2),
    "image_pairs, none": lambda: image_pairs(IMAGES[:0], IMAGES[:0]),
    "training_curves": lambda: training_curves(history()),
    "training_curves, population": lambda: training_curves(history(members=(0, 1, 2))),
    "training_curves, empty": lambda: training_curves([]),
    "training_curves, one step": lambda: training_curves(history(1)),
    "training_curves, all NaN": lambda: training_curves(history(losses=lambda step: float("nan"))),
    "training_curves, 0 loss": lambda: training_curves(history(losses=lambda step: 0.0)),
    "training_curves, overflow": lambda: training_curves(history(losses=lambda step: 10.0 ** (step * 7.5))),
    "confusion_figure": lambda: confusion_figure(np.arange(16).reshape(4, 4), AWKWARD),
    "confusion_figure, hostile names": lambda: confusion_figure(np.eye(4), HOSTILE),
    "confusion_figure, one class": lambda: confusion_figure([[7]], ["only"]),
    "confusion_figure, no examples": lambda: confusion_figure(np.zeros((2, 2), int)),
    "confusion_figure, 20 classes": lambda: confusion_figure(np.full((20, 20), 1000), ["class with a long name"] * 20),
    "confusion_figure, 200 classes": lambda: confusion_figure(np.eye(200, dtype=int)),
    "accuracy_over": lambda: accuracy_over(2 ** np.arange(1, 12), np.linspace(0.1, 0.9, 11), "width", log2=True),
    "accuracy_over, nothing": lambda: accuracy_over([], [], "depth"),
    "accuracy_over, one value": lambda: accuracy_over([4], [np.nan], "depth", log2=True, intervals=[[np.nan, np.inf]]),
    "landscape": lambda: landscape([0, 1, 2], [0, 1], [[0.1, 0.2, 0.3], [0.4, 0.5, np.nan]], xlabel="$a$", ylabel="b"),
    "landscape, constant": lambda: landscape([1, 10], [1, 10], np.ones((2, 2)), xlabel="a", ylabel="b", log=True),
    "landscape, one cell": lambda: landscape([1], [0], [[0.5]], xlabel="a", ylabel="b", log=True),
    "landscape, all NaN": lambda: landscape([0, 1], [0, 1], np.full((2, 2), np.nan), xlabel="a", ylabel="b"),
    "landscape, nothing": lambda: landscape([], [], np.empty((0, 0)), xlabel="a", ylabel="b"),
    "scatter_landscape": lambda: scatter_landscape([{"lr": 10.0**-i, "reg": i, "acc": 0.1 * i} for i in range(6)], "lr", "reg", "acc"),
    "scatter_landscape, one row": lambda: scatter_landscape([{"lr": 0.1, "reg": 0, "acc": 0.5}], "lr", "reg", "acc"),
    "accuracy_over, decades": lambda: accuracy_over(10.0 ** np.arange(-4, 1), {"a": np.arange(5) / 5, "b": np.ones(5)}, "scale", log=True),
    "scatter_pair": lambda: scatter_pair(
        [{"lr": 10.0**-i, "reg": 10.0**i, "a": 0.1 * i, "b": 0.1} for i in range(9)], "lr", "reg", train="a", val="b"
    ),
    "scatter_pair, nothing": lambda: scatter_pair([], "lr", "reg"),
    "heat_map": lambda: heat_map([1e-3, 1e-4], AWKWARD, np.arange(8).reshape(4, 2) / 8, xlabel="lr", ylabel="$x$"),
    "heat_map, large": lambda: heat_map(range(60), range(80), np.arange(4800.0).reshape(80, 60), xlabel="a", ylabel="b"),
    "heat_map, nothing": lambda: heat_map([], [], np.empty((0, 0)), xlabel="a", ylabel="b"),
    "compared_curves": lambda: compared_curves({name: history() for name in AWKWARD}),
    "compared_curves, nothing": lambda: compared_curves({}),
    "layer_statistics": lambda: layer_statistics(
        [{"epoch": e, "layer": f"layer {i}", "spread": 10.0**-i, "dead": 0.1, "update": 1e-3} for e in range(5) for i in range(8)]
    ),
    "layer_statistics, nothing": lambda: layer_statistics([]),
    "scatter_landscape, nothing": lambda: scatter_landscape([], "lr", "reg", "acc"),
}


def title(figure):
    return figure.get_suptitle().replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")


def texts(axes):
    return [text.get_text() for text in axes.texts]


def names(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def written(figure, folder):
    return [path.read_bytes() for path in save(figure, folder / "figure")]


@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_is_titled_of_one_width_legible_and_written_as_well_formed_files_always_the_same(name, tmp_path):
    figure = DRAWN[name]()
    png, svg = save(figure, tmp_path / "ordner ü" / "lr0.1")
    assert [png.name, svg.name] == ["lr0.1.png", "lr0.1.svg"]
    assert png.read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")
    assert figure.get_suptitle()
    assert figure.get_figwidth() == pytest.approx(3.3)
    counts = {id(text) for axes in figure.axes if "share of row" in axes.get_xlabel() for text in axes.texts}
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text() and id(text) not in counts]
    assert min(sizes) >= 8
    assert written(DRAWN[name](), tmp_path) == [png.read_bytes(), svg.read_bytes()]


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_nothing_leaves_the_figure(name):
    figure = DRAWN[name]()
    box = figure.get_tightbbox()
    assert box.x0 >= -0.01
    assert box.y0 >= -0.01
    assert box.x1 <= figure.get_figwidth() + 0.01
    assert box.y1 <= figure.get_figheight() + 0.01


def test_a_figure_saved_again_gives_the_same_bytes(tmp_path):
    figure = DRAWN["landscape"]()  # whose layout is fitted to its labels
    assert written(figure, tmp_path) == written(figure, tmp_path)


def run(code):
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True).stdout.strip()


def test_two_processes_write_the_same_bytes_and_never_import_pyplot():
    code = """
        import hashlib, pathlib, sys, tempfile
        import numpy as np
        from layerwise.report import figure as f
        rows = [{"step": i, "epoch": 0, "loss": 1 / i} for i in range(1, 50)]
        with tempfile.TemporaryDirectory() as folder:
            for number, figure in enumerate([
                f.training_curves(rows), f.confusion_figure(np.eye(3)), f.sample_grid(np.zeros((4, 8, 8)), np.arange(4)),
                f.landscape([1, 2], [1, 2], np.eye(2), xlabel="a", ylabel="b"),
            ]):
                f.save(figure, pathlib.Path(folder, str(number)))
            data = b"".join(path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir()))
        print(len(data) > 10_000, "matplotlib.pyplot" in sys.modules, hashlib.sha256(data).hexdigest())
    """
    first, second = run(code), run(code)
    assert first == second
    assert first.startswith("True False ")


def test_without_matplotlib_the_error_names_the_extra():
    code = """
        import sys
        sys.modules["matplotlib"] = None
        import layerwise.report
        try:
            import layerwise.report.figure
        except ImportError as error:
            print(type(error).__name__, error)
    """
    assert run(code) == "MissingExtraError Figures need matplotlib. Install it with: pip install 'layerwise[plot]'"


def test_the_readers_own_settings_change_nothing_and_are_left_alone(tmp_path):
    plain = written(confusion_figure(np.eye(3)), tmp_path)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.hashsalt": None, "text.parse_math": True}):
        assert written(confusion_figure(np.eye(3)), tmp_path) == plain
        assert matplotlib.rcParams["font.size"] == 30
        assert matplotlib.rcParams["text.parse_math"]


def test_letters_that_no_font_has_are_drawn_without_a_warning(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save(confusion_figure(np.eye(2), ["\U00012000", "日本"]), tmp_path / "figure")


def test_a_dollar_is_a_dollar():
    (axes,) = confusion_figure(np.eye(2), ["$x_1$", "<&>"]).axes
    assert names(axes.yaxis) == ["$x_1$", "<&>"]
    assert not any(text.get_parse_math() for text in axes.findobj(Text))


# sheets of images


def test_a_sample_grid_has_a_row_a_class_with_its_examples_evenly_spread():
    (axes,) = sample_grid(IMAGES, LABELS, ["a", "b", "c", "d"], per_class=3).axes
    assert len(axes.images) == 4 * 3
    assert texts(axes) == ["a", "b", "c", "d"]
    shown = [image.get_array().transpose(2, 0, 1) for image in axes.images[:3]]
    np.testing.assert_array_equal(shown, IMAGES[[0, 16, 36]])  # class 0 is every fourth: first, middle, last


def test_a_sample_grid_reads_from_a_memory_map_only_what_it_shows(tmp_path):
    class Counting(np.memmap):
        taken = 0

        def __getitem__(self, index):
            Counting.taken += np.size(index)
            return super().__getitem__(index)

    np.save(tmp_path / "x.npy", IMAGES)
    images = np.load(tmp_path / "x.npy", mmap_mode="r").view(Counting)
    (axes,) = sample_grid(images, LABELS, per_class=2).axes
    assert Counting.taken == len(axes.images) == 8
    assert texts(axes) == ["0", "1", "2", "3"]


def test_a_sample_grid_takes_every_layout_and_shows_the_same():
    def shown(images):
        return np.array([image.get_array() for image in sample_grid(images, LABELS).axes[0].images])

    colour = shown(IMAGES)
    np.testing.assert_array_equal(shown(IMAGES.transpose(0, 2, 3, 1)), colour)
    np.testing.assert_array_equal(shown(IMAGES / 255), colour)
    grey = shown(IMAGES[:, 0])
    np.testing.assert_array_equal(shown(IMAGES[:, :1]), grey)
    np.testing.assert_array_equal(shown(IMAGES[:, 0, :, :, None]), grey)


def test_a_class_with_few_examples_shows_those_and_of_many_classes_twenty_are_shown():
    (axes,) = sample_grid(IMAGES[:5], np.array([0, 0, 0, 0, 1])).axes
    assert len(axes.images) == 5
    many = sample_grid(IMAGES, np.arange(40))
    assert len(many.axes[0].images) == 20
    assert title(many) == "Examples of 20 of 40 classes"


def test_misclassified_images_stand_in_the_row_of_their_prediction_with_the_true_class_below():
    y, predicted = np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1])
    figure = misclassified(IMAGES[:4], y, predicted, ["cat", "dog"])
    (axes,) = figure.axes
    assert title(figure).startswith("2 of 4 misclassified")
    assert texts(axes) == ["dog", "cat", "cat", "dog"]  # caption and row: image 1 is a dog taken for a cat; image 3 the other way round
    np.testing.assert_array_equal([image.get_array().transpose(2, 0, 1) for image in axes.images], IMAGES[[1, 3]])


def test_misclassified_says_so_when_nothing_is_wrong():
    figure = misclassified(IMAGES, LABELS, LABELS)
    assert title(figure) == "0 of 40 misclassified"
    assert not figure.axes[0].images


def test_each_column_of_weights_is_an_image_over_its_own_range():
    w = np.array([[0.0, -5.0], [1.0, 5.0], [2.0, 0.0], [4.0, 5.0]])
    (axes,) = weight_images(w, (1, 2, 2), ["low", "high"]).axes
    assert texts(axes) == ["low", "high"]
    colours = matplotlib.colormaps["cividis"]
    for image, shares in zip(axes.images, ([[0, 0.25], [0.5, 1]], [[0, 1], [0.5, 1]]), strict=True):
        np.testing.assert_allclose(image.get_array() / 255, colours(np.array(shares))[..., :3], atol=1 / 255)


@pytest.mark.parametrize("height", [1, 2, 3])
def test_the_height_of_a_filter_is_not_taken_for_its_channels(height):
    w = np.arange(3.0 * height)[:, None]
    (image,) = weight_images(w, (1, height, 3)).axes[0].images
    colours = matplotlib.colormaps["cividis"](np.linspace(0, 1, 3 * height).reshape(height, 3))[..., :3]
    np.testing.assert_allclose(image.get_array() / 255, colours, atol=1 / 255)


def test_colour_weights_are_shown_as_red_green_and_blue():
    w = np.arange(12.0)[:, None]  # (3 * 2 * 2, 1): channels first
    (image,) = weight_images(w, (3, 2, 2)).axes[0].images
    np.testing.assert_allclose(image.get_array() / 255, np.arange(12).reshape(3, 2, 2).transpose(1, 2, 0) / 11, atol=1 / 255)


def test_many_settings_on_a_log_axis_are_marked_by_some_of_their_values():
    (axes,) = accuracy_over(2.0 ** np.arange(-12, 3), np.zeros(15), "weight scale", log2=True).axes
    assert [label.get_text() for label in axes.get_xticklabels() if label.get_text()] == ["2.44×10⁻⁴", "0.03125", "4"]


def test_at_most_a_hundred_weights_are_shown_and_the_title_says_so():
    figure = weight_images(np.zeros((4, 128)), (1, 2, 2), [str(i) for i in range(128)])
    assert len(figure.axes[0].images) == 100
    assert title(figure) == "First-layer weights: 100 of 128"
    assert texts(figure.axes[0]) == []  # captions are for linear models


def test_reconstructions_stand_below_their_originals_in_the_same_shades():
    originals = np.array([[[0.0, 2.0]], [[4.0, 2.0]]])
    (axes,) = image_pairs(originals, originals / 2 + 9).axes
    above, below = ([image.get_array()[0, :, 0].tolist() for image in row] for row in (axes.images[:2], axes.images[2:]))
    assert above == [[0, 128], [255, 128]]
    assert below == [[255, 255], [255, 255]]  # brighter than any original
    assert all(up.get_extent()[:2] == down.get_extent()[:2] for up, down in zip(axes.images[:2], axes.images[2:], strict=True))


def test_pairs_stand_in_bands_of_ten():
    (axes,) = image_pairs(IMAGES, IMAGES, count=13).axes
    rows = sorted({image.get_extent()[3] for image in axes.images})
    assert [sum(image.get_extent()[3] == row for image in axes.images) for row in rows] == [10, 10, 3, 3]


# curves


def test_curves_have_a_raw_and_a_smooth_loss_and_two_accuracies_with_their_axes_named():
    figure = training_curves(history())
    above, below = figure.axes
    assert (above.get_xlabel(), above.get_ylabel()) == ("step", "batch loss")
    assert (below.get_xlabel(), below.get_ylabel()) == ("epoch", "accuracy")
    assert [len(line.get_xdata()) for line in above.lines] == [40, 40]
    assert [text.get_text() for text in below.get_legend().get_texts()] == ["training", "validation"]
    assert title(figure) == "Best validation accuracy 0.5 at epoch 0"


def test_losses_that_are_not_finite_are_gaps_and_counted_in_the_title():
    odd = {3: float("nan"), 4: float("inf"), 5: None}
    figure = training_curves([{"step": step, "epoch": 0, "loss": odd.get(step, 1.0)} for step in range(1, 8)])
    assert title(figure) == "Training; 3 losses are not finite"
    for line in figure.axes[0].lines:
        np.testing.assert_array_equal(np.isnan(line.get_ydata()), [False, False, True, True, True, False, False])


def test_losses_over_many_magnitudes_get_a_logarithmic_axis():
    assert training_curves(history(losses=lambda step: 10.0**-step)).axes[0].get_yscale() == "log"
    assert training_curves(history(losses=lambda step: 1.0 / (step + 10))).axes[0].get_yscale() == "linear"


def test_a_population_is_thin_lines_with_the_best_member_in_front():
    figure = training_curves(history(members=(0, 3, 7, 2)))
    above, below = figure.axes
    assert title(figure) == "Best validation accuracy 0.7 at epoch 0: member 7 of 4"
    assert len(above.lines) == 3 + 2
    assert len(below.lines) == 3 + 2
    assert {line.get_linewidth() for line in below.lines[:3]} == {0.5}
    assert below.lines[-1].get_ydata()[0] == pytest.approx(0.7)
    assert below.lines[-1].get_linewidth() > 1


def test_an_empty_history_says_that_nothing_was_recorded():
    assert [texts(axes) for axes in training_curves([]).axes] == [["nothing recorded"], ["nothing recorded"]]


def test_without_validation_data_there_is_no_line_for_it():
    rows = [{"step": 0, "epoch": 0, "train_acc": 0.1, "val_acc": float("nan")}, {"step": 9, "epoch": 1, "train_acc": 0.5, "val_acc": None}]
    below = training_curves(rows).axes[1]
    assert [line.get_label() for line in below.lines] == ["training"]


# confusion


def test_a_confusion_matrix_shows_counts_and_is_coloured_by_the_share_of_the_row():
    figure = confusion_figure([[3, 1], [0, 0]], ["cat", "dog"])
    (axes,) = figure.axes
    assert texts(axes) == ["3", "1", "0", "0"]
    np.testing.assert_array_equal(axes.images[0].get_array(), [[0.75, 0.25], [0, 0]])
    assert names(axes.xaxis) == names(axes.yaxis) == ["cat", "dog"]
    assert axes.get_ylabel() == "true class"
    assert axes.get_xlabel().startswith("predicted")
    assert title(figure) == "Confusion: 3 of 4 right"


@pytest.mark.parametrize("k", [2, 5, 10, 20])
def test_up_to_twenty_classes_are_all_counted_and_named(k):
    (axes,) = confusion_figure(np.full((k, k), 123), [f"class {i}" for i in range(k)]).axes
    assert len(axes.texts) == k * k
    assert len(axes.get_yticks()) == k


def test_more_classes_have_a_colour_bar_for_counts_and_fewer_names():
    axes, bar = confusion_figure(np.eye(100, dtype=int)).axes
    assert not axes.texts
    assert 5 <= len(axes.get_yticks()) < 50
    assert bar.get_xlabel() == "share of the row"


@pytest.mark.parametrize("k", [3, 12, 20, 60])
def test_names_in_a_confusion_matrix_do_not_overlap(k):
    figure = confusion_figure(np.full((k, k), 1234), [f"class number {i}" for i in range(k)])
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    heights = [upper.y0 + upper.height / 2 - lower.y0 - lower.height / 2 for upper, lower in pairwise(boxes)]
    assert min(heights) * 72 / figure.dpi >= 8  # baselines at least the letters' size apart


# settings


def test_accuracy_over_settings_names_the_best_and_draws_gaps_and_a_band():
    figure = accuracy_over([4, 2, 8], [0.9, 0.8, np.nan], "units", log2=True, intervals=[[0.8, 1], [0.7, 0.9], [0, 1]])
    (axes,) = figure.axes
    assert title(figure) == "Highest accuracy 0.9 at units = 4"
    assert axes.get_xlabel() == "units (log₂ scale)"
    assert axes.get_xscale() == "log"
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), [[2, 0.8], [4, 0.9], [8, np.nan]])
    assert len(axes.collections) == 1
    assert names(axes.xaxis) == ["2", "4", "8"]


def test_several_lines_over_one_setting_have_a_legend():
    (axes,) = accuracy_over([1, 2], {"SGD": [0.1, 0.2], "RMSprop": [0.3, 0.4]}, "layers").axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["SGD", "RMSprop"]


def test_labels_of_settings_that_would_collide_are_thinned():
    (axes,) = accuracy_over(2 ** np.arange(1, 12), np.zeros(11), "units", log2=True).axes
    assert names(axes.xaxis) == ["2", "", "8", "", "32", "", "128", "", "512", "", "2048"]


def test_a_landscape_has_filled_contours_crosses_for_gaps_and_a_ring_at_the_highest():
    z = np.arange(12.0).reshape(3, 4)
    z[0, 0] = np.nan
    z[1, 1] = np.inf
    figure = landscape([3, 2, 1, 0], [0, 1, 2], z, xlabel="x", ylabel="y", colour="accuracy")
    axes, bar = figure.axes
    assert title(figure) == "Highest accuracy 11 at x = 0, y = 2; ×: not finite (2 of 12)"
    crosses, ring = axes.lines
    assert set(map(tuple, crosses.get_xydata())) == {(3, 0), (2, 1)}
    assert ring.get_xydata().tolist() == [[0, 2]]
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("x", "y", "accuracy")


def test_a_scatter_colours_each_setting_and_keeps_zero_on_its_logarithmic_axis():
    rows = [{"lr": lr, "reg": reg, "acc": lr + reg} for lr in (1e-4, 1e-2, 1.0) for reg in (0, 1e-3, 1e-1)]
    rows += [{"lr": 1.0, "reg": 1.0, "acc": None}]
    figure = scatter_landscape(rows, "lr", "reg", "acc")
    axes, bar = figure.axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "symlog")
    assert len(axes.collections[0].get_offsets()) == 9
    assert axes.lines[0].get_xydata().tolist() == [[1, 1]]
    assert title(figure) == "Highest acc 1.1 at lr = 1, reg = 0.1; ×: not finite (1 of 10)"
    assert bar.get_ylabel() == "acc"


def test_settings_within_a_decade_get_a_linear_axis():
    rows = [{"lr": lr, "reg": 1e4, "acc": 0.3} for lr in (1.4e-7, 1.6e-7)]
    (axes, _) = scatter_landscape(rows, "lr", "reg", "acc").axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "linear")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: sample_grid(np.zeros((2, 64)), [0, 1]), r"images have shape \(2, 64\).*reshape flattened ones"),
        (lambda: sample_grid(IMAGES, LABELS[:3]), r"sample_grid: 40 images need integer labels \(40,\), but these are int64 \(3,\)"),
        (lambda: misclassified(IMAGES, LABELS, LABELS / 2), "misclassified: .* but these are float64"),
        (lambda: weight_images(np.zeros((65, 2)), (1, 8, 8)), r"w has shape \(65, 2\), but .* need \(64, M\) .* leave out a bias row"),
        (lambda: weight_images(np.zeros((2, 64, 3)), (1, 8, 8)), "give one member of a population"),
        (lambda: image_pairs(IMAGES, IMAGES[:3]), "40 originals and 3 reconstructions"),
        (lambda: confusion_figure(np.zeros((2, 3))), r"the matrix has shape \(2, 3\)"),
        (lambda: accuracy_over([0, 1], [0.5, 0.5], "units", log2=True), "needs values above 0, but the smallest is 0"),
        (lambda: accuracy_over([1, 2], [0.5], "units"), r"accuracy_over: the figures have shape \(1,\), but the settings need \(2,\)"),
        (lambda: landscape([1, 2], [1], np.zeros((2, 1)), xlabel="", ylabel=""), r"landscape: .* \(2, 1\), but the settings need \(1, 2\)"),
    ],
)
def test_a_wrong_input_is_told_with_what_was_needed(call, text):
    with pytest.raises(ValueError, match=text):
        call()
