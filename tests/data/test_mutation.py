import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.data.mutation import IMAGES, KINDS, idx_bytes, run

from layerwise.errors import DataError

ROOT = Path(__file__).parents[2]


def check(outcomes, failures, count):
    assert failures[:10] == []
    assert sum(outcomes.values()) == count
    assert all(outcomes[f"{name}: refused"] > 0.1 * count / len(KINDS) for name in KINDS)  # damaged they are
    assert all(outcomes[f"{name}: read"] > 0 for name in KINDS)  # but not beyond what a reader looks at


def test_a_thousand_damaged_files_are_read_or_refused_by_a_sentence_within_their_memory():
    check(*run(1000, trace=True), 1000)


@pytest.mark.slow
def test_a_hundred_thousand_damaged_files_are_read_or_refused_by_a_sentence():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.data.mutation", "100000", "1"], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]  # no crash
    result = json.loads(done.stdout)
    check(Counter(result["outcomes"]), result["failures"], 100_000)


def offender(read):
    true, ending, _, aimed = KINDS["IDX"]
    return {"IDX": (true, ending, read, aimed)}


def test_the_true_files_are_read(tmp_path):
    for true, ending, read, _ in KINDS.values():
        path = tmp_path / f"a{ending}"
        path.write_bytes(true)
        read(path)


def test_a_reader_that_trusts_a_size_is_caught():
    def trusts(path):
        data = path.read_bytes()
        shape = np.frombuffer(data[4:16], ">u4")
        bytearray(min(int(np.prod(shape.astype(object))), 1 << 27))
        raise DataError(f"{path}: refused")

    assert any("MB" in failure for failure in run(60, kinds=offender(trusts), trace=True)[1])


def test_a_reader_that_lets_an_error_through_or_forgets_the_name_is_caught():
    def lets_through(path):
        if path.read_bytes() != idx_bytes(IMAGES):
            raise IndexError("list index out of range")

    def forgets(path):
        raise DataError("it is damaged")

    assert any("IndexError" in failure for failure in run(10, kinds=offender(lets_through))[1])
    assert any("does not name the file" in failure for failure in run(10, kinds=offender(forgets))[1])


def test_a_reader_that_hangs_is_caught(monkeypatch):
    monkeypatch.setattr("tests.data.mutation.SECONDS", 1e-7)
    assert any("took 0.0 s" in failure for failure in run(4, kinds=offender(lambda path: sum(range(100_000))))[1])
