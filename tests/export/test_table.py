"""A file is kept only if it predicts as its model does."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from tests.export.case import CASES, examples, of_loss, of_transforms

from layerwise.errors import ExportError
from layerwise.export import FORMATS, save
from layerwise.export.plan import plan
from layerwise.export.table import drawn
from layerwise.models import SoftmaxModel
from layerwise.models.inputs import Inputs


@pytest.mark.parametrize("to", FORMATS)
def test_a_file_is_proved_on_the_examples_given_and_kept(to, tmp_path):
    model = of_transforms("scale", "center")
    path = tmp_path / "mein Ordner 数" / f"net{FORMATS[to].ending}"
    proof = save(model, path, to, examples=examples(model, 130))
    assert proof.examples == 100
    assert proof.difference < 1e-5
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("to", FORMATS)
def test_a_file_that_would_predict_something_else_is_not_kept(to, tmp_path, monkeypatch):
    def forgetful(model):
        other = of_transforms("scale", "center")
        other.params["dense2.b"][0] += 1  # what a writer that forgets a bias does
        return FORMATS_BEFORE[to].write(other)

    monkeypatch.setitem(FORMATS, to, dataclasses.replace(FORMATS[to], write=forgetful))
    path = tmp_path / "net"
    path.write_text("what was there")
    model = of_transforms("scale", "center")
    with pytest.raises(ExportError, match=r"net: not kept, as it would not predict what the model does: of 100 examples \d+ have another"):
        save(model, path, to)
    assert [file.name for file in tmp_path.iterdir()] == ["net"]
    assert path.read_text() == "what was there"


FORMATS_BEFORE = dict(FORMATS)


def test_a_script_that_does_not_run_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setitem(FORMATS, "numpy", dataclasses.replace(FORMATS["numpy"], write=lambda model: b"import no_such_module"))
    with pytest.raises(ExportError, match="the script ends with ModuleNotFoundError: No module named 'no_such_module'"):
        save(of_loss("softmax"), tmp_path / "net.py", "numpy")
    assert list(tmp_path.iterdir()) == []


def test_a_script_that_does_not_end_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.export.table.LONGEST", 0.2)
    monkeypatch.setitem(FORMATS, "numpy", dataclasses.replace(FORMATS["numpy"], write=lambda model: b"while True: pass"))
    with pytest.raises(ExportError, match=r"the script takes more than 0\.2 s for 100 examples"):
        save(of_loss("softmax"), tmp_path / "net.py", "numpy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("to", "module", "words"),
    [
        ("onnx", "onnx", "ONNX files need onnx. Install it with: pip install 'layerwise[onnx]'"),
        ("sklearn", "sklearn", "Its proof needs scikit-learn. Install it with: pip install 'layerwise[sklearn]'"),
    ],
)
def test_without_the_extra_its_name_is_told(to, module, words, tmp_path):
    program = f"""
import importlib.util, sys
sys.modules[{module!r}] = None
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == {module!r} else find(name)
import layerwise as lw
lw.export.save(lw.models.SoftmaxModel(4, 3), "net", {to!r})
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.stderr.splitlines()[-1] == f"layerwise.errors.MissingExtraError: {words}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["model ConvNet", "transform scale", "transform standardize of large numbers", "loss squared"])
def test_examples_are_drawn_where_none_are_given(name):
    model = CASES[name]()
    X = drawn(model, plan(model))
    assert X.shape == (100, *plan(model).example_shape)
    prepared = X if model.inputs is None else model.inputs.prepare(X)
    assert 0.1 < np.std(prepared) < 10


def test_digits_are_drawn_up_to_their_white():
    model = SoftmaxModel(64, 3)
    model.inputs = Inputs(example_shape=(64,), full_scale=16.0)
    X = drawn(model, plan(model))
    assert (X.min(), X.max()) == (0, 16)


@pytest.mark.parametrize(
    ("to", "given", "words"),
    [
        ("onxx", None, 'unknown format "onxx". Did you mean "onnx"?'),
        ("onnx", np.zeros((3, 4)), r"save: examples have shape \(3, 4\), but \(N, 5\) are needed."),
        ("onnx", np.zeros((0, 5)), r"save: examples have shape \(0, 5\), but \(N, 5\) are needed."),
    ],
)
def test_an_unknown_format_and_wrong_examples_are_refused(to, given, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        save(of_loss("softmax"), tmp_path / "net", to, examples=given)
    assert list(tmp_path.iterdir()) == []
