"""Rows that were appended are there after a crash; what the crash tore is not taken for a row."""

import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest

from layerwise.errors import DataError
from layerwise.storage import Journal, read_journal

ROWS = [{"epoch": 1, "loss": 2.5}, {"epoch": 2, "loss": 1.25, "name": "é ✓\nzwei"}]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "läufe und mehr" / "metrics.jsonl"
    with Journal(path) as journal:
        for row in ROWS:
            journal.append(row)
    return path


def test_rows_come_back_in_order(path):
    assert read_journal(path) == ROWS


def test_a_journal_goes_on_where_it_was(path):
    with Journal(path) as journal:
        journal.append({"epoch": np.int64(3), "loss": np.float32(0.5), "members": np.array([1.0, np.inf])})
    assert read_journal(path) == [*ROWS, {"epoch": 3, "loss": 0.5, "members": [1.0, None]}]


def test_a_row_can_be_read_while_the_journal_is_open(tmp_path):
    journal = Journal(tmp_path / "a.jsonl")
    journal.append({"a": 1})
    assert read_journal(tmp_path / "a.jsonl") == [{"a": 1}]
    journal.close()
    journal.close()


def test_an_empty_journal_has_no_rows(tmp_path):
    Journal(tmp_path / "a.jsonl").close()
    assert read_journal(tmp_path / "a.jsonl") == []


def test_wherever_a_crash_cuts_the_file_whole_rows_remain_and_appending_goes_on(path):
    content = path.read_bytes()
    ends = [content.index(b"\n") + 1, len(content)]
    for length in range(len(content) + 1):
        path.write_bytes(content[:length])
        whole = sum(length >= end - 1 for end in ends)  # a row that lacks only its line end is whole
        torn = length not in (0, *ends) and length + 1 not in ends
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert read_journal(path) == ROWS[:whole]
        assert [str(warning.message).split(": ", 1)[1][:37] for warning in caught] == ["the last line was cut off in the midd"] * torn
        with Journal(path) as journal:
            journal.append({"epoch": 9})
        assert read_journal(path) == [*ROWS[:whole], {"epoch": 9}]


def test_killing_the_writer_loses_no_row(tmp_path):
    program = f"""
import os, signal
from layerwise.storage import Journal
journal = Journal({str(tmp_path / "a.jsonl")!r})
for i in range(100):
    journal.append({{"i": i}})
os.kill(os.getpid(), {int(getattr(signal, "SIGKILL", signal.SIGTERM))})
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode != 0
    assert [row["i"] for row in read_journal(tmp_path / "a.jsonl")] == list(range(100))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"epoch": 1', "line 2: it is not JSON"),
        ('{"loss": NaN}', "line 2: it holds NaN, which is not JSON"),
        ("[1, 2]", "line 2: a row must be a JSON object, but it is a list"),
        ("", "line 2: it is not JSON"),
    ],
)
def test_a_bad_line_that_no_crash_explains_is_an_error(path, line, text):
    first, rest = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(f"{first}\n{line}\n{rest}", encoding="utf-8")
    with pytest.raises(DataError, match=text):
        read_journal(path)
