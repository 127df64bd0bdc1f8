"""Arrays come back to the bit; a crash leaves an old or a new pair; a damaged or malicious file is refused with a sentence."""

import hashlib
import json
import os
import shutil
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layerwise.errors import ModelFileError
from layerwise.storage import array_file, expect_fields, load_arrays, save_arrays

ARRAYS = {"W1": np.arange(6, dtype=np.float32).reshape(2, 3), "b1": np.zeros(3)}
DOCUMENT = {"kind": "FullyConnectedNet", "hidden": [3], "reg": 0.5, "name": "é"}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "mein Modell ✓" / "model"
    save_arrays(path, ARRAYS, DOCUMENT)
    return path


def tensors(path):
    return path.with_name("model.safetensors")


def header(path):
    return path.with_name("model.json")


def assert_same(loaded, arrays):
    assert loaded.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (loaded[name].shape, loaded[name].dtype.str) == (array.shape, array.dtype.newbyteorder("<").str)
        assert loaded[name].tobytes() == array.astype(array.dtype.newbyteorder("<")).tobytes()


dtypes = hnp.floating_dtypes(sizes=(16, 32, 64)) | hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.boolean_dtypes()
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)


@given(st.dictionaries(st.text(min_size=1).filter(lambda name: name != "__metadata__"), hnp.arrays(dtypes, shapes), max_size=4))
def test_any_arrays_come_back_to_the_bit(tmp_path_factory, arrays):
    path = tmp_path_factory.mktemp("any") / "model"
    save_arrays(path, arrays, {})
    assert_same(load_arrays(path)[0], arrays)


def test_arrays_of_any_layout_come_back_with_their_values(tmp_path):
    base = np.arange(24.0).reshape(4, 6)
    arrays = {
        "fortran": np.asfortranarray(base),
        "strided": base[::2, 1::3],
        "backwards": base[::-1],
        "members first": np.zeros((2, 3, 4)).swapaxes(-1, -2),
        "broadcast": np.broadcast_to(np.float32(3), (2, 2)),
        "big endian": base.astype(">f4"),
        "0-d": np.array(7, np.int64),
        "empty": np.zeros((0, 5), np.float16),
    }
    save_arrays(tmp_path / "model", arrays, {})
    loaded, _ = load_arrays(tmp_path / "model")
    assert_same(loaded, arrays)
    for array in loaded.values():
        array[...] = 1  # not read-only, not shared


def test_the_document_comes_back(path):
    loaded, document = load_arrays(path)
    assert document == DOCUMENT
    assert_same(loaded, ARRAYS)


@pytest.mark.parametrize("name", ["model", "model.safetensors", "model.json"])
def test_either_file_or_their_stem_names_the_pair(tmp_path, name):
    save_arrays(tmp_path / name, ARRAYS, DOCUMENT)
    assert sorted(os.listdir(tmp_path)) == ["model.json", "model.safetensors"]
    assert load_arrays(str(tmp_path / name))[1] == DOCUMENT


def test_a_dot_in_the_stem_is_kept(tmp_path):
    save_arrays(tmp_path / "lr 0.1", ARRAYS, DOCUMENT)
    assert sorted(os.listdir(tmp_path)) == ["lr 0.1.json", "lr 0.1.safetensors"]


def test_both_files_can_be_renamed_and_moved_together(path, tmp_path):
    shutil.copy(tensors(path), tmp_path / "best.safetensors")
    shutil.copy(header(path), tmp_path / "best.json")
    assert_same(load_arrays(tmp_path / "best")[0], ARRAYS)


# A crash at any point. save_arrays makes three moves: staged arrays, JSON, arrays.


@pytest.mark.parametrize("moves", [0, 1, 2, 3])
def test_a_crash_leaves_the_old_pair_or_the_new_one_and_the_next_save_works(path, monkeypatch, moves):
    replace, left = os.replace, [moves]

    def crashes(a, b):
        if not left[0]:
            raise SystemExit
        left[0] -= 1
        replace(a, b)

    monkeypatch.setattr(os, "replace", crashes)
    try:
        save_arrays(path, {"W1": np.ones((2, 3), np.float32), "b1": np.ones(3)}, {"save": 2})
    except SystemExit:
        assert moves < 3
    monkeypatch.undo()
    loaded, document = load_arrays(path)
    assert document == ({"save": 2} if moves >= 2 else DOCUMENT)
    assert loaded["b1"][0] == (1 if moves >= 2 else 0)

    monkeypatch.setattr(os, "replace", crashes)  # the next save crashes as well, before its own JSON
    left[0] = 1 + (moves == 2)  # ending the save before takes one move
    with pytest.raises(SystemExit):
        save_arrays(path, {"W1": np.full((2, 3), 7, np.float32), "b1": np.full(3, 7.0)}, {"save": 3})
    monkeypatch.undo()
    assert load_arrays(path)[1] == document
    save_arrays(path, ARRAYS, {"save": 4})
    assert load_arrays(path)[1] == {"save": 4}
    assert sorted(os.listdir(path.parent)) == ["model.json", "model.safetensors"]


def test_a_damaged_pair_can_be_saved_over(path):
    header(path).write_bytes(b"{")
    path.with_name("model.next.safetensors").write_bytes(b"left by a crash")
    save_arrays(path, ARRAYS, DOCUMENT)
    assert_same(load_arrays(path)[0], ARRAYS)


def test_a_save_that_is_refused_changes_nothing(path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_arrays(path, {"W1": np.ones(3)}, {"best": float("nan")})
    with pytest.raises(TypeError, match='"W1" holds complex128; only floats, integers and booleans'):
        save_arrays(path, {"W1": np.ones(3, complex)}, {})
    with pytest.raises(TypeError, match='"W1" holds object'):
        save_arrays(path, {"W1": np.array([None])}, {})
    with pytest.raises(ValueError, match="'' cannot name an array"):
        save_arrays(path, {"": np.ones(3)}, {})
    with pytest.raises(ValueError, match=r"the document takes .* bytes, more than"):
        save_arrays(path, {}, {"history": "x" * array_file.LARGEST_HEADER})
    assert load_arrays(path)[1] == DOCUMENT
    assert sorted(os.listdir(path.parent)) == ["model.json", "model.safetensors"]


# Damage: what can happen to files on their way.


def refuses(path, text):
    with pytest.raises(ModelFileError) as raised:
        load_arrays(path)
    assert text in str(raised.value)


def test_files_that_are_missing_are_named(path, tmp_path):
    refuses(tmp_path / "nothing", f"{tmp_path / 'nothing.json'}: there is no such file")
    tensors(path).unlink()
    refuses(path, "the arrays that belong to model.json are missing")


def test_a_single_flipped_bit_is_found(path):
    content = bytearray(tensors(path).read_bytes())
    content[-1] ^= 1
    tensors(path).write_bytes(content)
    refuses(path, "its digest (SHA-256) differs")


def test_a_file_cut_short_is_found(path):
    tensors(path).write_bytes(tensors(path).read_bytes()[:-5])
    refuses(path, "were written. The file is damaged or from another save")


def test_arrays_of_another_save_are_found(path, tmp_path):
    save_arrays(tmp_path / "other", {**ARRAYS, "b1": np.ones(3)}, DOCUMENT)
    shutil.copy(tmp_path / "other.safetensors", tensors(path))
    refuses(path, "not the arrays that model.json describes")


def change_header(path, change):
    content = json.loads(header(path).read_text(encoding="utf-8"))
    change(content)
    header(path).write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda c: c.update(format="other"), 'not a file of ours: it does not begin with "format": "layerwise"'),
        (lambda c: c.update(version=2), "version 2 is newer than 1, the newest that this layerwise reads. Update layerwise."),
        (lambda c: c.update(version=True), "version is True, not a number that we ever gave"),
        (lambda c: c.update(version=0), "version is 0"),
        (lambda c: c.update(docment={}), 'unknown field "docment". Did you mean "document"?'),
        (lambda c: c.pop("document"), 'the field "document" is missing'),
        (lambda c: c.update(document=[]), '"arrays" and "document" must be JSON objects'),
        (lambda c: c.update(arrays=None), '"arrays" and "document" must be JSON objects'),
        (lambda c: c["arrays"].update(extra=1), 'arrays: unknown field "extra"'),
        (lambda c: c["arrays"].pop("sha256"), 'the field "sha256" is missing'),
        (lambda c: c["arrays"].update(bytes=-1), "-1 is not a size in bytes"),
        (lambda c: c["arrays"].update(bytes=1.5), "1.5 is not a size in bytes"),
        (lambda c: c["arrays"].update(bytes=2**70), "is not a size in bytes"),
        (lambda c: c["arrays"].update(bytes=2**40), "where 1099511627776 were written"),
        (lambda c: c["arrays"].update(sha256="0" * 63), "is not a SHA-256 digest"),
        (lambda c: c["arrays"].update(sha256="0" * 64), "its digest (SHA-256) differs"),
    ],
)
def test_a_json_file_that_was_changed_is_refused_with_the_field(path, change, text):
    change_header(path, change)
    refuses(path, text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "it is not JSON"),
        (b"[1, 2]", "not a file of ours"),
        (b'{"format": "layerwise", "version": NaN}', "it holds NaN, which is not JSON"),
        (b'{"format": "layerwise", "version": 1e999}', "too large for a float"),
        (b'{"format": "layerwise", "version": ' + b"9" * 5000 + b"}", "an integer of 5000 digits"),
        (b'{"format": "layerwise", "document": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"format": "layerwise", "format": "other"}', 'the key "format" twice'),
        (b"\xff\xfe\xff", "damaged, or not one of ours"),
        (b" " * (array_file.LARGEST_HEADER + 1), "are too many for a description of a model"),
    ],
)
def test_a_json_file_that_is_none_is_refused(path, content, text):
    header(path).write_bytes(content)
    refuses(path, text)


# Malice: a safetensors file that is whole by its digest and lies about its contents.


def forge(path, entries, data=b"", length=None):
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    content = (len(text) if length is None else length).to_bytes(8, "little") + text + data
    tensors(path).write_bytes(content)
    change_header(path, lambda c: c["arrays"].update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest()))


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"W1": {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}}


def test_a_forged_file_that_tells_the_truth_is_read(path):
    forge(path, entry(), bytes(8))
    np.testing.assert_array_equal(load_arrays(path)[0]["W1"], [0, 0])


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        (entry(shape=(2**40,)), "shape [1099511627776] in F32 needs 4398046511104 bytes, but it has 8"),
        (entry(shape=(2**62, 2**62)), "bytes, but it has 8"),
        (entry(shape=(2**32, 2**32, 2)), "bytes, but it has 8"),
        (entry(shape=(2**64,)), "is not a shape"),
        (entry(shape=(-2,)), "[-2] is not a shape"),
        (entry(shape=(2.0,)), "[2.0] is not a shape"),
        (entry(shape=(True, 2)), "is not a shape"),
        (entry(shape=(1,) * 40), "is not a shape"),
        (entry(offsets=(0, 2**40)), "it claims bytes [0, 1099511627776] of 8 that are there"),
        (entry(offsets=(8, 0)), "it claims bytes [8, 0] of 8"),
        (entry(offsets=(0, 4, 8)), "it claims bytes"),
        (entry(offsets=(-8, 0)), "it claims bytes"),
        (entry(dtype="O8"), 'its type is "O8", but models hold only F64'),
        (entry(dtype=["F32"]), 'its type is ["F32"]'),
        (entry(extra=1), 'array "W1": unknown field "extra"'),
        ({"W1": {"dtype": "F32", "shape": [2]}}, 'the field "data_offsets" is missing'),
        ({"W1": 3}, "no JSON object describes it"),
        ([1], "its header is no JSON object"),
        (entry(shape=(1,), offsets=(4, 8)), "The file is damaged, or not safetensors"),
        ({**entry(), "W2": entry()["W1"]}, "The file is damaged, or not safetensors"),
        (b"{", "header: it is not JSON"),
        (b"[" * 50_000, "header: it is nested too deeply"),
        (b'{"W1": NaN}', "header: it holds NaN"),
    ],
)
def test_a_forged_array_is_refused(path, entries, text):
    forge(path, entries, bytes(8))
    refuses(path, text)


@pytest.mark.parametrize("length", [2**63, 2**40, 200])
def test_a_forged_header_length_is_refused_before_memory_is_taken(path, length):
    forge(path, b"{}", bytes(8), length=length)
    tracemalloc.start()
    refuses(path, f"its header claims {length} bytes of a file of 18")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5e6


def test_a_file_too_short_for_a_header_is_refused(path):
    tensors(path).write_bytes(b"123")
    change_header(path, lambda c: c["arrays"].update(bytes=3, sha256=hashlib.sha256(b"123").hexdigest()))
    refuses(path, "of a file of 3")


def test_fields_are_expected_exactly():
    expect_fields({"a": 1, "b": 2}, ["a", "b"], "here")
    with pytest.raises(ModelFileError, match=r'here: unknown field "c"\. Known: a, b\. It may come from a newer version'):
        expect_fields({"a": 1, "b": 2, "c": 3}, ["a", "b"], "here")
    with pytest.raises(ModelFileError, match='here: the field "b" is missing'):
        expect_fields({"a": 1}, ["a", "b"], "here")


def test_a_folder_with_a_model_is_told_where_the_model_is(tmp_path):
    save_arrays(tmp_path / "run" / "model", {"w": np.ones(2)}, {})
    refuses(tmp_path / "run", f"{tmp_path / 'run'}: is a folder. The model in it is {tmp_path / 'run' / 'model'}.")
