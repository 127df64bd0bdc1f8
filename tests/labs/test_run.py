"""Where a lab is run, and what keeps it from being run there."""

from dataclasses import replace

import pytest
from tests.labs.tiny import SUMS

from layerwise.errors import DataError, MissingDataError
from layerwise.labs.run import run
from layerwise.labs.table import LABS


@pytest.fixture
def tiny(monkeypatch):
    """The table with one more lab, as its author would add it."""
    monkeypatch.setitem(LABS, "tiny", SUMS)


def test_a_lab_runs_into_a_folder_and_again_into_the_same(tiny, tmp_path):
    first = run("tiny", output=tmp_path / "lab")
    second = run("tiny", output=tmp_path / "lab")
    assert first.sections == second.sections
    assert SUMS.title in (tmp_path / "lab" / "report.html").read_text(encoding="utf-8")
    assert first.folder.read_config() == {"lab": "tiny", "quick": False, "data": "digits"}


def test_another_lab_is_not_gone_on_with(tiny, tmp_path):
    run("tiny", output=tmp_path / "lab")
    with pytest.raises(DataError, match="holds a lab with quick = False, but this one has quick = True: name another folder"):
        run("tiny", quick=True, output=tmp_path / "lab")
    assert run("tiny", quick=True, output=tmp_path / "lab", overwrite=True).quick


def test_anything_else_is_left_alone(tiny, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="holds files that are no run of ours"):
        run("tiny", output=tmp_path)


def test_an_unknown_lab_is_told(tmp_path):
    with pytest.raises(ValueError, match=r'unknown lab "mnist-network". Did you mean "mnist-networks"\?'):
        run("mnist-network", output=tmp_path / "lab")


def test_missing_data_is_told_before_a_folder_is_made(tmp_path):
    with pytest.raises(MissingDataError):
        run("mnist-networks", data_folder=tmp_path, output=tmp_path / "lab")
    assert not (tmp_path / "lab").exists()


def test_ctrl_c_says_how_to_go_on(monkeypatch, tmp_path):
    def stopped(lab):
        lab.section("First", "Nothing yet.")
        raise KeyboardInterrupt("stopped at step 3")

    monkeypatch.setitem(LABS, "tiny", replace(SUMS, run=stopped))
    with pytest.raises(KeyboardInterrupt) as caught:
        run("tiny", quick=True, output=tmp_path / "lab")
    assert "stopped at step 3; the experiments that are done are in" in str(caught.value)
    assert str(caught.value).endswith(f"go on with: layerwise lab run tiny --quick --output {tmp_path / 'lab'}")
    assert (tmp_path / "lab" / "lab.json").is_file()


def test_the_way_on_after_ctrl_c_names_the_data_and_quotes_paths(monkeypatch, tmp_path):
    def stopped(lab):
        raise KeyboardInterrupt

    monkeypatch.setitem(LABS, "tiny", replace(SUMS, run=stopped))
    with pytest.raises(KeyboardInterrupt) as caught:
        run("tiny", data_folder=tmp_path / "my data", output=tmp_path / "lab")
    assert str(caught.value).startswith("interrupted; the experiments that are done are in")
    assert str(caught.value).endswith(f"layerwise lab run tiny --data '{tmp_path / 'my data'}' --output {tmp_path / 'lab'}")
