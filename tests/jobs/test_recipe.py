"""Every kind of model that `layerwise train` knows trains on images, and says what became of it."""

import json

import numpy as np
import pytest
from tests.contract import refusal

import layerwise
from layerwise.data import load_digits
from layerwise.jobs.build import RECIPES
from layerwise.jobs.setting import checked
from layerwise.jobs.train import prepare, train
from layerwise.train.preflight import preflight

OPTIONS = {
    "three-layer-conv": {"filters": 4, "filter_size": 3, "hidden": [10]},
    "conv": {"blocks": ["conv 4 3x3", "relu", "max_pool 2"]},
    "autoencoder": {"noise": 0.1, "hidden": [20, 8]},
    "fully-connected": {"normalization": "batchnorm"},
}


def run(folder, model, figures=False, **options):
    settings = checked({"data": "digits", "model": model, "steps": 40, **OPTIONS.get(model, {}), **options})
    return train(settings, output=folder / model, figures=figures)


@pytest.mark.parametrize("model", RECIPES)
def test_a_model_of_each_kind_trains_and_comes_back(model, tmp_path):
    outcome = run(tmp_path, model)
    again = layerwise.load(outcome.folder / "model")
    assert type(again).__name__ == outcome.results["model"]
    assert [key for key in outcome.results if key.startswith("test")] == (
        ["test_reconstruction"] if model == "autoencoder" else ["test_loss", "test_acc"]
    )
    assert np.isfinite([value for key, value in outcome.results.items() if key.startswith(("test", "val"))]).all()


@pytest.mark.parametrize("model", RECIPES)
def test_preflight_finds_nothing_to_mend_in_a_model_as_it_comes(model):
    data, net, _ = prepare(checked({"data": "digits", "model": model}))
    assert [finding.text for finding in preflight(net, data, update_rule="adam", optim_config={"lr": 1e-3}) if finding.matters] == []


def test_the_reconstruction_error_is_that_of_the_model_on_scaled_pixels(tmp_path):
    outcome = run(tmp_path, "autoencoder", loss="binary_cross_entropy")
    model, X = layerwise.load(outcome.folder / "model"), load_digits().X_test
    pixels = np.asarray(X).reshape(len(X), -1) / 16
    assert outcome.results["test_reconstruction"] == pytest.approx(((model.reconstruct(pixels) - pixels) ** 2).mean(), rel=1e-4)
    assert (model.noise, model.loss_name) == (0.1, "binary_cross_entropy")


@pytest.mark.parametrize(("model", "names"), [("conv", ["confusion", "weights"]), ("autoencoder", ["reconstructions", "weights"])])
def test_figures_are_those_that_fit_the_model(model, names, tmp_path):
    outcome = run(tmp_path, model, figures=True)
    assert sorted(path.stem for path in outcome.figures if path.suffix == ".png") == sorted(["curves", "samples", *names])


def test_an_autoencoder_of_a_table_is_linear_and_needs_no_classes(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "table.npz", X=rng.normal(5, 3, size=(80, 6)), y=rng.normal(size=80))
    settings = checked({"data": str(tmp_path / "table.npz"), "model": "autoencoder", "hidden": [3], "steps": 20})
    outcome = train(settings, output=tmp_path / "run", figures=False)
    config = json.loads((outcome.folder / "model.json").read_text(encoding="utf-8"))
    assert '"output": "linear"' in json.dumps(config)
    assert outcome.results["test_reconstruction"] < 2


WRONG = {
    "images from a table": ("conv", {"preprocess": ["flatten"]}, "images are flattened by themselves"),
    "a block unknown": ("conv", {"blocks": ["covn 3"]}, 'Did you mean "conv"?'),
    "two hidden widths": ("three-layer-conv", {"hidden": [3, 4]}, "has one hidden width, but --hidden gives [3, 4]: use --model conv"),
    "centred pixels": ("autoencoder", {"preprocess": ["scale", "center"]}, 'preprocess it with "scale" alone'),
    "a norm where there is none": ("softmax", {"normalization": "batchnorm"}, "--normalization has no effect on the model"),
    "filters elsewhere": ("conv", {"filters": 3}, "--set filters has no effect on the model"),
}


@pytest.mark.parametrize(("model", "options", "text"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_told(model, options, text, tmp_path):
    assert text in refusal(ValueError, run, tmp_path, model, **options)


def test_a_conv_net_on_rows_is_refused(tmp_path):
    np.savez(tmp_path / "rows.npz", X=np.ones((40, 6)), y=np.arange(40) % 2)
    settings = checked({"data": str(tmp_path / "rows.npz"), "model": "conv"})
    assert 'the model "conv" needs images, but examples have shape (6,)' in refusal(ValueError, train, settings, output=tmp_path / "run")


def test_a_net_too_large_for_the_machine_is_refused_before_it_is_drawn(tmp_path):
    text = refusal(MemoryError, run, tmp_path, "three-layer-conv", hidden=[10**9])
    assert text.startswith("a net (1, 8, 8) -> 10 has 7")
