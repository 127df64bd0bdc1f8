from importlib.util import find_spec

import numpy as np
import pytest

from layerwise.data.column import Column
from layerwise.data.dataset import Dataset
from layerwise.data.delimited import read_table
from layerwise.data.frame import as_array, handed_in, table_of
from layerwise.errors import DataError

Y = np.array([0, 1] * 20)


class Tensor:
    """As a torch tensor looks to those who don't import torch; `awkward` is of a kind that NumPy has not."""

    def __init__(self, values, awkward=False):
        self.values, self.awkward = np.asarray(values), awkward

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        if self.awkward:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.values

    def float(self):
        return Tensor(self.values.astype(np.float32))


def test_tensors_become_arrays_without_a_copy():
    values = np.arange(80.0).reshape(40, 2)
    made = Dataset.from_arrays(Tensor(values), Tensor(Y))
    assert np.shares_memory(made.X_train.base, values)
    assert as_array(Tensor(values, awkward=True)).dtype == np.float32


def test_lists_and_texts_are_taken():
    made = Dataset.from_arrays([[1.0, 2.0]] * 40, ["a", "b"] * 20)
    assert made.class_names == ("a", "b")


def test_a_label_that_is_none_is_refused():
    with pytest.raises(DataError, match="the label is missing in row 1"):
        Dataset.from_arrays(np.zeros((2, 2)), np.array(["a", None], object))
    with pytest.raises(DataError, match="y is missing: give one label for each example"):
        Dataset.from_arrays(np.zeros((2, 2)))


def test_scikit_learns_bunches_are_taken_with_the_names_of_their_classes():
    from sklearn.datasets import load_diabetes, load_iris

    iris = load_iris()
    made = Dataset.from_arrays(iris, validation=0.2)
    assert made.class_names == ("setosa", "versicolor", "virginica")
    assert (len(made.X_train), len(made.X_val)) == (120, 30)
    assert np.shares_memory(made.X_train.base, iris.data)
    assert Dataset.from_arrays(iris, iris.target_names[iris.target]).class_names == made.class_names
    targets = Dataset.from_arrays(load_diabetes())
    assert (targets.class_names, targets.y_train.dtype) == (None, np.float64)
    del iris["target"]
    with pytest.raises(DataError, match="the Bunch has no target: give y"):
        Dataset.from_arrays(iris)


@pytest.fixture
def frame():
    import pandas as pd

    animals = ["cat", "dog"] * 20
    return pd.DataFrame(
        {
            "size": [np.nan if k == 7 else float(k) for k in range(40)],
            "kind": pd.Categorical(["b", "a", None, "b"] * 10, ["b", "a", "unused"]),
            "wild": [True, False] * 20,
            "count": pd.array([None if k == 3 else k for k in range(40)], dtype="Int64"),
            "colour": ["red", "blue", " red", None] * 10,
            "year": pd.Categorical([2020, 2021] * 20),
            "animal": animals,
        },
        index=[f"row {k}" for k in range(40)],
    )


@pytest.mark.peer
def test_a_frame_is_what_its_csv_file_is(frame, tmp_path):
    plain = frame.drop(columns=["kind", "wild", "year"])
    plain.to_csv(tmp_path / "t.csv", index=False)
    from_file = read_table(tmp_path / "t.csv", "animal")
    found, y, _ = handed_in(plain, "animal")
    np.testing.assert_array_equal(found.X, from_file.X)
    assert found.columns == from_file.columns
    assert Dataset.from_arrays(plain, "animal").class_names == from_file.class_names
    np.testing.assert_array_equal(y == "dog", from_file.y)


@pytest.mark.peer
def test_a_frames_columns_become_features_by_their_kind(frame):
    table = table_of(frame.drop(columns=["animal"]))
    assert table.columns == (
        Column("size"),
        Column("kind", ("b", "a", "(missing)")),
        Column("wild"),
        Column("count"),
        Column("colour", ("blue", "red", "(missing)")),
        Column("year", ("2020", "2021")),
    )
    np.testing.assert_array_equal(
        table.X[:4],
        [
            [0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0],
            [1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1],
            [2, 0, 0, 1, 1, 2, 0, 1, 0, 1, 0],
            [3, 1, 0, 0, 0, np.nan, 0, 0, 1, 0, 1],
        ],
    )


@pytest.mark.peer
def test_a_frames_missing_numbers_are_means_of_the_training_rows(frame):
    made = Dataset.from_arrays(frame, "animal", validation=0.25, test=0.25)
    everything = np.concatenate([np.asarray(made[f"X_{part}"]) for part in ("train", "val", "test")])
    train = np.asarray(made.X_train)[:, 0]
    fill = made.columns[0].fill
    assert np.isfinite(everything).all()
    assert fill == pytest.approx(train[train != fill].mean())
    assert sorted(everything[:, 0]) == sorted([fill, *(k for k in range(40) if k != 7)])


@pytest.mark.peer
def test_series_of_any_kind_are_labels(frame):
    import pandas as pd

    for y in (frame["animal"], frame["animal"].astype("category"), frame[["animal"]], frame["animal"].astype(object)):
        assert Dataset.from_arrays(np.zeros((40, 2)), y).class_names == ("cat", "dog")
    assert Dataset.from_arrays(np.zeros((40, 2)), pd.Series([3, 5] * 20, dtype="Int64")).class_names == ("3", "5")
    assert Dataset.from_arrays(np.zeros((40, 2)), pd.Series([0.5, 1.5] * 20)).class_names is None


@pytest.mark.peer
def test_what_a_frame_cannot_be_is_said(frame):
    import pandas as pd

    with pytest.raises(DataError, match=r'has no column "animul"\. Did you mean "animal"'):
        Dataset.from_arrays(frame, "animul")
    with pytest.raises(DataError, match='column "when" holds times'):
        table_of(frame.assign(when=pd.Timestamp("2020-01-01")))
    with pytest.raises(DataError, match='column "none" is empty'):
        table_of(frame.assign(none=np.nan))
    with pytest.raises(DataError, match="each with its own name"):
        table_of(pd.concat([frame, frame], axis=1))
    with pytest.raises(DataError, match="the label is missing in row 1"):
        Dataset.from_arrays(np.zeros((3, 2)), pd.Series(["a", None, "a"]))
    with pytest.raises(DataError, match="a frame of 7 columns"):
        Dataset.from_arrays(np.zeros((40, 2)), frame)
    with pytest.raises(DataError, match=r'the frame, row row 3, column "count": "x" is not a finite number'):
        table_of(frame.assign(count=[str(k) if k != 3 else "x" for k in range(40)]))


if find_spec("torch"):  # the test exists where PyTorch is installed

    @pytest.mark.peer
    def test_torch_tensors_are_taken():
        import torch

        X = torch.arange(80.0).reshape(40, 2)
        made = Dataset.from_arrays(X.requires_grad_(), torch.tensor(Y))
        assert made.X_train.dtype == np.float32
        assert made.class_names == ("0", "1")
        assert Dataset.from_arrays(X.to(torch.bfloat16), torch.tensor(Y)).X_train.dtype == np.float32
        images = Dataset.from_arrays(torch.zeros(40, 3, 8, 8, dtype=torch.uint8), torch.tensor(Y))
        assert images.full_scale == 255


@pytest.mark.peer
def test_a_bunch_of_frames_is_taken():
    from sklearn.datasets import load_iris

    made = Dataset.from_arrays(load_iris(as_frame=True))
    assert made.class_names == ("setosa", "versicolor", "virginica")
    assert made.columns[0].name == "sepal length (cm)"
