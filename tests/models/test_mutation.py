"""Damaged model files are loaded or refused by a sentence: no crash, no hang, no memory beyond the file's own, nothing run."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.models.mutation import PAIRS, damaged, run, sealed

from layerwise.errors import ModelFileError
from layerwise.models.file import load

ROOT = Path(__file__).parents[2]
ROOM = 64 << 20  # bytes that the process may grow by


def check(outcomes, failures, count):
    assert failures[:10] == []
    assert sum(outcomes.values()) == count
    assert outcomes["refused"] > 0.6 * count  # damaged they are
    assert outcomes["loaded"] > 0.03 * count  # but not beyond what a reader looks at


def test_three_hundred_damaged_models_are_loaded_or_refused_by_a_sentence_within_their_memory():
    check(*run(300, trace=True), 300)


@pytest.mark.slow
def test_twenty_thousand_damaged_models_are_loaded_or_refused_by_a_sentence_within_their_memory():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.models.mutation", "20000", "1"], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]  # no crash
    result = json.loads(done.stdout)
    check(Counter(result["outcomes"]), result["failures"], 20_000)
    assert result["grown"] is None or result["grown"] < ROOM


def test_half_of_them_carry_a_right_digest_and_half_are_aimed():
    right = changed = 0
    for number in range(400):
        header, arrays = damaged(number, np.random.default_rng([0, number]))
        changed += (header, arrays) != PAIRS[list(PAIRS)[number % len(PAIRS)]]
        right += sealed(header, arrays) == header and header not in {pair[0] for pair in PAIRS.values()}
    assert changed > 390
    assert right > 0.4 * 400


def test_the_true_files_are_loaded(tmp_path):
    for header, arrays in PAIRS.values():
        (tmp_path / "net.json").write_bytes(sealed(header, arrays))
        (tmp_path / "net.safetensors").write_bytes(arrays)
        load(tmp_path / "net")


def lets_an_error_through(path):
    json.loads(path.with_suffix(".json").read_bytes())["document"]["config"]["reg"].real  # noqa: B018


def forgets_the_name(path):
    raise ModelFileError("it is damaged")


def tells_a_novel(path):
    raise ModelFileError(f"{path}: " + "no " * 1000)


def trusts_a_length(path):
    bytearray(min(int.from_bytes(path.with_suffix(".safetensors").read_bytes()[:8], "little"), 1 << 26))


def leaves_a_file(path):
    path.with_name("ran").touch()


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (lets_an_error_through, "Error: "),
        (forgets_the_name, "does not name the file: it is damaged"),
        (tells_a_novel, "is no sentence"),
        (trusts_a_length, "took 64 MB"),
        (leaves_a_file, "files were made: ['ran']"),
    ],
)
def test_a_careless_reader_is_caught(read, words):
    assert any(words in failure for failure in run(60, read=read, trace=read is trusts_a_length)[1])


def test_a_reader_that_hangs_is_caught(monkeypatch):
    monkeypatch.setattr("tests.models.mutation.SECONDS", 1e-7)
    assert any("took 0.0 s" in failure for failure in run(4, read=lambda path: sum(range(100_000)))[1])
