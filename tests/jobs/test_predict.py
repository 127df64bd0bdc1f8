"""Examples come out of files of every kind in the shape of the model, with names and labels."""

import gzip
import struct

import numpy as np
import pytest
from PIL import Image
from tests.cli.command import write_rows

from layerwise.data import Dataset
from layerwise.errors import DataError
from layerwise.jobs.predict import Predictions, predict
from layerwise.models import FullyConnectedNet, SoftmaxModel, SVMModel
from layerwise.models.inputs import Inputs

SHAPE = (1, 4, 6)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 100, (7, *SHAPE), dtype=np.uint8)


@pytest.fixture
def run(tmp_path, images):
    """A model of images, dark on the whole, of three classes with names."""
    data = Dataset(images, np.arange(7) % 3, class_names=("ant", "bee", "cat")).with_preprocessing("scale", "center", "flatten")
    return saved(SoftmaxModel(24, 3, weight_scale=0.5), data, tmp_path)


def saved(model, data, folder):
    model.inputs = Inputs.of(data)
    model.save(folder / "run ü" / "model")
    return folder / "run ü"


def expected(run, images):
    from layerwise.models import load

    model = load(run / "model")
    return model.predict_proba(model.inputs.prepare(images))


def idx(a):
    return struct.pack(f">BBBB{a.ndim}I", 0, 0, 8, a.ndim, *a.shape) + a.tobytes()


ARRANGEMENTS = {
    "as they are": lambda a: a,
    "without the channel": lambda a: a[:, 0],
    "channel last": lambda a: a.transpose(0, 2, 3, 1),
    "flat": lambda a: a.reshape(len(a), -1),
}


@pytest.mark.parametrize("arrange", ARRANGEMENTS.values(), ids=ARRANGEMENTS)
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_arrays_are_taken_in_any_arrangement_that_holds_the_model_s_shape(tmp_path, run, images, arrange, kind):
    path = tmp_path / f"x y.{kind}"
    if kind == "npy":
        np.save(path, arrange(images))
    else:
        np.savez(path, X=arrange(images))
    found = predict(run, [path])
    np.testing.assert_array_equal(found.figures, expected(run, images))
    assert found.names == [f"row {i}" for i in range(1, 8)]
    assert (found.kind, found.class_names, found.labels) == ("probability", ("ant", "bee", "cat"), None)


@pytest.mark.parametrize("arrange", ARRANGEMENTS.values(), ids=ARRANGEMENTS)
def test_one_example_alone_will_do(tmp_path, run, images, arrange):
    np.save(tmp_path / "one.npy", arrange(images)[0])
    np.testing.assert_allclose(predict(run, [tmp_path / "one.npy"]).figures, expected(run, images[:1]), rtol=1e-6)


@pytest.mark.parametrize("labels", [np.array([0, 2, 1, 0, 0, 0, 0]), np.array(["ant", "cat", "bee", "ant", "ant", "ant", "ant"])])
def test_labels_are_numbers_or_names_of_classes(tmp_path, run, images, labels):
    np.savez(tmp_path / "x.npz", X=images, y=labels)
    found = predict(run, [tmp_path / "x.npz"])
    assert found.labels.tolist() == [0, 2, 1, 0, 0, 0, 0]
    assert found.results() == {"accuracy": float(np.mean(found.figures.argmax(axis=1) == found.labels))}


def test_idx_files_bring_the_labels_beside_them(tmp_path, run, images):
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images[:, 0])))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.full(7, 2, np.uint8))))
    found = predict(run, [tmp_path / "t10k-images-idx3-ubyte.gz"])
    np.testing.assert_array_equal(found.figures, expected(run, images))
    assert found.labels.tolist() == [2] * 7
    (tmp_path / "plain").write_bytes(idx(images[:, 0]))
    assert predict(run, [tmp_path / "plain"]).labels is None


def test_images_are_named_by_file_and_labelled_by_folders_that_are_called_as_classes(tmp_path, run, images):
    for i, name in enumerate(["cat", "ant"]):
        (tmp_path / "images" / name).mkdir(parents=True)
        Image.fromarray(images[i, 0]).save(tmp_path / "images" / name / "a b.png")
    found = predict(run, [tmp_path / "images"])
    assert [name.replace("\\", "/") for name in found.names] == ["ant/a b.png", "cat/a b.png"]
    assert found.labels.tolist() == [0, 2]
    np.testing.assert_array_equal(found.figures, expected(run, images[[1, 0]]))


def test_several_images_and_folders_can_be_given_and_hidden_files_are_left(tmp_path, run, images):
    (tmp_path / "more").mkdir()
    Image.fromarray(images[0, 0]).save(tmp_path / "a.png")
    Image.fromarray(images[1, 0]).save(tmp_path / "more" / "b.png")
    (tmp_path / "more" / "._b.png").write_bytes(b"x")
    found = predict(run, [tmp_path / "a.png", tmp_path / "more"])
    assert found.names == [str(tmp_path / "a.png"), "b.png"]
    assert not found.unreadable


def test_bright_images_for_a_model_of_dark_ones_bring_the_hint_and_invert_mends_it(tmp_path, run, images):
    Image.fromarray(255 - images[0, 0]).save(tmp_path / "a.png")
    assert predict(run, [tmp_path / "a.png"]).notes == [
        "1 image is mostly bright, but those that the model was trained on were mostly dark: try --invert"
    ]
    found = predict(run, [tmp_path / "a.png"], invert=True)
    assert found.notes == []
    np.testing.assert_array_equal(found.figures, expected(run, images[:1]))


def test_pixels_have_the_scale_of_the_training(tmp_path):
    white = np.full((4, *SHAPE), 16, np.uint8)
    white[:2] = 0
    data = Dataset(white, np.array([0, 0, 1, 1]), full_scale=16.0).with_preprocessing("scale", "flatten")
    model = SoftmaxModel(24, 2, weight_scale=0.5)
    run = saved(model, data, tmp_path)
    Image.new("L", (6, 4), 255).save(tmp_path / "white.png")
    np.testing.assert_allclose(predict(run, [tmp_path / "white.png"]).figures, expected(run, white[2:3]), rtol=1e-6)


def test_values_between_0_and_1_for_a_model_of_bytes_are_noted(tmp_path, run, images):
    np.save(tmp_path / "x.npy", images / 255)
    (note,) = predict(run, [tmp_path / "x.npy"]).notes
    assert note.startswith("values reach 0.")
    assert note.endswith("only, but the model was trained on 0 to 255")


@pytest.mark.parametrize(
    ("save", "text"),
    [
        (lambda path: np.save(path, np.zeros((3, 5))), r"examples have shape \(5,\), but the model was trained on \(1, 4, 6\)"),
        (lambda path: np.save(path, np.array([{}]), allow_pickle=True), "is not an .npy file of numbers"),
        (lambda path: np.save(path, np.array(["a"])), "must hold numbers"),
        (lambda path: np.save(path, np.full((2, *SHAPE), np.nan)), "row 1 holds NaN or infinity"),
        (lambda path: path.write_bytes(b"hello"), "is not an .npy file of numbers"),
    ],
)
def test_arrays_that_will_not_do_are_told(tmp_path, run, save, text):
    save(tmp_path / "x ü.npy")
    with pytest.raises(DataError, match=text):
        predict(run, [tmp_path / "x ü.npy"])


@pytest.mark.parametrize(
    ("labels", "text"), [([0] * 6, "6 labels for 7 examples"), ([3] * 7, 'label "3" is none of the'), (["be"] * 7, 'Did you mean "bee"')]
)
def test_labels_that_will_not_do_are_told(tmp_path, run, images, labels, text):
    np.savez(tmp_path / "x.npz", X=images, y=np.array(labels))
    with pytest.raises(DataError, match=text):
        predict(run, [tmp_path / "x.npz"])


def table_run(tmp_path, rows, label, **options):
    from layerwise.data import load_file

    write_rows(tmp_path / "train.csv", rows)
    data = load_file(tmp_path / "train.csv", label, **options).with_preprocessing("standardize")
    model = SVMModel(data.X_train.shape[1], 2, weight_scale=0.5)
    return saved(model, data, tmp_path)


HEADLESS = [["ab"[i % 2], i, -i, "red" if i % 3 else "blue"] for i in range(40)]


def test_a_table_without_header_is_read_with_and_without_its_labels(tmp_path):
    run = table_run(tmp_path, HEADLESS, 0)
    write_rows(tmp_path / "bare.csv", [row[1:] for row in HEADLESS])
    whole, bare = predict(run, [tmp_path / "train.csv"], label="0"), predict(run, [tmp_path / "bare.csv"])
    np.testing.assert_array_equal(whole.figures, bare.figures)
    assert whole.kind == "score"
    assert whole.labels.tolist() == [i % 2 for i in range(40)]
    assert bare.labels is None


def test_answers_that_cannot_be_used_are_noted_or_refused_where_they_were_asked_for(tmp_path):
    rows = [["kind", "x", "y", "colour"], *HEADLESS]
    run = table_run(tmp_path, rows, "kind")
    (run / "config.toml").write_text('# The settings of a run of layerwise, as they were resolved.\nlabel = "kind"\n', encoding="utf-8")
    write_rows(tmp_path / "odd.csv", [rows[0], ["c", 1, 2, "red"]])
    found = predict(run, [tmp_path / "odd.csv"])
    assert found.labels is None
    assert found.notes[0].startswith("the true answers are left aside: ")
    assert '"c" was not among the training data' in found.notes[0]
    with pytest.raises(DataError, match='"c" was not among the training data'):
        predict(run, [tmp_path / "odd.csv"], label="kind")
    assert predict(run, [tmp_path / "train.csv"]).labels is not None


def test_a_text_that_training_did_not_have_is_told_with_its_line(tmp_path):
    run = table_run(tmp_path, [["kind", "x", "y", "colour"], *HEADLESS], "kind")
    write_rows(tmp_path / "new.csv", [["x", "y", "colour"], [1, 2, "red"], [1, 2, "rde"]])
    with pytest.raises(DataError, match=r'line 3, column "colour": "rde" was not among the training data\. Did you mean "red"'):
        predict(run, [tmp_path / "new.csv"])


def test_a_model_that_was_saved_without_inputs_predicts_arrays(tmp_path):
    model = FullyConnectedNet([3], input_dim=4, num_classes=2, loss="squared")
    model.save(tmp_path / "net")
    X = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    np.savez(tmp_path / "x.npz", X=X, y=np.zeros((5, 2)))
    found = predict(tmp_path / "net.json", [tmp_path / "x.npz"])
    np.testing.assert_array_equal(found.figures, model.forward(X))
    assert (found.kind, found.class_names) == ("value", None)
    assert found.rows()[0]["value"] == found.figures[0].tolist()
    assert found.results().keys() == {"rmse", "mae"}


def test_of_equal_figures_the_first_class_is_named():
    found = Predictions(["row 1"], "score", np.array([[1.0, 2.0, 2.0]]), ("a", "b", "c"))
    assert found.rows(2) == [
        {"name": "row 1", "class": "b", "score": 2.0, "top": [{"class": "b", "score": 2.0}, {"class": "c", "score": 2.0}]}
    ]
