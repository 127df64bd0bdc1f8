import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from tests.data.files import idx_bytes, write_idx, write_mnist

from layerwise.data.idx import idx_rows, idx_shape, read_idx, read_mnist
from layerwise.data.table import IDX_FILES
from layerwise.errors import DataError

IMAGES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)


@pytest.mark.parametrize(("name", "packed"), [("a", False), ("a.gz", True), ("plain-in-spite-of-its-name.gz", False), ("packed", True)])
def test_a_file_is_read_by_its_content_whatever_its_name(tmp_path, name, packed):
    path = write_idx(tmp_path / name, IMAGES, packed=packed)
    np.testing.assert_array_equal(read_idx(path), IMAGES)
    assert idx_shape(path) == (5, 4, 3)


def test_rows_come_in_pieces_that_make_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.data.idx.CHUNK", 24)
    pieces = list(idx_rows(write_idx(tmp_path / "a", IMAGES)))
    assert [len(p) for p in pieces] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate(pieces), IMAGES)


WHOLE = idx_bytes(IMAGES)
DAMAGED = {
    "empty": (b"", "not an IDX file"),
    "text": (b"<html>not found</html>", "not an IDX file.*b'<htm'"),
    "no axes": (b"\0\0\x08\0", "not an IDX file"),
    "floats": (b"\0\0\x0d\x01" + WHOLE[4:], "type 0x0d.*unsigned bytes"),
    "half a header": (WHOLE[:10], "ends within its header"),
    "cut short": (WHOLE[:-1], r"declares \(5, 4, 3\), 60 bytes, but a file of 75 bytes holds at most 59"),
    "too long": (WHOLE + b"x", "goes on after the 60 bytes"),
    "no rows": (idx_bytes(IMAGES[:0]), r"declares \(0, 4, 3\)"),
    "giant": (struct.pack(">BBBBIII", 0, 0, 8, 3, 2**31, 2**31, 2**31) + b"x", "declares"),
    "gzip cut short": (gzip.compress(WHOLE)[:-12], "ends after|cannot be read"),
    "gzip damaged": (gzip.compress(WHOLE)[:20] + b"\xff" * 30, "cannot be read|ends after|not an IDX|holds"),
    "gzip too short": (gzip.compress(WHOLE[:-4]), "ends after 56 of 60 bytes"),
    "gzip too long": (gzip.compress(WHOLE + b"x"), "goes on after the 60 bytes"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_is_refused_with_its_name(tmp_path, case):
    data, message = DAMAGED[case]
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(DataError, match=message) as caught:
        read_idx(tmp_path / "a")
    assert str(tmp_path / "a") in str(caught.value)


def test_a_gzip_bomb_takes_no_more_memory_than_it_declares(tmp_path):
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(idx_bytes(IMAGES) + bytes(200 << 20), compresslevel=1))
    tracemalloc.start()
    with pytest.raises(DataError, match="goes on after"):
        read_idx(tmp_path / "bomb.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_mnists_images_get_a_channel_axis_and_their_labels(tmp_path):
    arrays = write_mnist(tmp_path, num_train=7, num_test=3)
    paths = {key: tmp_path / f"{name}.gz" for key, name in IDX_FILES.items()}
    read = dict(read_mnist(paths))
    np.testing.assert_array_equal(read["X_train"], arrays["X_train"][:, None])
    np.testing.assert_array_equal(read["y_test"], arrays["y_test"])


def test_images_and_labels_that_do_not_belong_together_are_refused(tmp_path):
    write_mnist(tmp_path, num_train=7)
    paths = {key: tmp_path / f"{name}.gz" for key, name in IDX_FILES.items()}
    write_idx(paths["y_train"], np.zeros(6, np.uint8))
    with pytest.raises(DataError, match=r"\(7, 28, 28\).*\(6,\)"):
        list(read_mnist(paths))
