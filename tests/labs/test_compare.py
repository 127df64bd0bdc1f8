"""The table is recomputed from the run folders, whatever lab.json says."""

import json
import shutil

import pytest
from tests.labs.tiny import run_tiny

from layerwise.errors import DataError
from layerwise.labs.compare import compare


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    path = tmp_path_factory.mktemp("compare") / "lab"
    run_tiny(path)
    return path


@pytest.fixture
def folder(lab, tmp_path):
    return shutil.copytree(lab, tmp_path / "lab")


def by_name(folder):
    return {row["name"]: row for row in compare(folder)}


def test_nothing_has_changed_at_first(folder):
    assert not any(row["changed"] for row in compare(folder))


def test_an_edited_metric_changes_the_verdict(folder):
    journal = folder / "softmax" / "metrics.jsonl"
    *rows, result = journal.read_text().splitlines()
    before = by_name(folder)["test accuracy"]
    journal.write_text("\n".join([*rows, json.dumps({**json.loads(result), "test_acc": 0.05})]) + "\n")
    after = by_name(folder)["test accuracy"]
    assert before["verdict"] in ("better", "within tolerance")
    assert after | {"measured": 0.05, "verdict": "short", "changed": True, "noted": before["measured"]} == after
    assert by_name(folder)["steps"]["changed"] is False


def test_an_edited_table_does_not(folder):
    lab = json.loads((folder / "lab.json").read_text())
    lab["sections"][0]["rows"][0] |= {"measured": 5.0, "verdict": "short"}
    (folder / "lab.json").write_text(json.dumps(lab))
    row = by_name(folder)["steps"]
    assert (row["measured"], row["noted"], row["verdict"], row["changed"]) == (11.0, 5.0, "exact", True)


def test_a_run_outside_of_the_lab_is_refused(folder):
    lab = json.loads((folder / "lab.json").read_text())
    lab["sections"][0]["rows"][0]["run"] = "../elsewhere"
    (folder / "lab.json").write_text(json.dumps(lab))
    with pytest.raises(DataError, match=r"the run \.\./elsewhere is outside of the lab's folder"):
        compare(folder)


def test_a_run_that_is_gone_is_told(folder):
    (folder / "sums" / "metrics.jsonl").unlink()
    with pytest.raises(DataError, match=r"sums.metrics.jsonl: there is no such file. Run the experiment again"):
        compare(folder)
