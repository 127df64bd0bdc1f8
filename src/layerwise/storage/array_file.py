"""Named arrays in a safetensors file, beside a JSON document that says what they are and proves that they are whole.

`model.safetensors` holds the arrays, `model.json` the document, the arrays' size and their SHA-256. The pair is replaced
as one: new arrays are first written to `model.next.safetensors`, the new JSON takes effect at once, and only then do the
arrays get their final name. A reader takes whichever of the two files the JSON describes, so that a crash at any point
leaves the old pair or the new one.
"""

import contextlib
import hashlib
import json
import math
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import ModelFileError, did_you_mean
from layerwise.storage.atomic import replacing, write_text
from layerwise.storage.strict_json import from_json, to_json

FORMAT = "layerwise"
VERSION = 1
ENDING = ".safetensors"
LARGEST_HEADER = 16 * 1024 * 1024  # bytes, of either file: a hundred thousand arrays, or as many lines of settings
ITEM_SIZES = {"F64": 8, "F32": 4, "F16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1}
KINDS = "fiub"  # what NumPy calls the same: floats, integers, booleans


def save_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Array], document: Mapping[str, Any]) -> None:
    """Writes both files; `path` names either of them, or their stem. Nothing is replaced unless all is written.

    Arrays of any memory layout come back in C order. The document is plain JSON: a number that is not finite is refused.
    """
    from safetensors.numpy import save_file

    tensors, header = _paths(path)
    staged = _staged(tensors)
    _settle(tensors, staged, header)
    with replacing(staged) as temporary:
        save_file({name: _plain(name, array) for name, array in arrays.items()}, temporary)
        record = {"bytes": temporary.stat().st_size, "sha256": _digest(temporary)}
        text = to_json({"format": FORMAT, "version": VERSION, "arrays": record, "document": dict(document)}, indent=2) + "\n"
        if len(text.encode()) > LARGEST_HEADER:
            raise ValueError(
                f"save_arrays: the document takes {len(text.encode())} bytes, more than {LARGEST_HEADER}; save its lists as arrays"
            )
    write_text(header, text)
    os.replace(staged, tensors)


def load_arrays(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays and the document that save_arrays wrote; a ModelFileError if anything about the files is not as it was.

    Sizes are held against each other and against the file before memory is taken for them.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    tensors, header = _paths(path)
    record, document = _read_header(header)
    for file in (tensors, _staged(tensors)):
        if file.is_file() and file.stat().st_size == record["bytes"] and _digest(file) == record["sha256"]:
            _check_arrays(file)
            try:
                return load_file(file), document
            except SafetensorError as error:
                raise ModelFileError(f"{file}: {error}. The file is damaged, or not safetensors.") from None
    if not tensors.is_file():
        raise ModelFileError(f"{tensors}: the arrays that belong to {header.name} are missing. Keep both files in one folder.")
    size = tensors.stat().st_size
    came = f"it has {size} bytes, where {record['bytes']} were written" if size != record["bytes"] else "its digest (SHA-256) differs"
    raise ModelFileError(f"{tensors}: not the arrays that {header.name} describes: {came}. The file is damaged or from another save.")


def expect_fields(given: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Refuses a part of a document that lacks a known field or has another one.

    >>> expect_fields({"widht": 3}, ["width"], "model.json, layer 1")
    Traceback (most recent call last):
    layerwise.errors.ModelFileError: model.json, layer 1: unknown field "widht". Did you mean "width"? Known: width. ...
    """
    known = list(known)
    for name in given:
        if name not in known:
            hint = did_you_mean(str(name), known)
            raise ModelFileError(
                f'{where}: unknown field "{cut(name)}".{hint} It may come from a newer version: update layerwise to read it.'
            )
    if missing := [name for name in known if name not in given]:
        raise ModelFileError(f'{where}: the field "{missing[0]}" is missing, so this is not a whole file of ours.')


def cut(text: str, most: int = 60) -> str:
    """The text on one line, its end left out where it is long: a damaged file may hold anything.

    >>> cut("a" * 100, 5)
    'aaaaa…'
    """
    line = " ".join(text[: most + 1].split("\n"))
    return line if len(line) <= most else f"{line[:most]}…"


def _paths(path: str | os.PathLike[str]) -> tuple[Path, Path]:
    path = Path(path)
    stem = path.name.removesuffix(ENDING).removesuffix(".json")
    return path.with_name(stem + ENDING), path.with_name(stem + ".json")


def _staged(tensors: Path) -> Path:
    return tensors.with_name(tensors.name.removesuffix(ENDING) + ".next" + ENDING)


def _settle(tensors: Path, staged: Path, header: Path) -> None:
    """Ends a save that a crash cut off after its JSON had taken effect."""
    with contextlib.suppress(ModelFileError):  # a pair that cannot be read is simply replaced
        if staged.is_file() and _digest(staged) == _read_header(header)[0]["sha256"]:
            os.replace(staged, tensors)


def _plain(name: str, array: Array) -> Array:
    if not isinstance(name, str) or name in ("", "__metadata__"):
        raise ValueError(f"save_arrays: {name!r} cannot name an array; give a string that is not empty and not __metadata__")
    array = np.asarray(array)
    if array.dtype.kind not in KINDS or array.dtype.itemsize > 8:
        raise TypeError(f'save_arrays: "{name}" holds {array.dtype}; only floats, integers and booleans of at most 64 bits can be saved')
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_header(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record of the arrays and the document, every field of ours checked."""
    if not path.is_file():
        folder = path.with_name(path.name.removesuffix(".json"))
        if (folder / "model.json").is_file():
            raise ModelFileError(f"{folder}: is a folder. The model in it is {folder / 'model'}.")
        raise ModelFileError(f"{path}: there is no such file. Give the folder's model.json, or the stem it shares with its arrays.")
    if path.stat().st_size > LARGEST_HEADER:
        raise ModelFileError(f"{path}: {path.stat().st_size} bytes are too many for a description of a model; this is not a file of ours.")
    try:
        content = from_json(path.read_bytes())
    except ValueError as error:
        raise ModelFileError(f"{path}: {error}. The file is damaged, or not one of ours.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ModelFileError(f'{path}: not a file of ours: it does not begin with "format": "{FORMAT}".')
    version = content.get("version")
    if type(version) is not int or version < 1:
        raise ModelFileError(f"{path}: version is {cut(repr(version))}, not a number that we ever gave. The file is damaged.")
    if version > VERSION:
        raise ModelFileError(f"{path}: version {version} is newer than {VERSION}, the newest that this layerwise reads. Update layerwise.")
    expect_fields(content, ("format", "version", "arrays", "document"), str(path))
    record, document = content["arrays"], content["document"]
    if not isinstance(record, dict) or not isinstance(document, dict):
        raise ModelFileError(f'{path}: "arrays" and "document" must be JSON objects. The file is damaged.')
    expect_fields(record, ("bytes", "sha256"), f"{path}, arrays")
    if not _is_size(record["bytes"]):
        raise ModelFileError(f"{path}: {cut(repr(record['bytes']))} is not a size in bytes. The file is damaged.")
    if not isinstance(record["sha256"], str) or not re.fullmatch("[0-9a-f]{64}", record["sha256"]):
        raise ModelFileError(f"{path}: {cut(repr(record['sha256']))} is not a SHA-256 digest. The file is damaged.")
    return record, document


def _check_arrays(path: Path) -> None:
    """Holds what the safetensors file says of its arrays against its size: nothing is allocated for a false claim."""
    total = path.stat().st_size
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if total < 8 or length > min(total - 8, LARGEST_HEADER):
            raise ModelFileError(f"{path}: its header claims {length} bytes of a file of {total}. The file is damaged, or not safetensors.")
        text = file.read(length)
    try:
        entries = from_json(text)
    except ValueError as error:
        raise ModelFileError(f"{path}, header: {error}. The file is damaged, or not safetensors.") from None
    if not isinstance(entries, dict):
        raise ModelFileError(f"{path}: its header is no JSON object. The file is damaged, or not safetensors.")
    entries.pop("__metadata__", None)
    for name, entry in entries.items():
        _check_entry(f'{path}, array "{cut(name)}"', entry, total - 8 - length)


def _check_entry(where: str, entry: Any, available: int) -> None:
    if not isinstance(entry, dict):
        raise ModelFileError(f"{where}: no JSON object describes it. The file is damaged.")
    expect_fields(entry, ("dtype", "shape", "data_offsets"), where)
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ITEM_SIZES:
        raise ModelFileError(f"{where}: its type is {json.dumps(dtype)[:60]}, but models hold only {', '.join(ITEM_SIZES)}.")
    if not isinstance(shape, list) or len(shape) > 32 or not all(map(_is_size, shape)):
        raise ModelFileError(f"{where}: {json.dumps(shape)[:60]} is not a shape. The file is damaged.")
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(map(_is_size, offsets)) or not offsets[0] <= offsets[1] <= available:
        raise ModelFileError(f"{where}: it claims bytes {json.dumps(offsets)[:60]} of {available} that are there. The file is damaged.")
    needed = math.prod(shape) * ITEM_SIZES[dtype]
    if needed != offsets[1] - offsets[0]:
        raise ModelFileError(
            f"{where}: shape {shape} in {dtype} needs {needed} bytes, but it has {offsets[1] - offsets[0]}. The file is damaged."
        )


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63
