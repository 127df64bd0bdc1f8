"""`layerwise data`, and training on data of one's own, as real processes: nothing here leaves the machine."""

import json
import random
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.command import layerwise, write_rows
from tests.data.files import PUBLISHERS, publish, write_mnist
from tests.data.server import publishing, serving

from layerwise.data import DATASETS
from layerwise.jobs import data as jobs

COMMANDS = ("list", "where", "get", "show", "doctor")
UNREACHABLE = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9") | {"no_proxy": "", "NO_PROXY": ""}


@pytest.fixture
def place(tmp_path):
    """A folder whose name has a space and letters beyond ASCII; parsed copies and others' data sets stay beside it."""
    place = tmp_path / "mein Ordner 数"
    place.mkdir()
    return place


def run(*arguments, place, code=0, **variables):
    own = {name: str(place.parent / name.lower()) for name in ("HOME", "USERPROFILE", "KERAS_HOME", "SCIKIT_LEARN_DATA")}
    return layerwise(*arguments, folder=place, code=code, LAYERWISE_CACHE=str(place.parent / "cache"), **{**own, **variables})


# ---- list, where, get, doctor


def test_alone_it_names_its_commands(place):
    out, err = run("data", place=place, code=2)
    assert all(f" {name} " in out for name in COMMANDS)
    assert err == ""


def test_list_has_a_line_for_each_set_that_says_where_it_is(place):
    write_mnist(place / "data" / "mnist")
    ours = str(place / "data")
    out, err = run("data", "list", place=place, COLUMNS="300", LAYERWISE_DATA=ours)
    assert err == ""
    lines = {line.split()[0]: line for line in out.splitlines() if line.split()}
    assert lines.keys() >= {*DATASETS, "name", "Fetch"}
    assert lines["mnist"].rstrip().endswith(str(place / "data" / "mnist"))
    assert lines["svhn"].rstrip().endswith("not here")
    assert "comes with the package" in lines["digits"]
    assert "3 × 32 × 32" in lines["cifar10"]
    assert "170 MB" in lines["cifar10"]
    rows = {row["name"]: row for row in json.loads(run("data", "list", "--json", place=place, LAYERWISE_DATA=ours)[0])["datasets"]}
    assert rows.keys() == DATASETS.keys()
    assert rows["mnist"]["found"] == str(place / "data" / "mnist")
    assert rows["digits"]["licence"] == "CC BY 4.0"
    assert run("data", "list", "--quiet", place=place) == ("", "")


def test_where_prints_the_files_one_a_line_for_other_programs(place):
    write_mnist(place / "mine")
    out, err = run("data", "where", "mnist", "--data", "mine", place=place)
    assert err == ""
    names = [line.rsplit("mine", 1)[1][1:] for line in out.splitlines()]
    assert names == [f"{stem}-ubyte.gz" for stem in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")]
    assert json.loads(run("data", "where", "mnist", "--json", place=place, LAYERWISE_DATA="mine")[0])["files"] == out.splitlines()
    assert run("data", "where", "mnist", "--data", "mine", "--quiet", place=place) == ("", "")
    assert run("data", "where", "digits", place=place) == ("digits comes with the package\n", "")


@pytest.mark.parametrize("arguments", [("data", "where", "svhn"), ("train", "svhn"), ("data", "show", "svhn")])
def test_files_that_are_missing_are_told_in_one_line_with_the_command_that_fetches_them(place, arguments):
    out, err = run(*arguments, place=place, code=3)
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "Put train_32x32.mat and test_32x32.mat there" in err
    assert err.endswith("or fetch them: layerwise data get svhn\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("where", "mnits"), 'unknown data set "mnits". Did you mean "mnist"?'),
        (("get", "cifar"), 'unknown data set "cifar". Did you mean "cifar10"?'),
        (("show", "fashion-mnist"), 'neither a data set known by name nor a file. Did you mean "fashion_mnist"?'),
        (("get",), "Missing argument 'NAME'"),
        (("lst",), "lst"),
        (("list", "--jason"), "--jason"),
    ],
)
def test_a_slip_is_told_in_a_sentence_with_a_guess(place, arguments, text):
    out, err = run("data", *arguments, place=place, code=2)
    assert out == ""
    assert text in err
    assert err.startswith("layerwise: ")


def test_get_fetches_nothing_that_is_there(place):
    write_mnist(place / "sets" / "mnist")
    out, err = run("data", "get", "mnist", "--data", "sets", place=place, **UNREACHABLE)
    assert (out, err) == (f"mnist was already in {Path('sets', 'mnist')}. Train on it with: layerwise train mnist --data sets\n", "")
    assert run("data", "get", "mnist", "--data", "sets", "--quiet", place=place, **UNREACHABLE) == ("", "")
    got = json.loads(run("data", "get", "mnist", "--data", "sets", "--json", place=place, **UNREACHABLE)[0])
    assert got["fetched"] is False
    assert len(got["files"]) == 4
    assert run("data", "get", "digits", place=place)[0] == "digits comes with the package. Train on it with: layerwise train digits\n"


def test_offline_one_line_says_which_files_to_put_where_and_who_publishes_them(place):
    out, err = run("data", "get", "fashion_mnist", "--data", "my sets", "--no-progress", place=place, code=3, **UNREACHABLE)
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "Put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz into " in err
    assert str(place / "my sets" / "fashion_mnist") in err
    assert "published at https://storage.googleapis.com/tensorflow/tf-keras-datasets or " in err
    assert err.count("cannot be reached") == 4


def test_the_doctor_ends_in_code_1_where_something_is_wrong(place):
    out, err = run("data", "doctor", place=place)
    assert err == ""
    assert "BAD" not in out
    assert "note  svhn            not on this machine. Fetch it with: layerwise data get svhn" in out.splitlines()
    out, _ = run("data", "doctor", place=place, code=1, LAYERWISE_DATA="nowhere")
    assert "BAD   LAYERWISE_DATA  nowhere is no folder. Make it, or unset the variable." in out.splitlines()
    checks = json.loads(run("data", "doctor", "--json", place=place, code=1, LAYERWISE_DATA="nowhere")[0])["checks"]
    assert [check["what"] for check in checks if check["fine"] is False] == ["LAYERWISE_DATA"]
    assert run("data", "doctor", "--quiet", place=place, code=1, LAYERWISE_DATA="nowhere") == ("", "")


# ---- the sets known by name, from a mirror to a trained net


@pytest.mark.parametrize("name", PUBLISHERS)
def test_a_set_is_fetched_over_http_and_trained_on(place, name, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serving(publishing(place / "published")) as server:
        files = publish(name, place / "published", (server.url,))
        assert jobs.get(name, place.parent / "cache", files=files)[1]
    out, err = run("train", name, "--steps", "3", "--no-figures", "--json", place=place)
    assert err == ""
    assert json.loads(out)["steps"] == 3
    assert "was already in" in run("data", "get", name, place=place, **UNREACHABLE)[0]


# ---- show


def test_show_prints_what_it_writes_and_warns_of_what_is_in_two_parts(place):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (60, 8, 8), dtype=np.uint8), np.arange(60) % 3
    np.savez(place / "faces.npz", X_train=X, y_train=y, X_test=np.concatenate([X[:2], 255 - X[:4]]), y_test=np.array([0, 1, 2, 0, 1, 2]))
    out, err = run("data", "show", "faces.npz", place=place)
    assert err == ""
    *summary, pictures = out.splitlines()
    assert pictures == "Pictures in faces-data: class-balance.png, mean-images.png, pixels.png, samples.png"
    assert summary[0] == "faces: 1 × 8 × 8 uint8 an example"
    assert [line for line in summary if line.startswith("Warning: 2 examples of the test part are in the ")]
    assert (place / "faces-data" / "summary.txt").read_text("utf-8").splitlines() == summary
    shown = json.loads(run("data", "show", "digits", "--json", "--no-figures", "--output", "läuft", place=place)[0])
    assert (shown["folder"], shown["warnings"], shown["figures"]) == ("läuft", [], [])
    assert shown["summary"][-1] == "no example is in two parts"
    assert run("data", "show", "digits", "--quiet", "--no-figures", place=place) == ("", "")
    assert (place / "digits-data" / "summary.txt").is_file()


# ---- data of one's own


def draw_shapes(folder, count=40):
    """Discs and stripes in colours with noise; the first three of each are of other sizes, and one file is no image."""
    rng = np.random.default_rng(0)
    for name in ("disc", "stripes"):
        (folder / name).mkdir(parents=True)
        for k in range(count):
            side = 16 + k if k in (1, 2, 3) else 16
            y, x = np.mgrid[:side, :side]
            top, left = rng.integers(5, 11, 2)
            figure = (y - top) ** 2 + (x - left) ** 2 < 16 if name == "disc" else (x + left) % 4 < 2
            pixels = np.where(figure[..., None], [220, 180, 60], [40, 60, 90]) + rng.normal(0, 10, (side, side, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / name / f"{k:02}.png")
    (folder / "disc" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")


def test_a_folder_of_pngs_is_trained_on_with_random_changes_and_its_model_predicts_files(place):
    draw_shapes(place / "shapes")
    out, err = run(
        *("train", "shapes", "--image-size", "12", "--channels", "1", "--augment", "flip,shift", "--epochs", "20"),
        *("--no-figures", "--no-progress", "--output", "run"),
        place=place,
    )
    assert err == ""
    lines = out.splitlines()
    assert lines[0] == "shapes: 56 examples to train on, 12 to validate, 12 to test"
    assert lines[1].startswith("fully-connected 144-100-2, ")
    assert lines[2].startswith(f"Note: 1 file in shapes left out: {Path('shapes', 'disc', 'broken.png')}: ")
    assert lines[3] == "Note: 80 of another size stretched to 12 × 12 pixels"
    assert float(re.search(r"test accuracy +([\d.]+)", out)[1]) >= 0.9
    chosen = tomllib.loads((place / "run" / "config.toml").read_text("utf-8"))
    assert (chosen["image_size"], chosen["channels"], chosen["augment"]) == ([12], 1, ["flip", "shift"])
    answer = json.loads(run("predict", "run", "shapes/stripes/05.png", "--json", place=place)[0])
    assert "stripes" in json.dumps(answer)


def test_config_toml_reproduces_random_changes_to_the_bit_and_none_takes_them_away(place):
    once = ("train", "digits", "--augment", "shift", "--epochs", "1", "--no-figures", "--quiet")
    run(*once, "--output", "first", place=place)
    run("train", "--config", "first/config.toml", "--no-figures", "--quiet", "--output", "second", place=place)
    run("train", "--config", "first/config.toml", "--augment", "none", "--no-figures", "--quiet", "--output", "third", place=place)
    first, second, third = ((place / name / "model.safetensors").read_bytes() for name in ("first", "second", "third"))
    assert first == second
    assert first != third


def test_a_table_of_numbers_texts_and_gaps_is_trained_on(place):
    draw = random.Random(0)
    rows = []
    for i in range(150):
        k = i % 3
        length = "" if i % 25 == 7 else f"{draw.gauss(4 * k, 1):.2f}"
        rows.append([length, "" if i % 15 == 4 else draw.choice(["red", "blue"]), (6, 6, 8)[k], ("ant", "bee", "spider")[k]])
    write_rows(place / "animals.csv", [["length", "colour", "legs", "kind"], *rows])
    out, err = run("train", "animals.csv", "--label", "kind", "--no-figures", "--json", "--output", "run", place=place)
    assert err == ""
    assert json.loads(out)["test_acc"] > 0.9
    out, _ = run("train", "animals.csv", "--label", "kind", "--steps", "1", "--no-figures", place=place)
    assert out.splitlines()[1].startswith("fully-connected 5-100-3, ")  # length, legs, and three levels of colour
    assert out.splitlines()[2] == 'Note: missing numbers take their column\'s mean over the training examples: 6 in "length"'
    shown, _ = run("data", "show", "animals.csv", "--label", "kind", "--no-figures", place=place)
    assert "  colour: 3 levels (blue, red, (missing))" in shown.splitlines()


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("animals.csv", "--label", "kind", "--augment", "flip"), 2, "flip: needs images (N, C, H, W), but the examples have shape (1,)"),
        (("animals.csv", "--label", "kind", "--image-size", "8"), 2, "--image-size has no effect here: animals.csv is no folder of images"),
        (("digits", "--channels", "1"), 2, "--channels has no effect here"),
        (("digits", "--augment", "rotate"), 2, 'unknown augmentation "rotate". Known: crop, flip, shift.'),
        (("shapes", "--channels", "2"), 2, "channels is 2, but must be 1 (grey) or 3 (colours)"),
        (("shapes", "--image-size", "0"), 2, "--image-size is '0', but must be whole numbers from 1 up"),
        (("shapes", "--image-size", "2", "--augment", "shift"), 2, "shift: by 2 pixels, images of 2 × 2 would leave the frame"),
        (("empty",), 3, "empty: a folder without folders. To train on images, put those of each class into a folder named after it"),
        (
            ("single",),
            3,
            "single: has images in 1 folder. Put the images of each class into a folder that is named after it: at least two.",
        ),
    ],
)
def test_what_does_not_fit_the_data_is_told_in_a_sentence(place, arguments, code, text):
    write_rows(place / "animals.csv", [["length", "kind"], *([i, "ab"[i % 2]] for i in range(40))])
    (place / "empty").mkdir()
    draw_shapes(place / "shapes", count=8)
    draw_shapes(place / "single", count=1)
    for path in (place / "single" / "stripes").iterdir():
        path.unlink()
    out, err = run("train", *arguments, place=place, code=code)
    assert out == ""
    assert text in err
    assert err.startswith("layerwise: ")
