import numpy as np
import pytest

from layerwise.data.dataset import ARRAYS, Dataset
from layerwise.data.rows import Rows
from layerwise.errors import DataError

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.integers(0, 256, (60, 1, 4, 4), dtype=np.uint8), np.arange(60) % 3


def data(**changes):
    parts = {"X_train": IMAGES[:40], "y_train": LABELS[:40], "X_val": IMAGES[40:50], "y_val": LABELS[40:50]}
    return Dataset(**{**parts, "X_test": IMAGES[50:], "y_test": LABELS[50:], **changes})


def test_it_unpacks_to_the_six_arrays_alone():
    unpacked = {**data()}
    assert tuple(unpacked) == ARRAYS == tuple(data())
    assert all(isinstance(a, np.ndarray) for a in unpacked.values())
    with pytest.raises(KeyError, match='Did you mean "X_train"'):
        data()["X_trian"]


def test_pixels_stay_what_they_are_and_are_not_copied():
    assert np.shares_memory(data().X_train, IMAGES)
    assert data().full_scale == 255
    assert data().y_train.dtype == np.int64


def test_it_cannot_be_changed():
    with pytest.raises(AttributeError):
        data().X_train = IMAGES


def test_a_preprocessing_is_fitted_on_the_training_part_alone():
    centred = data().with_preprocessing("scale", "center")
    np.testing.assert_allclose(centred.preprocessing.transforms[1].mean, (IMAGES[:40] / 255).mean(axis=0), rtol=1e-13)
    assert np.shares_memory(centred.X_train, IMAGES)
    assert data(full_scale=16.0).with_preprocessing("scale").preprocessing.transforms[0].full_scale == 16


def test_a_smaller_training_part_has_its_own_preprocessing():
    centred = data().with_preprocessing("scale", "center")
    small = centred.subset(num_train=7, num_val=2)
    assert (len(small.X_train), len(small.y_val), len(small.X_test)) == (7, 2, 10)
    np.testing.assert_allclose(small.preprocessing.transforms[1].mean, (IMAGES[:7] / 255).mean(axis=0), rtol=1e-13)
    assert centred.subset(num_val=2).preprocessing is centred.preprocessing


@pytest.mark.parametrize("count", [0, 41, -1])
def test_a_subset_larger_than_its_part_is_refused(count):
    with pytest.raises(ValueError, match="the part has 40 examples: give 1 to 40"):
        data().subset(num_train=count)


def with_value(value, dtype=np.float64):
    X = IMAGES.reshape(60, 16)[:40].astype(dtype)
    X[5, 3] = value
    return X


REFUSED = {
    "NaN": ({"X_train": with_value(np.nan), "X_val": None, "y_val": None}, "X_train is nan in row 5, column 3"),
    "infinity in Rows": ({"X_train": Rows(with_value(np.inf), np.arange(39, -1, -1))}, "X_train is inf in row 34, column 3"),
    "NaN in an image": ({"X_train": with_value(np.nan).reshape(40, 1, 4, 4)}, r"row 5, column \(0, 0, 3\)"),
    "NaN targets": ({"y_train": np.full(40, np.nan)}, "y_train is nan in row 0"),
    "lengths": ({"y_train": LABELS[:39]}, r"X_train has 40 examples, but y_train has shape \(39,\)"),
    "a label too large": ({"class_names": ("a", "b")}, "y_train is 2 in row 2, but the classes are 0 to 1"),
    "a label below 0": ({"y_val": LABELS[40:50] - 1}, "y_val is -1 in row"),
    "an empty part": ({"X_test": IMAGES[:0], "y_test": LABELS[:0]}, r"X_test has shape \(0, 1, 4, 4\): there is nothing in it"),
    "half a part": ({"y_test": None}, "y_test is missing"),
    "no training part": ({"X_train": None, "y_train": None}, "X_train is missing"),
    "another shape": ({"X_val": IMAGES[:10].reshape(10, 16)}, r"X_val has examples of shape \(16,\)"),
    "another kind of label": ({"y_val": LABELS[40:50] / 2}, "X_val has .*float64 labels"),
    "one axis": ({"X_train": np.zeros(40)}, r"must be numbers \(N, D\), or images"),
    "texts": ({"X_train": np.full((40, 2), "a")}, "X_train is <U1"),
    "text labels": ({"y_train": np.full(40, "a")}, r"Dataset\.from_arrays numbers texts"),
    "one-hot labels": ({"y_train": np.eye(3, dtype=int)[LABELS[:40]]}, r"y\.argmax\(axis=1\)"),
    "names for targets": (
        {"y_train": np.zeros(40), "y_val": np.zeros(10), "y_test": np.zeros(10), "class_names": ("a",)},
        "classes need whole numbers",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trained_on_is_refused_where_it_is_taken_in(case):
    changes, message = REFUSED[case]
    with pytest.raises(DataError, match=message):
        data(**changes)


def test_the_repr_has_a_line_for_each_part():
    text = repr(data(name="small", X_test=None, y_test=None).with_preprocessing("scale", "flatten"))
    assert text.splitlines() == [
        "Dataset small: 3 classes, scale -> flatten",
        "  train X (40, 1, 4, 4) uint8, y (40,) int64",
        "  val   X (10, 1, 4, 4) uint8, y (10,) int64",
        "  test  none",
    ]


def test_your_own_arrays_are_split_without_a_copy_and_every_row_is_in_one_part():
    made = Dataset.from_arrays(IMAGES, LABELS, validation=0.2, test=12)
    parts = [np.asarray(made[f"X_{part}"]).reshape(-1, 16) for part in ("train", "val", "test")]
    assert [len(part) for part in parts] == [36, 12, 12]
    assert len(np.unique(np.concatenate(parts), axis=0)) == 60
    assert np.shares_memory(made.X_train.base, IMAGES)
    assert np.bincount(made.y_test).tolist() == [4, 4, 4]


@pytest.mark.parametrize(
    ("y", "names", "first"),
    [
        (np.array(["no", "yes"])[LABELS % 2], ("no", "yes"), 0),
        (LABELS * 5 - 5, ("-5", "0", "5"), 0),
        (LABELS % 2 == 0, ("False", "True"), 1),
        (LABELS[:, None], ("0", "1", "2"), 0),
    ],
)
def test_labels_of_any_kind_become_classes_in_sorted_order(y, names, first):
    made = Dataset.from_arrays(IMAGES, y, validation=0)
    assert made.class_names == names
    assert made.y_train[0] == first
    assert made.X_val is None


def test_targets_are_split_at_random():
    made = Dataset.from_arrays(IMAGES, np.linspace(0, 1, 60), validation=0.25)
    assert (made.class_names, len(made.y_val)) == (None, 15)
    assert made.num_classes is None


def test_the_seed_decides_the_split():
    def val(seed):
        return np.asarray(Dataset.from_arrays(IMAGES, LABELS, seed=seed).X_val)

    np.testing.assert_array_equal(val(1), val(1))
    assert not np.array_equal(val(1), val(2))


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(DataError, match="X has 60 examples, but y has 59 labels"):
        Dataset.from_arrays(IMAGES, LABELS[:59])


def test_features_take_the_place_of_images_and_what_was_known_of_images_is_dropped():
    found = data().with_preprocessing("scale").with_augmentation("flip").with_features(lambda X: X.reshape(len(X), -1)[:, :3] / 2)
    assert [found[f"X_{part}"].shape for part in ("train", "val", "test")] == [(40, 3), (10, 3), (10, 3)]
    assert (found.full_scale, found.preprocessing.transforms, found.augmentation) == (None, (), ())
    np.testing.assert_array_equal(found.y_val, LABELS[40:50])
    with pytest.raises(DataError, match="X_train has 39 examples"):
        data().with_features(lambda X: X.reshape(len(X), -1)[1:])
