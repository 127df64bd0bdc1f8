import io
import struct
import zipfile

import numpy as np
import pytest

from layerwise.data.npz import read_npz
from layerwise.errors import DataError

X, Y = np.arange(24.0).reshape(4, 6), np.array([0, 1, 1, 0])


def npy(a):
    file = io.BytesIO()
    np.save(file, a)
    return file.getvalue()


def archive(path, members, kind=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", kind) as file:
        for name, data in members.items():
            file.writestr(f"{name}.npy", data)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back_in_their_type_and_order(tmp_path, save):
    save(tmp_path / "a.npz", X=np.asfortranarray(X), y=Y, class_names=np.array(["no", "yes"]), other=np.zeros(3))
    arrays = read_npz(tmp_path / "a.npz")
    assert sorted(arrays) == ["X", "class_names", "y"]
    np.testing.assert_array_equal(arrays["X"], X)
    assert arrays["class_names"].tolist() == ["no", "yes"]


def test_kerass_names_are_understood(tmp_path):
    np.savez(tmp_path / "mnist.npz", x_train=X, y_train=Y, x_test=X, y_test=Y)
    assert sorted(read_npz(tmp_path / "mnist.npz")) == ["X_test", "X_train", "y_test", "y_train"]


def giant(a, shape):
    return npy(a).replace(str(a.shape).encode().ljust(60), str(shape).encode().ljust(60))


def cut(a, count):
    return npy(a)[:-count]


def with_shape(shape):
    """An .npy whose header declares this shape, with the bytes of X."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue() + X.tobytes()


REFUSED = {
    "no arrays": ({}, r"needs the arrays X and y, or X_train and y_train, but has none"),
    "X alone": ({"X": npy(X)}, r"but has \['X'\]"),
    "objects": ({"X": npy(np.array([{}, None], object)), "y": npy(Y)}, "Python objects, which are never unpickled"),
    "cut short": ({"X": cut(X, 8), "y": npy(Y)}, r"declares \(4, 6\) of float64, 192 bytes"),
    "a shape that is too large": ({"X": with_shape((2**40, 2**20)), "y": npy(Y)}, "declares"),
    "a negative shape": ({"X": with_shape((-4, -6)), "y": npy(Y)}, "declares|not an .npz file"),
    "not an array": ({"X": b"hello", "y": npy(Y)}, "not an .npz file that NumPy wrote"),
    "another version": ({"X": b"\x93NUMPY\x09\x00" + npy(X)[8:], "y": npy(Y)}, "not an .npz file that NumPy wrote|declares"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_an_array_of_its_size_is_refused(tmp_path, case):
    members, message = REFUSED[case]
    with pytest.raises(DataError, match=message) as caught:
        read_npz(archive(tmp_path / "a.npz", members))
    assert "a.npz" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"x" * 100, None])
def test_what_is_no_archive_is_refused(tmp_path, data):
    if data is not None:
        (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(DataError, match=r"a\.npz"):
        read_npz(tmp_path / "a.npz")


def test_a_size_that_the_directory_makes_up_is_refused_before_memory_is_taken(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (2**31,)})
    path = archive(tmp_path / "a.npz", {"X": header.getvalue() + b"x" * 50, "y": npy(Y)})
    real, claimed = len(header.getvalue()) + 50, len(header.getvalue()) + 2**31
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", real), struct.pack("<I", claimed)))
    with pytest.raises(DataError, match="declares"):
        read_npz(path)


def test_other_compressions_are_refused(tmp_path):
    with pytest.raises(DataError, match="in a way that NumPy does not write"):
        read_npz(archive(tmp_path / "a.npz", {"X": npy(X), "y": npy(Y)}, zipfile.ZIP_LZMA))


def test_damaged_bytes_are_refused(tmp_path):
    path = archive(tmp_path / "a.npz", {"X": npy(X), "y": npy(Y)}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[170] ^= 255
    path.write_bytes(data)
    with pytest.raises(DataError, match="CRC"):
        read_npz(path)


def test_a_header_is_looked_through_not_evaluated(tmp_path, monkeypatch):
    def never(*_):
        raise AssertionError("a header was evaluated")

    monkeypatch.setattr("ast.literal_eval", never)
    written = {"X": npy(X), "y": npy(Y).replace(b"'descr': '<i8', ", b'"descr" : "<i8",')}  # another program's way of writing it
    np.testing.assert_array_equal(read_npz(archive(tmp_path / "a.npz", written))["y"], Y)
    for hostile in (b"{'descr': [('a', '<f8')], ", b"{'descr': " + b"(" * 5000, b"{'descr': '<f8'} # "):
        start = b"\x93NUMPY\x02\x00" + struct.pack("<I", len(hostile)) + hostile
        with pytest.raises(DataError, match="header is"):
            read_npz(archive(tmp_path / "a.npz", {"X": start, "y": npy(Y)}))
    with pytest.raises(DataError, match="header declares 4294967295 bytes"):
        read_npz(archive(tmp_path / "a.npz", {"X": b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "y": npy(Y)}))
