"""Models that earlier versions saved are read, and predict what they predicted."""

import json

import numpy as np
import pytest
from tests.models.released import FILES, MAKERS, scores, write

import layerwise
from layerwise.errors import ModelFileError
from layerwise.models import MODELS, Autoencoder
from layerwise.storage import array_file

RELEASES = sorted(path.name for path in FILES.iterdir())
KEPT = [(release, name) for release in RELEASES for name in json.loads((FILES / release / "expected.json").read_text())]


@pytest.mark.parametrize(("release", "name"), KEPT)
def test_a_model_of_an_earlier_version_predicts_what_it_did(release, name):
    expected = json.loads((FILES / release / "expected.json").read_text())[name]
    model = layerwise.load(FILES / release / name)
    assert repr(model) == expected["model"]
    X = np.array(expected["X"], expected["dtype"])
    np.testing.assert_allclose(scores(model, X), expected["scores"], rtol=1e-5, atol=1e-6)
    if not isinstance(model, Autoencoder):
        X, y = X if model.inputs is None else model.inputs.prepare(X, model.dtype), np.arange(3) % 2
        model.loss(X, y if model.loss_name != "squared" else np.zeros((3, 2)))


def test_a_model_of_the_first_release_knows_where_it_comes_from():
    model = layerwise.load(FILES / "0.1.0" / "table")
    assert (model.provenance.data, model.provenance.started) == ("plants", "2026-01-31T12:00:00Z")
    assert model.provenance.settings["rule_options"] == {"beta1": 0.9}
    assert (model.inputs.class_names, model.inputs.columns[2].levels) == (("no", "yes"), ("red", "grün", "(missing)"))
    assert layerwise.load(FILES / "0.1.0" / "layers").provenance is None


def test_every_release_and_every_version_of_the_format_is_kept():
    assert layerwise.__version__.partition(".dev")[0] in RELEASES
    versions = {json.loads(path.read_text())["version"] for path in FILES.glob("*/*.json") if path.name != "expected.json"}
    assert versions == set(range(1, array_file.VERSION + 1))


def test_files_of_this_version_are_those_that_are_kept(tmp_path):
    """A change of what is written is a new version of the format, or at least a release of its own."""
    write(tmp_path)
    release = FILES / layerwise.__version__.partition(".dev")[0]
    for name in MAKERS:
        assert (
            json.loads((tmp_path / f"{name}.json").read_text())["document"]
            == json.loads((release / f"{name}.json").read_text())["document"]
        )


def test_kept_files_hold_most_kinds():
    kinds = {
        layer["kind"]
        for layer in json.loads((FILES / "0.1.0" / "layers.json").read_text())["document"]["config"]["layers"]
        if "kind" in layer
    }
    assert kinds == set(layerwise.layers.LAYERS)
    assert {type(layerwise.load(FILES / "0.1.0" / name)).__name__ for name in MAKERS} <= set(MODELS)


def test_a_file_of_a_version_to_come_is_refused(tmp_path):
    for ending in ("json", "safetensors"):
        (tmp_path / f"rows.{ending}").write_bytes((FILES / "0.1.0" / f"rows.{ending}").read_bytes())
    header = tmp_path / "rows.json"
    header.write_text(header.read_text().replace('"version": 1', '"version": 2', 1))
    with pytest.raises(ModelFileError, match="version 2 is newer than 1"):
        layerwise.load(tmp_path / "rows")
