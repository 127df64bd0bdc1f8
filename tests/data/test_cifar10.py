import contextlib
import io
import pickle
import struct

import numpy as np
import pytest
from tests.data.files import cifar_batch, number, pickled_array, python2_batch, text

from layerwise.data.cifar10 import read_binary, read_python
from layerwise.errors import DataError

PIXELS, LABELS = cifar_batch(n=30)


def binary(tmp_path, data, name="data_batch_1"):
    (tmp_path / "b.bin").write_bytes(data)
    return list(read_binary({name: tmp_path / "b.bin"}))


def python(tmp_path, data, name="data_batch_1"):
    (tmp_path / "b").write_bytes(data)
    return list(read_python({name: tmp_path / "b"}))


def records(pixels=PIXELS, labels=LABELS):
    return np.concatenate([labels[:, None], pixels], axis=1).tobytes()


def check(pieces, part="train"):
    assert [name for name, _ in pieces] == [f"X_{part}", f"y_{part}"]
    np.testing.assert_array_equal(pieces[0][1], PIXELS.reshape(30, 3, 32, 32))
    np.testing.assert_array_equal(pieces[1][1], LABELS)


def test_binary_records_become_images_and_labels(tmp_path):
    check(binary(tmp_path, records()))
    check(binary(tmp_path, records(), "test_batch"), "test")


def test_a_batch_longer_than_a_piece_comes_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.data.cifar10.RECORDS_AT_ONCE", 7)
    pieces = binary(tmp_path, records())
    np.testing.assert_array_equal(np.concatenate([rows for name, rows in pieces if name == "y_train"]), LABELS)
    np.testing.assert_array_equal(np.concatenate([rows for name, rows in pieces if name == "X_train"]).reshape(30, -1), PIXELS)


@pytest.mark.parametrize("data", [b"", b"x" * 3072, records() + b"x"])
def test_a_binary_file_of_another_length_is_refused(tmp_path, data):
    with pytest.raises(DataError, match="not a multiple of 3073"):
        binary(tmp_path, data)


def test_a_label_out_of_range_is_refused_with_its_image(tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.data.cifar10.RECORDS_AT_ONCE", 7)
    labels = LABELS.copy()
    labels[17] = 200
    with pytest.raises(DataError, match="image 17 has label 200"):
        binary(tmp_path, records(labels=labels))
    with pytest.raises(DataError, match="image 17 has label 200"):
        python(tmp_path, python2_batch(PIXELS, labels.tolist()))


def test_a_batch_pickled_by_python_2_is_read(tmp_path):
    check(python(tmp_path, python2_batch(PIXELS, LABELS.tolist())))


@pytest.mark.parametrize("protocol", [3, 4])
@pytest.mark.parametrize("kind", [bytes, str])
def test_a_batch_pickled_by_python_3_is_read_with_either_kind_of_key(tmp_path, protocol, kind):
    key = (lambda s: s.encode()) if kind is bytes else str
    check(python(tmp_path, pickle.dumps({key("data"): PIXELS, key("labels"): LABELS.tolist()}, protocol)))


def test_both_names_of_numpys_core_are_admitted(tmp_path):
    for module in (b"numpy.core.multiarray", b"numpy._core.multiarray"):
        array = pickled_array(PIXELS, names=(module + b"\n_reconstruct", b"numpy\nndarray", b"numpy\ndtype"))
        check(python(tmp_path, python2_batch(PIXELS, LABELS.tolist(), array)))


class Call:
    def __init__(self, function, *arguments):
        self.pair = function, arguments

    def __reduce__(self):
        return self.pair


def nested(depth):
    """A tuple in a tuple in a tuple ..., as the key of a dict: hashing it would leave the C stack."""
    return b"\x80\x02})" + b"\x85" * depth + b"K\x00s."


HOSTILE = {
    "calls eval": (pickle.dumps({"data": Call(eval, "1/0")}, 2), "eval"),
    "calls print": (pickle.dumps(Call(print, "here"), 4), "builtins.print"),
    "opens a file": (pickle.dumps(Call(open, "x", "w"), 2), "open"),
    "another part of numpy": (b"\x80\x02cnumpy\nload\nU\x01x\x85R.", "numpy.load"),
    "a path through numpy": (b"\x80\x04\x8c\x05numpy\x8c\x0ccore.loadtxt\x93.", "numpy.core.loadtxt"),
    "an old instance": (b"(inumpy\nndarray\n.", "opcode INST"),
    "a persistent id": (b"\x80\x02Pxyz\n.", "opcode PERSID"),
    "an extension": (b"\x80\x02\x82\x01.", "opcode EXT1"),
    "a new object": (b"\x80\x02cnumpy\nndarray\n)\x81.", "opcode NEWOBJ"),
    "calls a text": (b"\x80\x02U\x01x)R.", "not callable"),
    "sets a record's class": (b"\x80\x02cnumpy\ndtype\n}U\x01aK\x01sb.", "not a CIFAR-10 batch"),
    "deep nesting": (nested(2_000_000), "more than 64 containers"),
    "a giant memo": (b"\x80\x02Nr\xff\xff\xff\x7f.", "memo entry 2147483647"),
    "a giant text": (b"\x80\x02T\xff\xff\xff\x7fx.", "not a CIFAR-10 batch"),
    "a giant bytearray": (b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b"x.", "not a CIFAR-10 batch"),
    "nothing": (b"", "not a CIFAR-10 batch"),
    "text": (b"<html>", "not a CIFAR-10 batch"),
    "cut short": (python2_batch(PIXELS, LABELS.tolist())[:-9], "not a CIFAR-10 batch"),
    "not a dict": (pickle.dumps([1, 2], 2), "holds a list"),
    "an unhashable key": (b"\x80\x02}]K\x01s.", "not a CIFAR-10 batch"),
    "no labels": (pickle.dumps({"data": PIXELS}, 4), 'needs an array "data" and a list "labels"'),
    "data that is no array": (pickle.dumps({"data": [1], "labels": [1]}, 4), 'needs an array "data"'),
    "floats": (pickle.dumps({"data": PIXELS.astype(float), "labels": LABELS.tolist()}, 4), "not of unsigned bytes"),
    "Fortran order": (pickle.dumps({"data": np.asfortranarray(PIXELS), "labels": LABELS.tolist()}, 4), "not of unsigned bytes"),
    "three axes": (pickle.dumps({"data": PIXELS.reshape(30, 3, 1024), "labels": LABELS.tolist()}, 4), "not a CIFAR-10 batch"),
    "another width": (pickle.dumps({"data": PIXELS[:, :-1].copy(), "labels": LABELS.tolist()}, 4), r"shape \(30, 3071\)"),
    "a label too few": (python2_batch(PIXELS, LABELS.tolist()[:-1]), r"29 labels need \(29, 3072\)"),
    "a shape that its bytes deny": (python2_batch(PIXELS, LABELS.tolist(), pickled_array(PIXELS, (60000, 60000))), "but 92160 bytes"),
    "an array without a state": (
        b"\x80\x02}(" + text(b"data") + b"cnumpy\nndarray\n)R" + text(b"labels") + b"](" + number(1) + b"eu.",
        "not a CIFAR-10 batch",
    ),
    "labels that are texts": (pickle.dumps({"data": PIXELS, "labels": ["a"] * 30}, 4), "small whole number"),
    "labels that are true": (pickle.dumps({"data": PIXELS, "labels": [True] * 30}, 4), "small whole number"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_or_damaged_pickle_is_refused_by_a_sentence(tmp_path, case, capsys):
    data, message = HOSTILE[case]
    with pytest.raises(DataError, match=message) as caught:
        python(tmp_path, data)
    assert str(tmp_path / "b") in str(caught.value)
    assert capsys.readouterr().out == ""


def test_the_plain_unpickler_would_have_run_what_is_refused_here(capsys):
    pickle.load(io.BytesIO(HOSTILE["calls print"][0]))
    assert capsys.readouterr().out == "here\n"


def test_every_flip_of_a_byte_ends_in_a_batch_or_a_sentence(tmp_path):
    rng = np.random.default_rng(0)
    whole = python2_batch(PIXELS[:1], LABELS.tolist()[:1])
    for at in (i for i in range(len(whole)) if i < 250 or i > len(whole) - 10):
        data = bytearray(whole)
        data[at] ^= int(rng.integers(1, 256))
        with contextlib.suppress(DataError):
            python(tmp_path, bytes(data))


def test_a_file_far_larger_than_a_batch_is_not_even_read(tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.data.cifar10.LARGEST_PICKLE", 100)
    with pytest.raises(DataError, match="about 31 million"):
        python(tmp_path, python2_batch(PIXELS, LABELS.tolist()))
