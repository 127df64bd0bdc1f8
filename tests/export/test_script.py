"""Scripts of every kind of model say what the model says, with NumPy alone; nothing that a user wrote runs in them."""

import ast
import importlib.util
import subprocess
import sys

import numpy as np
import pytest
from tests.export.case import CASES, examples, of_loss, of_transforms

from layerwise.data.delimited import Column
from layerwise.export import to_numpy
from layerwise.export.plan import plan
from layerwise.export.proof import prove
from layerwise.models import SoftmaxModel
from layerwise.models.inputs import Inputs


def written(folder, text):
    path = folder / "net.py"
    path.write_text(text, encoding="utf-8")
    return path


def imported(path):
    spec = importlib.util.spec_from_file_location("net", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(path, *arguments, code=0):
    done = subprocess.run([sys.executable, "-I", path, *arguments], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


@pytest.mark.parametrize("name", CASES)
def test_a_script_says_what_the_model_says(name, tmp_path):
    model = CASES[name]()
    X = examples(model).astype(plan(model).raw)
    net = imported(written(tmp_path, to_numpy(model)))
    with np.errstate(all="ignore"):
        assert prove(model, X, net.everything(X)).examples == 20


@pytest.mark.parametrize("name", CASES)
def test_a_script_imports_numpy_and_the_standard_library_alone_and_knows_every_name(name):
    tree = ast.parse(to_numpy(CASES[name]()))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == {"base64", "math", "sys", "numpy"}


def test_its_functions_are_predict_probabilities_and_scores(tmp_path):
    model = of_loss("softmax")
    X = examples(model).astype(np.float32)
    net = imported(written(tmp_path, to_numpy(model)))
    np.testing.assert_array_equal(net.predict(X), model.predict(X))
    np.testing.assert_allclose(net.probabilities(X), model.predict_proba(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(net.scores(X), model.forward(X), rtol=1e-5, atol=1e-5)
    assert not hasattr(imported(written(tmp_path, to_numpy(of_loss("svm")))), "probabilities")
    assert not hasattr(imported(written(tmp_path, to_numpy(of_loss("squared")))), "predict")


def test_it_takes_batches_flat_rows_grey_images_and_one_example_alone(tmp_path):
    model = SoftmaxModel(12, 3, weight_scale=1.0)
    model.inputs = Inputs(example_shape=(1, 3, 4))
    net = imported(written(tmp_path, to_numpy(model)))
    X = np.random.default_rng(0).normal(size=(5, 1, 3, 4))
    for same in (X, X.reshape(5, 12), X[:, 0], X.astype(object).astype(float)):
        np.testing.assert_array_equal(net.scores(same), net.scores(X))
    for one in (X[2], X[2].ravel(), X[2, 0]):
        np.testing.assert_allclose(net.scores(one), net.scores(X)[2:3], rtol=1e-5)
    with pytest.raises(ValueError, match=r"examples have shape \(4, 3, 1\), but must have \(1, 3, 4\)"):
        net.scores(np.zeros((5, 4, 3, 1)))


def test_run_on_a_file_it_prints_a_line_for_each_example_or_writes_arrays(tmp_path):
    model = of_transforms("scale", "center")
    X = examples(model, 4)
    np.save(tmp_path / "größe x.npy", X)
    path = written(tmp_path, to_numpy(model))
    out, _ = run(path, tmp_path / "größe x.npy")
    x = model.inputs.prepare(X)
    likely = model.predict_proba(x).max(axis=1)
    assert out.splitlines() == ["abc"[k] + f"\t{p:.4f}" for k, p in zip(model.predict(x), likely, strict=True)]
    run(path, tmp_path / "größe x.npy", tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz") as said:
        assert sorted(said) == ["label", "probability", "score"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (np.zeros((2, 7)), "x.npy: examples have shape (7,), but must have (2, 4, 5)"),
        (np.array(["a"]), "x.npy: examples are numbers, but these are <U1"),
        (np.array([{}], object), "x.npy: Object arrays cannot be loaded when allow_pickle=False"),
    ],
)
def test_what_is_wrong_with_examples_is_said_in_a_line(content, words, tmp_path):
    path = written(tmp_path, to_numpy(of_transforms("scale")))
    np.save(tmp_path / "x.npy", content, allow_pickle=True)
    _, err = run(path, tmp_path / "x.npy", code=1)
    assert err.strip().endswith(words)


def test_what_is_no_file_of_examples_is_said_in_a_line(tmp_path):
    path = written(tmp_path, to_numpy(of_transforms("scale")))
    (tmp_path / "image.png").write_bytes(b"\x89PNG")
    np.savez(tmp_path / "x.npz", np.zeros(3))
    for name in ("image.png", "x.npz"):
        _, err = run(path, tmp_path / name, code=1)
        assert err.strip().endswith(f"{name}: is no .npy file. Write one with numpy.save, of raw examples.")
    _, err = run(path, tmp_path / "no.npy", code=1)
    assert err.strip().endswith("no.npy'")
    _, err = run(path, code=1)
    assert err.startswith("usage: python ")


HOSTILE = '"""\'\'\'\n__import__("pathlib").Path("ran").touch()\n{1/0}\\ \udc80'


def test_names_that_would_like_to_run_are_texts(tmp_path, monkeypatch):
    model = SoftmaxModel(2, 2)
    model.inputs = Inputs(class_names=(HOSTILE, "b"), example_shape=(2,), columns=(Column(HOSTILE), Column("x")), data_name=HOSTILE)
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, to_numpy(model))
    net = imported(path)
    assert (net.CLASS_NAMES, net.FEATURES, net.DATA) == ([HOSTILE, "b"], [HOSTILE, "x"], HOSTILE)
    np.save("x.npy", np.zeros((1, 2)))
    run(path, "x.npy")
    assert not (tmp_path / "ran").exists()


def test_an_array_comes_back_to_the_bit(tmp_path):
    model = SoftmaxModel(3, 2, dtype=np.float64)
    model.params["W"] = np.array([[5e-324, -0.0], [np.pi, -1e308], [1 / 3, 2.0]])
    net = imported(written(tmp_path, to_numpy(model)))
    assert net.ARRAYS["dense1.w"].tobytes() == model.params["W"].tobytes()
    assert net.ARRAYS["dense1.w"].flags.writeable
