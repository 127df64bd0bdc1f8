import os

import numpy as np
import pytest

from layerwise.data.cache import cache_folder, cached
from layerwise.errors import DataError


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "ein Ordner für Kopien"
    monkeypatch.setenv("LAYERWISE_CACHE", str(folder))
    return folder


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.bin"
    path.write_bytes(b"one")
    return path


class Parser:
    """Counts its calls; yields two arrays, rows by rows."""

    def __init__(self, fails=None):
        self.calls, self.fails = 0, fails

    def __call__(self):
        self.calls += 1
        for k in range(3):
            yield "X", np.full((4, 2, 3), k, np.uint8)
            if self.fails:
                raise self.fails
            yield "y", np.full(4, k, np.uint8)


def test_rows_are_parsed_once_and_mapped_afterwards(cache, source):
    parse = Parser()
    for _ in range(2):
        arrays = cached("set", {"a": source}, parse)
        np.testing.assert_array_equal(arrays["X"][:, 0, 0], np.repeat([0, 1, 2], 4))
        assert arrays["X"].shape == (12, 2, 3)
        assert not arrays["X"].flags.writeable
        assert type(arrays["X"]) is np.ndarray
    assert parse.calls == 1


def test_a_changed_source_is_parsed_again_and_the_old_copy_goes(cache, source):
    parse = Parser()
    cached("set", {"a": source}, parse)
    source.write_bytes(b"three")
    cached("set", {"a": source}, parse)
    assert parse.calls == 2
    os.utime(source, ns=(1, 1))
    cached("set", {"a": source}, parse)
    assert parse.calls == 3
    assert sum(path.is_dir() for path in cache.iterdir()) == 1


def test_a_parser_that_fails_leaves_no_half_copy(cache, source):
    for failure in (DataError("damaged"), KeyboardInterrupt()):
        with pytest.raises(type(failure)):
            cached("set", {"a": source}, Parser(failure))
        assert not [path for path in cache.iterdir() if path.is_dir()]
    assert len(cached("set", {"a": source}, Parser())["y"]) == 12


def test_a_damaged_copy_is_made_again(cache, source):
    parse = Parser()
    cached("set", {"a": source}, parse)
    copy = next(cache.glob("*/X.npy"))
    copy.write_bytes(copy.read_bytes()[:-5])
    assert cached("set", {"a": source}, parse)["X"].shape == (12, 2, 3)
    assert parse.calls == 2
    next(cache.glob("*/y.npy")).unlink()
    assert len(cached("set", {"a": source}, parse)["y"]) == 12
    assert parse.calls == 3


def test_a_cache_that_cannot_be_written_is_told_with_the_way_out(tmp_path, source, monkeypatch):
    monkeypatch.setenv("LAYERWISE_CACHE", str(source / "below-a-file"))
    with pytest.raises(DataError, match="Set LAYERWISE_CACHE to a folder with room"):
        cached("set", {"a": source}, Parser())


def test_the_folder_is_the_systems_own_unless_the_variable_says(monkeypatch, tmp_path):
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("LAYERWISE_CACHE")
    assert "layerwise" in str(cache_folder())


def test_the_copy_is_a_plain_npy_file(cache, source):
    cached("set", {"a": source}, Parser())
    assert np.load(next(cache.glob("*/y.npy"))).tolist() == [0] * 4 + [1] * 4 + [2] * 4
