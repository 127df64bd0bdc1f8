import os
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from tests.data.files import PUBLISHERS, cifar_batch, publish, svhn_part, write_cifar_binary, write_mnist
from tests.data.server import publishing, serving

from layerwise.data.table import DATASETS, load
from layerwise.errors import DataError, MissingDataError
from layerwise.jobs import data as jobs


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("layerwise.data.place.roots", lambda: [tmp_path / "data"])
    monkeypatch.setattr("layerwise.data.layout.SYSTEM", tmp_path / "system")
    monkeypatch.setenv("no_proxy", "*")
    for variable in [name for name in os.environ if name.lower().endswith("_proxy") and name.lower() != "no_proxy"]:
        monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_known_data_set_has_a_row_that_says_where_it_is(home):
    write_mnist(home / "data" / "mnist")
    rows = {row["name"]: row for row in jobs.list_known()}
    assert rows.keys() == DATASETS.keys()
    assert rows["digits"]["found"] == "comes with the package"
    assert rows["mnist"]["found"] == str(home / "data" / "mnist")
    assert rows["cifar10"]["found"] == ""
    assert rows["cifar10"]["download"] == 170_052_171
    assert all(row["licence"] and row["source"] and row["classes"] == 10 for row in rows.values())


def test_where_names_the_files_or_says_what_is_missing(home):
    assert jobs.where("digits") == []
    with pytest.raises(MissingDataError, match=r"data_batch_1\.bin"):
        jobs.where("cifar10")
    write_cifar_binary(home / "mine")
    assert {path.name for path in jobs.where("cifar10", home / "mine")} == {
        f"{b}.bin" for b in [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
    }
    with pytest.raises(ValueError, match="unknown data set"):
        jobs.where("cifar")


@pytest.mark.parametrize("name", PUBLISHERS)
def test_every_set_is_fetched_from_a_mirror_parsed_and_found_again(home, name):
    with serving(publishing(home / "published")) as server:
        files = publish(name, home / "published", (f"{server.url}/gone", server.url))
        seen = []
        paths, fetched = jobs.get(name, files=files, progress=lambda *step: seen.append(step))
        assert fetched
        asked = len(server.requests)
        assert jobs.get(name, files=files) == (paths, False)
        assert len(server.requests) == asked  # nothing is fetched that is there
    assert all(path.is_relative_to(home / "cache" / name) for path in paths)
    assert {(file, done) for file, done, total in seen if done == total} == {(file.name, file.size) for file in files}
    assert not [*(home / "cache").rglob("*.part"), *(home / "cache").rglob("readme.html")]
    data = load(name)
    assert data.X_train.shape[1:] == DATASETS[name].example_shape
    whole = np.sort(np.concatenate([np.asarray(data[f"X_{part}"]).sum(axis=(1, 2, 3), dtype=int) for part in ("train", "val", "test")]))
    np.testing.assert_array_equal(whole, np.sort(sums_of(name)))


def sums_of(name):
    """The sum of each image's pixels, as it was written."""
    if name == "cifar10":
        return np.concatenate([cifar_batch(seed=seed)[0].sum(axis=1, dtype=int) for seed in range(6)])
    if name == "svhn":
        return np.concatenate([svhn_part(n, seed)[0].sum(axis=(1, 2, 3), dtype=int) for seed, n in enumerate((60, 20))])
    rng = np.random.default_rng(0)
    return np.concatenate([rng.integers(0, 256, (n, 28, 28), dtype=np.uint8).sum(axis=(1, 2), dtype=int) for n in (60, 20)])


def test_files_go_to_the_folder_that_is_named_and_to_LAYERWISE_DATA(home, monkeypatch):
    with serving(publishing(home / "published")) as server:
        files = publish("mnist", home / "published", (server.url,))
        assert jobs.get("mnist", home / "mine", files=files)[0][0].parent == home / "mine" / "mnist"
        monkeypatch.setenv("LAYERWISE_DATA", str(home / "ours"))
        assert jobs.get("mnist", files=files)[0][0].parent == home / "ours" / "mnist"
    assert load("mnist").name == "mnist"


def test_other_bytes_than_the_published_ones_are_never_kept(home):
    with serving(publishing(home / "published")) as server:
        files = [replace(file, sha256="0" * 64) for file in publish("svhn", home / "published", (server.url,))]
        with pytest.raises(MissingDataError, match=r"no mirror served train_32x32.mat: 127.0.0.1:\d+ gives other bytes"):
            jobs.get("svhn", files=files)
    assert not [*(home / "cache").rglob("*.mat"), *(home / "cache").rglob("*.part")]


def test_show_writes_a_summary_and_figures(home):
    shown = jobs.show("digits", home / "out")
    assert "training: 1,197 examples" in shown.summary
    assert "  0: 118, 30, 30" in shown.summary
    assert shown.warnings == []
    assert {path.stem for path in shown.figures} == {"class-balance", "samples", "mean-images", "pixels"}
    assert all(path.parent == home / "out" and path.is_file() for path in shown.figures)
    assert (home / "out" / "summary.txt").read_text("utf-8").splitlines() == shown.summary


def test_show_warns_of_what_is_in_two_parts_and_of_classes_that_are_absent_or_rare(home):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (80, 1, 4, 4), dtype=np.uint8), np.r_[np.zeros(76, int), np.ones(4, int)]
    X[1] = X[0]
    np.savez(
        home / "a.npz", X_train=X, y_train=y, X_test=np.r_[X[[2, 79]], 255 - X[:1]], y_test=np.array([0, 0, 0]), class_names=["a", "b"]
    )
    shown = jobs.show(str(home / "a.npz"), home / "out", val="0", figures=False)
    assert shown.figures == []
    assert shown.warnings == [
        (
            "2 examples of the test part are in the training part, too, 1 with another label (rows 0 = 2, 1 = 79): "
            "what is learned by heart counts as right there"
        ),
        "the test part has no example of b",
        "the largest class has 19 times as many training examples as the smallest",
    ]
    assert (home / "out" / "summary.txt").read_text("utf-8").count("Warning: ") == 3


def test_show_takes_tables_and_folders_of_images(home):
    (home / "t.csv").write_text("size,kind,y\n" + "".join(f"{k},{'ab'[k % 2]},{k % 2}\n" for k in range(40)))
    shown = jobs.show("t.csv", label="y")
    assert shown.folder.name == "t-data"
    assert "  kind: 2 levels (a, b)" in shown.summary
    assert {path.stem for path in shown.figures} == {"class-balance"}
    assert "targets: " in "\n".join(jobs.show("t.csv", home / "o", label="size", target="number", figures=False).summary)
    for name in ("x", "y"):
        (home / "pictures" / name).mkdir(parents=True)
        for k in range(8):
            Image.fromarray(np.full((4, 4), 8 * k + (name == "x"), np.uint8)).save(home / "pictures" / name / f"{k}.png")
    (home / "pictures" / "x" / "bad.png").write_bytes(b"x")
    shown = jobs.show("pictures", home / "o")
    assert any("bad.png: is not an image" in line for line in shown.summary)
    assert len(shown.figures) == 8
    with pytest.raises(ValueError, match='"minst" is neither a data set known by name nor a file'):
        jobs.show("minst")


def test_without_matplotlib_the_summary_is_written_all_the_same(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    import layerwise.report

    for name in ("style", "axis", "sheet", "figure", "data_figure"):
        monkeypatch.delitem(sys.modules, f"layerwise.report.{name}", raising=False)
        monkeypatch.delattr(layerwise.report, name, raising=False)
    shown = jobs.show("digits", home / "out")
    assert shown.figures == []
    assert "pip install 'layerwise[plot]'" in shown.figures_note
    assert (home / "out" / "summary.txt").is_file()


def test_the_doctor_looks_at_folders_files_cut_downloads_and_extras(home, monkeypatch):
    (home / "cache" / "mnist").mkdir(parents=True)
    (home / "cache" / "mnist" / "train-images-idx3-ubyte.gz.part").write_bytes(b"x" * 1234)
    checks = {check.what: check for check in jobs.doctor()}
    assert checks["cache"].fine
    assert checks["LAYERWISE_DATA"].fine is None
    assert checks["digits"].fine
    assert checks["mnist"].fine is None
    assert checks["mnist"].said.endswith("layerwise data get mnist")
    assert "1,234 bytes" in checks["cut download"].said
    assert checks["figures"].fine
    monkeypatch.setenv("LAYERWISE_DATA", str(home / "nowhere"))
    (home / "file").write_text("")
    monkeypatch.setenv("LAYERWISE_CACHE", str(home / "file" / "cache"))
    checks = {check.what: check for check in jobs.doctor()}
    assert checks["LAYERWISE_DATA"].fine is False
    assert checks["cache"].fine is False
    assert "Set LAYERWISE_CACHE" in checks["cache"].said


def test_the_doctor_says_when_there_is_little_room(monkeypatch):
    monkeypatch.setattr(jobs, "LITTLE_ROOM", 1 << 60)
    checks = {check.what: check for check in jobs.doctor()}
    assert checks["cache"].fine is False
    assert "MB of room left" in checks["cache"].said


def test_a_file_that_cannot_be_read_is_an_error_of_ours(home):
    (home / "a.npz").write_bytes(b"x")
    with pytest.raises(DataError, match=r"a\.npz"):
        jobs.show("a.npz")
