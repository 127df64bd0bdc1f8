import struct
import tracemalloc
import zlib
from collections import deque

import numpy as np
import pytest
from scipy.io import savemat
from tests.data.files import svhn_part

from layerwise.data.mat import variables
from layerwise.data.svhn import read_svhn, read_svhn_part
from layerwise.errors import DataError


def save(path, *, packed=True, **arrays):
    savemat(path, arrays, do_compression=packed)
    return path


def read(path):
    pieces: dict[str, list] = {}
    for name, rows in read_svhn({"train": path}):
        pieces.setdefault(name, []).append(rows)
    return {name: np.concatenate(rows) for name, rows in pieces.items()}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("kind", [np.uint8, np.float64])
def test_what_scipy_wrote_comes_back_as_images_and_digits(tmp_path, packed, kind):
    images, labels = svhn_part(30)
    path = save(tmp_path / "a.mat", packed=packed, X=images.transpose(2, 3, 1, 0), y=np.where(labels, labels, 10)[:, None].astype(kind))
    found = read(path)
    np.testing.assert_array_equal(found["X_train"], images)
    np.testing.assert_array_equal(found["y_train"], labels)
    assert found["y_train"].dtype == np.uint8


def test_images_come_in_pieces_that_make_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.data.mat.CHUNK", 7 * 3072)
    images, labels = svhn_part(30)
    path = save(tmp_path / "a.mat", X=images.transpose(2, 3, 1, 0), y=np.where(labels, labels, 10)[:, None])
    assert [len(rows) for name, rows in read_svhn({"train": path}) if name == "X_train"] == [7, 7, 7, 7, 2]
    np.testing.assert_array_equal(read(path)["X_train"], images)


def test_only_arrays_of_numbers_are_seen(tmp_path):
    cells = np.array([[np.ones(2), "text"]], object)
    path = save(tmp_path / "a.mat", text="hello", cells=cells, fields={"a": 1}, z=np.ones((2, 2)) * 1j, last=np.array([[1.5, 2.5]]))
    (found,) = variables(path)
    assert (found.name, found.shape, found.dtype) == ("last", (1, 2), np.float64)
    np.testing.assert_array_equal(np.concatenate(list(found.rows())), [[1.5], [2.5]])


X, Y = np.zeros((32, 32, 3, 4), np.uint8), np.array([[1], [10], [2], [3]], np.uint8)
REFUSED = {
    "no images": ({"y": Y}, "needs as many labels y as images X, but has {'y': 4}"),
    "neither": ({"a": Y}, "but has neither"),
    "a label too few": ({"X": X, "y": Y[:3]}, "{'X': 4, 'y': 3}"),
    "another size": ({"X": X[:28], "y": Y}, r'array "X": is uint8 of shape \(28, 32, 3, 4\)'),
    "floating pixels": ({"X": X + 0.5, "y": Y}, r"is float64 of shape \(32, 32, 3, 4\)"),
    "label 0": ({"X": X, "y": Y - 1}, r'array "y": holds 0, but SVHN has labels 1 to 10'),
    "label 11": ({"X": X, "y": Y + 1}, "holds 11"),
    "half a label": ({"X": X, "y": Y + 0.5}, "holds 1.5"),
    "NaN": ({"X": X, "y": Y * np.nan}, "holds nan"),
    "one-hot labels": ({"X": X, "y": np.eye(4)}, r"is .* of shape \(4, 4\)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_svhn_is_refused(tmp_path, case):
    arrays, message = REFUSED[case]
    with pytest.raises(DataError, match=message) as caught:
        read(save(tmp_path / "a.mat", **arrays))
    assert "a.mat" in str(caught.value)


def element(kind, data):
    padding = 0 if kind == 15 else -len(data) % 8  # what is packed is not padded
    return struct.pack("<II", kind, len(data)) + data + bytes(padding)


def read_all(path):
    return [list(variable.rows()) for variable in variables(path)]


def matrix(shape, data, *, flags=9, name=b"X", kind=2):
    """A matrix element whose shape and data need not agree."""
    return element(
        14,
        element(6, struct.pack("<II", flags, 0))
        + element(5, struct.pack(f"<{len(shape)}i", *shape))
        + element(1, name)
        + element(kind, data),
    )


HEADER = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\x01IM"
SMALL = matrix((2, 2), b"abcd")
HOSTILE = {
    "empty": (b"", "not a MATLAB file of level 5"),
    "a web page": (b"<html>" * 40, "not a MATLAB file of level 5"),
    "of MATLAB 7.3": (HEADER[:124] + b"\0\x02IM" + b"\x89HDF", "save it with -v7"),
    "of the other byte order": (HEADER[:124] + b"\x01\0MI" + SMALL, "little-endian"),
    "half a tag": (HEADER + SMALL[:5], "ends within the tag"),
    "cut short": (HEADER + SMALL[:-1], "declares 64 bytes, where 63 are left"),
    "a giant element": (HEADER + struct.pack("<II", 14, 2**32 - 1) + SMALL, "declares 4294967295 bytes"),
    "an unknown element": (HEADER + element(99, b"12345678"), "kind 99"),
    "a shape that its bytes deny": (HEADER + matrix((2**30, 2**30), b"abcd"), r"declares \(1073741824, 1073741824\) of kind 2"),
    "a negative shape": (HEADER + matrix((-2, -2), b"abcd"), r"declares \(-2, -2\)"),
    "one axis": (HEADER + matrix((4,), b"abcd"), r"declares \(4,\)"),
    "many axes": (HEADER + matrix((1,) * 9, b"a"), "at most 32 must"),
    "a giant name": (HEADER + matrix((2, 2), b"abcd", name=b"n" * 99), "99 bytes stands where kind 1"),
    "an unknown kind of number": (HEADER + matrix((2, 2), b"abcd", kind=77), "of kind 77"),
    "no flags": (HEADER + element(14, element(5, b"12345678")), "kind 5 and 8 bytes stands where kind 6"),
    "short flags": (HEADER + element(14, struct.pack("<HHI", 6, 4, 9) + SMALL), "4 bytes of flags"),
    "a part beyond its matrix": (
        HEADER + element(14, element(6, struct.pack("<II", 9, 0)) + struct.pack("<II", 5, 80) + bytes(8)),
        "80 bytes, where 8 are left",
    ),
    "a small part of eight bytes": (HEADER + element(14, struct.pack("<HHI", 6, 8, 9)), "declares 8 bytes, but holds at most 4"),
    "packed nonsense": (HEADER + element(15, b"12345678"), "cannot be read"),
    "packed, cut short": (HEADER + element(15, zlib.compress(SMALL)[:-12]), "ends within a matrix|ends after"),
    "packed, of another kind": (HEADER + element(15, zlib.compress(element(9, b"12345678"))), "a packed element of kind 9"),
    "packed, with a giant claim": (HEADER + element(15, zlib.compress(struct.pack("<II", 14, 2**31))), "cannot hold them"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_damaged_or_hostile_file_is_refused_by_a_sentence(tmp_path, case):
    data, message = HOSTILE[case]
    (tmp_path / "a.mat").write_bytes(data)
    with pytest.raises(DataError, match=message) as caught:
        read_all(tmp_path / "a.mat")
    assert "a.mat" in str(caught.value)


def test_a_packed_bomb_takes_no_more_memory_than_a_piece(tmp_path):
    bomb = zlib.compress(matrix((32, 32, 3, 20_000), bytes(32 * 32 * 3 * 20_000)), 9)
    (tmp_path / "a.mat").write_bytes(HEADER + element(15, bomb))
    tracemalloc.start()
    with pytest.raises(DataError, match=r"but has \{'X': 20000\}"):
        deque(read_svhn({"train": tmp_path / "a.mat"}), maxlen=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_one_file_as_whole_arrays(tmp_path):
    images, labels = svhn_part(7)
    arrays = {"X": images.transpose(2, 3, 1, 0), "y": np.where(labels, labels, 10)[:, None].astype(np.uint8)}
    X, y = read_svhn_part(save(tmp_path / "test_32x32.mat", **arrays))
    np.testing.assert_array_equal(X, images)
    np.testing.assert_array_equal(y, labels)
