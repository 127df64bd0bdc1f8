"""Which examples a file is proved on, where it goes, and what is refused."""

import re
import shutil

import numpy as np
import pytest
from tests.cli.command import write_insects

from layerwise.errors import DataError
from layerwise.jobs.export import export
from layerwise.jobs.setting import checked
from layerwise.jobs.sweep import SweepSettings
from layerwise.jobs.sweep import sweep as run_sweep
from layerwise.jobs.train import train


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A run on a table, whose test part is small."""
    folder = tmp_path_factory.mktemp("mein Ordner 数")
    table = write_insects(folder / "insects.csv")
    train(checked({"data": str(table), "label": "kind", "steps": 5}), output=folder / "run", figures=False)
    return folder


def test_a_small_test_part_is_filled_up_with_other_examples_of_the_run(place):
    exported = export(place / "run", "numpy", place / "net.py")
    assert (exported.examples, exported.proof.examples) == ("test and validation and training examples of insects", 100)
    assert exported.as_dict()["largest_difference"] == exported.proof.difference


def test_the_file_goes_beside_the_model_by_default(place):
    assert export(place / "run", "numpy").path == place / "run" / "model_numpy.py"
    assert export(place / "run" / "model.json", "onnx").path == place / "run" / "model.onnx"
    with pytest.raises(FileExistsError, match=r"model\.onnx is there already\. Name another file, or replace it with --overwrite\."):
        export(place / "run", "onnx")
    assert export(place / "run", "onnx", overwrite=True).path.is_file()


def test_without_the_data_examples_are_drawn_and_it_is_said_why(place):
    shutil.copytree(place / "run", place / "alone" / "run")
    config = place / "alone" / "run" / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("insects.csv", "gone.csv"), encoding="utf-8")
    exported = export(place / "alone" / "run", "numpy", place / "drawn.py")
    assert re.fullmatch(r"examples drawn at random, as .*gone\.csv: there is no such file", exported.examples)
    assert exported.proof.examples == 100


def test_other_data_under_the_same_name_is_not_taken(place):
    shutil.copytree(place / "run", place / "other")
    config = place / "other" / "config.toml"
    np.savez(place / "wide.npz", X=np.zeros((60, 9)), y=np.arange(60) % 3)
    text = re.sub(r"^(label|ignore) = .*\n", "", config.read_text(encoding="utf-8"), flags=re.MULTILINE)
    config.write_text(text.replace("insects.csv", "wide.npz"), encoding="utf-8")
    assert "has examples of another shape" in export(place / "other", "numpy", place / "wide.py").examples


def test_a_sweeps_model_is_proved_on_the_sweeps_data(tmp_path):
    options = SweepSettings(space={"lr": "0.01,0.02"})
    run_sweep(checked({"data": "digits", "steps": 5}), options, output=tmp_path / "swept", figures=False)
    assert export(tmp_path / "swept", "numpy").examples == "test examples of digits"


@pytest.mark.parametrize(
    ("to", "output", "options", "error", "words"),
    [
        ("onxx", None, {}, ValueError, 'unknown format "onxx". Did you mean "onnx"?'),
        ("onnx", "run", {}, ValueError, "is a folder. Name a file, such as"),
        ("onnx", "insects.csv", {}, FileExistsError, "insects.csv is there already. Name another file, or replace it with --overwrite."),
        (
            "onnx",
            "x",
            {"data_folder": "elsewhere"},
            ValueError,
            "--data has no effect here: it says where the files of a data set known by",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(place, to, output, options, error, words):
    with pytest.raises(error, match=re.escape(words)):
        export(place / "run", to, None if output is None else place / output, **options)


def test_a_folder_without_a_model_is_refused(place):
    with pytest.raises(DataError, match="there is no run and no model here"):
        export(place / "insects.csv", "onnx")
