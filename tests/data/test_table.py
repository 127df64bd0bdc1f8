import numpy as np
import pytest
from tests.data.files import cifar_batch, write_cifar_binary, write_cifar_python, write_idx, write_mnist, write_svhn

from layerwise.data.dataset import Dataset
from layerwise.data.table import DATASETS, load, load_cifar10, load_digits, load_fashion_mnist, load_file, load_mnist
from layerwise.errors import DataError, MissingDataError

WRITERS = {"mnist": write_mnist, "fashion_mnist": write_mnist, "cifar10": write_cifar_binary, "svhn": write_svhn}
FROM_FILES = [name for name, known in DATASETS.items() if known.layouts]


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """A cache of the test's own, and no data folder from outside."""
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)


def tiny(name, folder):
    if name not in WRITERS:
        return load(name)
    WRITERS[name](folder)
    return load(name, folder)


def contract(data, name):
    """What every data set must be, each broken promise by its name."""
    known, broken = DATASETS[name], []
    for part in ("train", "val", "test"):
        X, y = data[f"X_{part}"], data[f"y_{part}"]
        if X.dtype != np.uint8:
            broken.append("pixels are not uint8")
        if X.shape[1:] != known.example_shape:
            broken.append("examples of another shape")
        if y.dtype != np.int64 or y.shape != (len(X),):
            broken.append("labels are not one whole number each")
        if set(np.unique(y)) != set(range(len(known.class_names))):
            broken.append("a class is absent from a part")
        if np.asarray(X).max() > known.full_scale:
            broken.append("a pixel above full scale")
    if not (data.licence and data.source and data.name == name and data.class_names == known.class_names):
        broken.append("licence, source or names are absent")
    return broken


@pytest.mark.parametrize("name", DATASETS)
def test_a_tiny_file_in_the_true_format_keeps_the_contract(name, tmp_path):
    assert contract(tiny(name, tmp_path / "data"), name) == []


def test_every_data_set_has_a_tiny_file():
    assert set(WRITERS) == set(FROM_FILES)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"X_train": lambda a: a / 255}, "pixels are not uint8"),
        (
            {
                "X_train": lambda a: a.reshape(len(a), -1),
                "X_val": lambda a: a.reshape(len(a), -1),
                "X_test": lambda a: a.reshape(len(a), -1),
            },
            "another shape",
        ),
        ({"y_val": lambda a: a * 0}, "a class is absent"),
        ({"X_test": lambda a: a + 1}, "above full scale"),
        ({"licence": lambda a: ""}, "licence, source or names"),
    ],
)
def test_a_data_set_that_breaks_one_promise_is_caught_for_that_one(change, broken):
    digits = load("digits")
    fields = {**digits, "class_names": digits.class_names, "licence": digits.licence, "source": digits.source, "name": "digits"}
    offender = Dataset(**{key: change.get(key, lambda a: a)(value) for key, value in fields.items()})
    found = contract(offender, "digits")
    assert found
    assert all(broken in promise for promise in found)


@pytest.mark.parametrize("name", FROM_FILES)
def test_missing_files_are_told_with_where_to_put_which(name, tmp_path):
    with pytest.raises(MissingDataError) as caught:
        load(name, tmp_path)
    text = str(caught.value)
    assert str(tmp_path) in text
    assert "LAYERWISE_DATA" in text
    assert "--data" in text
    assert all(file in text for file in DATASETS[name].layouts[0].files.values())


@pytest.mark.parametrize("name", FROM_FILES)
def test_a_single_missing_file_is_named_alone(name, tmp_path):
    WRITERS[name](tmp_path)
    sorted(tmp_path.iterdir())[0].unlink()
    with pytest.raises(MissingDataError, match=r"Put .* there too") as caught:
        load(name, tmp_path)
    assert " and " not in str(caught.value).partition("Put ")[2]


@pytest.mark.parametrize("below", ["", "mnist", "MNIST", "MNIST/raw"])
def test_a_folder_holds_the_files_or_a_folder_named_after_the_set(tmp_path, below, monkeypatch):
    write_mnist(tmp_path / "mit ü" / below)
    assert load_mnist(tmp_path / "mit ü").name == "mnist"
    monkeypatch.setenv("LAYERWISE_DATA", str(tmp_path / "mit ü"))
    assert load_mnist().name == "mnist"


@pytest.mark.parametrize("rename", [lambda n: n.removesuffix(".gz"), lambda n: n.replace("-idx", ".idx")])
def test_mnists_files_may_be_unpacked_or_named_with_a_dot(tmp_path, rename):
    write_mnist(tmp_path)
    for path in list(tmp_path.iterdir()):
        path.rename(tmp_path / rename(path.name))
    assert len(load_fashion_mnist(tmp_path).X_test) == 20


@pytest.mark.parametrize(("write", "below"), [(write_cifar_binary, "cifar-10-batches-bin"), (write_cifar_python, "cifar-10-batches-py")])
@pytest.mark.parametrize("above", ["", "cifar10"])
def test_both_formats_of_cifar10_give_the_same(tmp_path, write, below, above):
    write(tmp_path / above / below)
    data = load_cifar10(tmp_path, validation=20)
    pixels, labels = cifar_batch(seed=0)
    np.testing.assert_array_equal(data.X_train[:220], pixels.reshape(-1, 3, 32, 32))
    np.testing.assert_array_equal(data.y_train[:220], labels)
    np.testing.assert_array_equal(data.X_test, cifar_batch(seed=5)[0].reshape(-1, 3, 32, 32))


def test_the_last_images_of_cifar10_validate(tmp_path):
    write_cifar_binary(tmp_path)
    data = load("cifar10", tmp_path)
    assert (len(data.X_train), len(data.X_val)) == (100, 1000)
    assert np.shares_memory(load("cifar10", tmp_path).X_train, load("cifar10", tmp_path).X_val) is False
    assert isinstance(data.X_train, np.ndarray)


def test_validation_is_a_count_a_share_or_none(tmp_path):
    write_mnist(tmp_path)
    assert len(load("mnist", tmp_path, validation=20).X_val) == 20
    assert len(load("mnist", tmp_path, validation=0.5).X_val) == 30
    assert load("mnist", tmp_path, validation=0).X_val is None
    digits = load_digits(validation=0.2)
    assert (len(digits.X_val), len(digits.X_train), len(digits.X_test)) == (299, 1198, 300)
    images = np.concatenate([np.asarray(digits[f"X_{part}"]).reshape(-1, 64) for part in ("train", "val", "test")])
    assert len(np.unique(images, axis=0)) == 1797  # none is in two parts
    assert load_digits(validation=0).X_val is None


def test_the_seed_decides_which_images_validate(tmp_path):
    write_mnist(tmp_path)
    first, same, other = (np.asarray(load("mnist", tmp_path, seed=seed).X_val) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_images_of_another_size_are_another_data_set(tmp_path):
    write_mnist(tmp_path)
    for path in tmp_path.glob("*images*"):
        write_idx(path, np.zeros((60 if "train" in path.name else 20, 8, 8), np.uint8))
    with pytest.raises(DataError, match=r"have shape \(1, 8, 8\), but must have \(1, 28, 28\)"):
        load("mnist", tmp_path)


def test_an_unknown_name_gets_a_hint():
    with pytest.raises(ValueError, match=r'unknown data set "minst"\. Did you mean "mnist"'):
        load("minst")


def write_csv(path, n=40):
    lines = [f"{'' if i == 7 else i},{'ab'[i % 2]},{('cat', 'dog')[i % 2]}" for i in range(n)]
    path.write_text("\n".join(["size,kind,animal", *lines]))
    return path


def test_a_table_becomes_a_data_set_whose_missing_numbers_are_training_means(tmp_path):
    data = load_file(write_csv(tmp_path / "pets.csv"), "animal")
    assert [len(data[f"X_{part}"]) for part in ("train", "val", "test")] == [28, 6, 6]
    assert (data.class_names, data.name) == (("cat", "dog"), "pets")
    everything = np.concatenate([data[f"X_{part}"] for part in ("train", "val", "test")])
    known = set(range(40)) - {7}
    train = [v for v in data.X_train[:, 0] if v in known]
    fill = data.columns[0].fill
    assert fill == pytest.approx(np.mean(train) if len(train) == 28 else np.mean([v for v in data.X_train[:, 0] if v != fill]))
    assert (everything[:, 0] == fill).any()
    np.testing.assert_array_equal(data.X_train[:, 2], data.y_train)


def test_a_table_needs_a_label_and_a_file(tmp_path):
    with pytest.raises(DataError, match="--label COLUMN"):
        load_file(write_csv(tmp_path / "pets.csv"))
    with pytest.raises(DataError, match="there is no such file"):
        load_file(tmp_path / "none.csv", "animal")


def test_an_npz_of_one_part_is_split_and_of_several_kept(tmp_path):
    X, y = np.random.default_rng(0).random((40, 3)), np.arange(40) % 2
    np.savez(tmp_path / "one.npz", X=X, y=y)
    assert [len(load_file(tmp_path / "one.npz")[f"y_{part}"]) for part in ("train", "val", "test")] == [28, 6, 6]
    np.savez(tmp_path / "two.npz", X_train=X, y_train=y, X_test=X[:5], y_test=y[:5])
    data = load_file(tmp_path / "two.npz", validation=0.1)
    np.testing.assert_array_equal(data.X_test, X[:5])
    assert (len(data.X_train), len(data.X_val)) == (36, 4)


@pytest.mark.parametrize(("shape", "expected"), [((20, 28, 28), (1, 28, 28)), ((20, 32, 32, 3), (3, 32, 32)), ((20, 3, 8, 8), (3, 8, 8))])
def test_images_in_an_npz_get_their_channels_first(tmp_path, shape, expected):
    X = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.savez(tmp_path / "a.npz", x_train=X, y_train=np.arange(20) % 2, x_test=X, y_test=np.arange(20) % 2)
    data = load_file(tmp_path / "a.npz", validation=0)
    assert data.X_train.shape[1:] == expected
    if shape[-1] == 3:
        np.testing.assert_array_equal(data.X_train[0, 2], X[0, :, :, 2])
