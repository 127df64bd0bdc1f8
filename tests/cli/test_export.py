"""`layerwise export`, as a newcomer runs it."""

import json
import subprocess
import sys

import numpy as np
import pytest
from tests.cli.command import layerwise, write_prices

from layerwise.data import load_digits


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Runs on digits and prices, in a folder whose name has a space and letters beyond ASCII."""
    folder = tmp_path_factory.mktemp("mein Ordner 数")
    write_prices(folder / "prices.csv")
    quick = ("--no-figures", "--quiet", "--epochs", "2", "--output")
    layerwise("train", "digits", *quick, "digits run", folder=folder)
    layerwise("train", "digits", "--model", "conv", "--blocks", "conv 4 3x3, relu, max_pool 2", *quick, "conv", folder=folder)
    layerwise("train", "prices.csv", "--label", "price", "--target", "number", *quick, "prices", folder=folder)
    return folder


@pytest.mark.parametrize(
    ("run", "formats", "examples"),
    [
        ("digits run", ["onnx", "sklearn", "numpy"], "100 test examples of digits"),
        ("prices", ["onnx"], "100 test and validation and training examples of prices"),
    ],
)
def test_a_run_is_written_and_proved_on_its_own_test_examples(place, run, formats, examples):
    out, err = layerwise("export", run, *(f"--{to}" for to in formats), folder=place)
    assert err == ""
    assert out.count(f"Proved on {examples}: it says what the model says, to ") == len(formats)
    for to in formats:
        assert (place / run / {"onnx": "model.onnx", "sklearn": "model_sklearn.py", "numpy": "model_numpy.py"}[to]).is_file()


def test_a_script_predicts_by_itself(place):
    layerwise("export", "digits run", "--numpy", "--output", "my net.py", folder=place)
    X = np.asarray(load_digits().X_test[:3])
    np.save(place / "x.npy", X)
    done = subprocess.run([sys.executable, "-I", "my net.py", "x.npy"], cwd=place, capture_output=True, encoding="utf-8", check=True)
    np.savez(place / "x.npz", X=X)
    told = json.loads(layerwise("predict", "digits run", "x.npz", "--json", folder=place)[0])["predictions"]
    assert done.stdout.splitlines() == [f"{row['class']}\t{row['probability']:.4f}" for row in told]


def test_json_tells_the_file_and_its_proof(place):
    out, _ = layerwise("export", "conv", "--onnx", "--output", "net.onnx", "--json", folder=place)
    (row,) = json.loads(out)["files"]
    assert (row["format"], row["file"], row["examples"], row["examples_are"]) == ("onnx", "net.onnx", 100, "test examples of digits")
    assert 0 <= row["largest_difference"] < 1e-4


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("export", "conv"), 2, "export to which format? Give --onnx, --sklearn or --numpy (or several)."),
        (("export", "conv", "--onnx", "--numpy", "--output", "a"), 2, "--output a is one file, but 2 formats are asked for"),
        (("export", "conv", "--sklearn"), 2, "scikit-learn's MLP cannot express conv1: it has dense layers, and relu, tanh, sigmoid"),
        (("export", "nowhere", "--onnx"), 3, "nowhere: there is no run and no model here"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(place, arguments, code, words):
    out, err = layerwise(*arguments, folder=place, code=code)
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1
