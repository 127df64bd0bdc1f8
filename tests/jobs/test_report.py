"""From folders to a file: the command that is shown does the run again, and nothing of a user's is replaced."""

import shlex
import subprocess
import sys

import pytest
from tests.cli.command import PROGRAM, environment
from tests.contract import refusal
from tests.report.folder import run_folder

from layerwise.errors import DataError
from layerwise.jobs.report import command_of, report
from layerwise.storage import RunFolder


def test_the_command_that_is_shown_gives_the_same_bits_again(tmp_path):
    run = run_folder(tmp_path)
    words = shlex.split(command_of(RunFolder(run).read_config()))
    assert words[0] == "layerwise"
    again = [*PROGRAM, *words[1:], "--output", "again", "--no-figures", "--quiet"]
    subprocess.run(again, cwd=tmp_path, env=environment(), check=True)
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("config", "command"),
    [
        ({"data": "my file.csv", "label": "a'b"}, "layerwise train 'my file.csv' --label 'a'\"'\"'b'"),
        ({"data": "x", "steps": 5, "sampling": "replacement"}, "layerwise train x --steps 5 --set sampling=replacement"),
        (
            {"data": "x", "rule_options": {}, "sweep": {"space": {"momentum": "0.5,0.9", "hidden": "50 100x2"}, "repeats": 3}},
            "layerwise sweep x --hidden '50 100x2' --set rule_options.momentum=0.5,0.9 --repeats 3",
        ),
        ({"lab": "a", "experiment": "b"}, ""),
    ],
)
def test_a_command_is_as_a_shell_takes_it(config, command):
    assert command_of(config) == command


def test_a_report_goes_into_the_run_and_a_comparison_where_one_is(tmp_path, monkeypatch):
    one, other = run_folder(tmp_path), run_folder(tmp_path, "softmax")
    monkeypatch.chdir(tmp_path)
    assert report([one]).path == one / "report.html"
    assert report([one, other]).path.resolve() == tmp_path / "report.html"
    assert report([one], output="läuft.html").path.read_text(encoding="utf-8").startswith("<!doctype html>")
    before = (one / "report.html").read_bytes()
    report([one])
    assert (one / "report.html").read_bytes() == before


def test_a_file_of_ones_own_is_never_replaced(tmp_path):
    run = run_folder(tmp_path)
    (tmp_path / "thesis.html").write_text("<p>mine")
    assert "is no report of ours" in refusal(FileExistsError, report, [run], output=tmp_path / "thesis.html")
    assert "is a folder" in refusal(IsADirectoryError, report, [run], output=tmp_path)
    assert "is not the folder of a run" in refusal(DataError, report, [tmp_path])
    assert "needs at least one run" in refusal(ValueError, report, [])


def test_without_jinja_the_error_names_the_extra(tmp_path):
    run = run_folder(tmp_path)
    program = (
        "import sys; sys.modules['jinja2'] = None; sys.argv = ['layerwise', 'report', sys.argv[1]];"
        "from layerwise.cli.main import run; run()"
    )
    done = subprocess.run([sys.executable, "-c", program, str(run)], env=environment(), capture_output=True, encoding="utf-8")
    assert done.returncode == 3
    assert done.stderr == "layerwise: Reports need Jinja2. Install it with: pip install 'layerwise[plot]'\n"
