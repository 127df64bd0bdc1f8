"""`layerwise report`: what it prints, and what it says of folders that are not as they should be."""

import json

from tests.cli.command import layerwise
from tests.report.folder import run_folder


def test_it_says_where_the_report_is_and_notes_what_is_missing(tmp_path):
    run = run_folder(tmp_path)
    (run / "model.json").unlink()
    out, err = layerwise("report", "train", folder=tmp_path)
    assert out.split() == ["Report", "in", str((run / "report.html").relative_to(tmp_path))]
    assert err == "layerwise: note: The model is missing: there is no model.json in the folder\n"
    out, err = layerwise("report", "train", "--json", folder=tmp_path)
    assert json.loads(out)["notes"] == ["The model is missing: there is no model.json in the folder"]
    assert layerwise("report", "train", "--quiet", folder=tmp_path) == ("", "")


def test_a_mistake_gets_a_sentence(tmp_path):
    run = run_folder(tmp_path, "softmax")
    assert "is not the folder of a run" in layerwise("report", "nowhere", folder=tmp_path, code=3)[1]
    assert "Missing argument" in layerwise("report", folder=tmp_path, code=2)[1]
    with (run / "metrics.jsonl").open("a") as file:
        file.write("{broken\n{}\n")
    assert "metrics.jsonl, line" in layerwise("report", "softmax", folder=tmp_path, code=3)[1]
    assert not (run / "report.html").exists()
