"""A run's model tells where it comes from, and nothing of whose machine it was."""

import hashlib
import json

import numpy as np
import pytest

import layerwise
from layerwise.jobs.setting import checked
from layerwise.jobs.train import train


def trained(folder, **settings):
    return train(checked({"steps": 5, **settings}), output=folder / "run", figures=False).folder


def test_of_a_known_set_its_source_and_licence_and_the_settings_as_they_were_resolved(tmp_path):
    folder = trained(tmp_path, data="digits", lr=0.01)
    told = layerwise.load(folder / "model").provenance
    assert (told.layerwise, told.data, told.data_licence, told.data_sha256) == (layerwise.__version__, "digits", "CC BY 4.0", "")
    assert told.data_source.startswith("E. Alpaydin")
    assert (told.settings["lr"], told.settings["batch"], told.settings["model"]) == (0.01, 100, "fully-connected")
    assert told.started == json.loads((folder / "env.json").read_text())["started"]


def test_of_a_file_its_name_and_digest_but_no_folder(tmp_path):
    secret = tmp_path / "home of ann"
    secret.mkdir()
    np.savez(secret / "table.npz", X=np.random.default_rng(0).normal(size=(60, 4)), y=np.arange(60) % 2)
    folder = trained(tmp_path, data=str(secret / "table.npz"), threads=1)
    told = layerwise.load(folder / "model").provenance
    assert (told.data, told.data_source, told.settings["data"]) == ("table", "table.npz", "table.npz")
    assert told.data_sha256 == hashlib.sha256((secret / "table.npz").read_bytes()).hexdigest()
    assert "threads" not in told.settings
    assert "ann" not in (folder / "model.json").read_text()


@pytest.mark.parametrize("env", [None, "{", "[1]", '{"started": 5}'])
def test_a_folder_that_does_not_say_when_it_began_is_no_error(env, tmp_path):
    from layerwise.storage.run_folder import RunFolder

    run = RunFolder.create("x", output=tmp_path / "run")
    if env is not None:
        run.env.write_text(env)
    assert run.started == ""
