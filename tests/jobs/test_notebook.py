"""Notebook files, whole and broken. What takes a kernel is in test_course.py."""

import json
import subprocess
import sys

import pytest
from tests.courses.sheet import write_notebook

from layerwise.errors import DataError
from layerwise.jobs.notebook import code_cells, read_notebook, settled
from layerwise.jobs.notebook import write_notebook as text_of_notebook

BROKEN = {
    "no JSON": "import numpy",
    "empty": "",
    "a list": "[]",
    "no notebook": '{"a": 1}',
    "cells are no list": '{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}',
    "a cell without a type": '{"cells": [{"source": "x"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}',
    "cut off": '{"cells": [{"cell_type": "code", "source": ["x',
    "of the future": '{"cells": [], "metadata": {}, "nbformat": 99, "nbformat_minor": 0}',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_notebook_is_told_in_a_sentence(tmp_path, text):
    path = tmp_path / "sheet.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"sheet.ipynb: is not a Jupyter notebook, or a damaged one \(.+\)\. Save it again from Jupyter\."):
        read_notebook(path)


def test_bytes_that_are_no_text_are_told_too(tmp_path):
    path = tmp_path / "sheet.ipynb"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(DataError, match="is not a Jupyter notebook"):
        read_notebook(path)


def test_the_code_cells_of_both_formats_are_read_and_written_in_the_newer(tmp_path):
    new = read_notebook(write_notebook(tmp_path / "new.ipynb", ["x = 1\ny = 2", "", "z"]))
    assert [cell.source for cell in code_cells(new)] == ["x = 1\ny = 2", "z"]
    cell = {"cell_type": "code", "collapsed": False, "input": ["x = 1\n", "y = 2"], "language": "python", "metadata": {}, "outputs": []}
    text = {"cell_type": "markdown", "metadata": {}, "source": ["words"]}
    old = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [text, cell], "metadata": {}}]}
    (tmp_path / "old.ipynb").write_text(json.dumps(old), encoding="utf-8")
    notebook = read_notebook(tmp_path / "old.ipynb")
    assert [cell.source for cell in code_cells(notebook)] == ["x = 1\ny = 2"]
    assert json.loads(text_of_notebook(notebook))["nbformat"] == 4


@pytest.mark.parametrize("module", ["nbclient", "nbformat", "jupyter_client"])
def test_without_its_libraries_it_names_the_extra(module):
    program = f"import sys\nsys.modules[{module!r}] = None\nimport layerwise.jobs.notebook"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert "Running notebooks needs nbclient and nbformat. Install it with: pip install 'layerwise[courses]'" in done.stderr


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def test_streams_are_joined_and_lines_that_were_drawn_over_show_what_was_last():
    outputs = [stream("a\nEpoch\r1/9"), stream("\r9/9\nb\r\n"), stream("warned", "stderr"), stream("c")]
    assert settled(outputs) == [stream("a\n9/9\nb\n"), stream("warned", "stderr"), stream("c")]
    assert settled([stream("50%\r")]) == [stream("50%")]


def test_a_long_line_is_settled_at_once():
    line = "x" * 3_000_000
    assert settled([stream(line)]) == [stream(line)]


def test_a_notebook_in_another_language_is_refused(tmp_path):
    path = write_notebook(tmp_path / "r.ipynb", ["x <- 1"], kernelspec={"name": "ir", "display_name": "R", "language": "R"})
    with pytest.raises(DataError, match="is a notebook in R, but the courses' are in Python"):
        read_notebook(path)
