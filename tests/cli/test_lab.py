"""`layerwise lab` as a user runs it."""

import json

import pytest
from tests.cli.command import layerwise
from tests.labs.tiny import SUMS, run_tiny

from layerwise.labs.table import LABS


def test_alone_it_names_its_commands(tmp_path):
    out, err = layerwise("lab", folder=tmp_path, code=2)
    assert all(f" {name} " in out for name in ("list", "run", "compare"))
    assert err == ""


def test_list_has_a_line_for_each_lab(tmp_path):
    out, _ = layerwise("lab", "list", folder=tmp_path, COLUMNS="200")
    lines = [line.split()[0] for line in out.splitlines() if line.split()]
    assert lines[0] == "name"
    assert [line for line in lines if line in LABS] == list(LABS)
    rows = json.loads(layerwise("lab", "list", "--json", folder=tmp_path)[0])["labs"]
    assert [row["name"] for row in rows] == list(LABS)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "mnist-network"), 2, 'unknown lab "mnist-network". Did you mean "mnist-networks"?'),
        (("run", "mnist-networks", "--overwrite"), 2, "--overwrite has no effect without --output FOLDER"),
        (("run", "mnist-networks", "--data", "."), 3, "mnist"),
        (("compare", "nowhere"), 3, "nowhere is not the folder of a lab: it has no lab.json"),
    ],
)
def test_mistakes_are_told_in_a_sentence(tmp_path, arguments, code, said):
    out, err = layerwise("lab", *arguments, folder=tmp_path, code=code)
    assert said in err
    assert out == ""


def test_compare_shows_the_table_and_exits_1_when_a_figure_is_short(tmp_path):
    run_tiny(tmp_path / "lab", SUMS)
    out, err = layerwise("lab", "compare", "lab", folder=tmp_path)
    assert "tiny, published against measured" in out
    assert "sums: count(part)" not in out  # the report and --json say where a figure was read
    assert err == ""
    journal = tmp_path / "lab" / "sums" / "metrics.jsonl"
    journal.write_text(journal.read_text().replace('"sum": 3', '"sum": 4'))
    out, err = layerwise("lab", "compare", "lab", folder=tmp_path, code=1)
    assert "short: exactly 3" in " ".join(out.split())
    assert err.strip() == "layerwise: sum: lab.json says 3, but sums/metrics.jsonl 4"
    rows = json.loads(layerwise("lab", "compare", "lab", "--json", folder=tmp_path, code=1)[0])["rows"]
    assert [row["verdict"] for row in rows if row["name"] == "sum"] == ["short"]
