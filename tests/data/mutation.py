"""Damaged files by the thousand: small true ones, changed at random, half of them where a format keeps its sizes and types.

`python -m tests.data.mutation COUNT SEED` reads COUNT of them in a process whose memory is limited where the system can,
and prints a line of JSON. A file must be read, or refused by a DataError, within a second.
"""

import gzip
import io
import json
import struct
import sys
import tempfile
import time
import tracemalloc
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.io import savemat
from tests.data.files import cifar_batch, idx_bytes, python2_batch, svhn_part

from layerwise.data.cifar10 import read_binary, read_python
from layerwise.data.delimited import read_table
from layerwise.data.idx import read_idx
from layerwise.data.npz import read_npz
from layerwise.data.svhn import read_svhn
from layerwise.data.table import load_file
from layerwise.errors import DataError

SECONDS = 1.0
ROOM = 256 << 20  # bytes of address space above what the process has when it starts reading
PEAK = 24 << 20  # bytes that Python may allocate for one file of a few thousand
NUMBERS = [0, 1, 2, 3, 7, 8, 9, 14, 15, 127, 128, 255, 256, 1000, 2**15, 2**16 - 1, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1]


def mat(packed):
    images, labels = svhn_part(2)
    file = io.BytesIO()
    savemat(file, {"X": images.transpose(2, 3, 1, 0), "y": (labels + 1)[:, None]}, do_compression=packed)
    return file.getvalue()


def npy(a, version=(1, 0)):
    file = io.BytesIO()
    np.lib.format.write_array(file, a, version)
    return file.getvalue()


def zipped(members, kind=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return file.getvalue()


IMAGES = np.random.default_rng(0).integers(0, 256, (12, 5, 4), dtype=np.uint8)
X, Y = np.random.default_rng(0).normal(size=(24, 3)), np.arange(24) % 3
PIXELS, LABELS = cifar_batch(n=3)
ARRAYS = {"X": npy(X), "y": npy(Y, (2, 0)), "class_names": npy(np.array(["a", "b", "c"]))}
CSV = "size,kind,y\n" + "".join(f"{k / 7:.4g},{'ab'[k % 2]},{['cat', 'dog'][k % 3 > 0]}\n" for k in range(24))
QUOTED = "a;b;y\n" + "".join(f'{k},5;"x; ""{k % 2}""";{k % 2}\r\n' for k in range(24))

SPLICES = [
    b",",
    b";",
    b"\t",
    b"|",
    b'"',
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xc3",
    b"1e999",
    b"-",
    b"nan",
    b"1_0",
    "٣".encode(),
    b"," * 5000,
    b"9" * 400,
    b"0." + b"0" * 5000,
]
NPY_WORDS = [
    (b"(24, 3)", [b"(24, 3,)", b"(-24, 3)", b"(2147483648, 3)", b"(24, 3, 99999999999)", b"()", b"(True, 3)", b"(1e9, 3)", b"[24, 3]"])
]
NPY_WORDS += [
    (b"<f8", [b"<f4", b">f8", b"|O8", b"|V8", b"<U9", b"<M8", b"|S0", b"<f99", b"('<f8', 3)"[:3], b"<c8"]),
    (b"False", [b"True", b"None ", b"1"]),
]


def read_labelled(path):
    read_table(path, "y")


def read_part(reader, name):
    def read(path):
        for _ in reader({name: path}):
            pass

    return read


def aimed_at(start, stop):
    """Changes a number of 1, 2, 4 or 8 bytes that begins within data[start:stop]."""

    def change(data, rng):
        at = int(rng.integers(start, max(start + 1, min(stop, len(data)))))
        width = int(rng.choice([1, 2, 4, 8]))
        value = int(rng.choice(NUMBERS)) % 256**width
        return data[:at] + value.to_bytes(width, str(rng.choice(["little", "big"]))) + data[at + width :]

    return change


def in_gzip(change):
    return lambda data, rng: gzip.compress(change(gzip.decompress(data), rng), 1)


def in_mat(data, rng):
    """Changes a tag, a shape or a name in one packed element of a .mat file."""
    elements, at = [], 128
    while at < len(data):
        size = struct.unpack("<I", data[at + 4 : at + 8])[0]
        elements.append(zlib.decompress(data[at + 8 : at + 8 + size]))
        at += 8 + size
    which = int(rng.integers(len(elements)))
    elements[which] = aimed_at(0, 72)(elements[which], rng)
    return data[:128] + b"".join(struct.pack("<II", 15, len(p)) + p for p in (zlib.compress(e, 1) for e in elements))


def in_npz(data, rng):
    """Changes the header of one array, the checksums of the archive made to agree; or the archive's own directory."""
    if rng.random() < 0.3:
        return aimed_at(data.index(b"PK\x01\x02"), len(data))(data, rng)
    members = dict(ARRAYS)
    name = str(rng.choice(list(members)))
    if rng.random() < 0.5:
        members[name] = aimed_at(0, 80)(members[name], rng)
    else:
        word, others = NPY_WORDS[int(rng.integers(len(NPY_WORDS)))]
        members[name] = members[name].replace(word, others[int(rng.integers(len(others)))], 1)
    return zipped(members, zipfile.ZIP_STORED if rng.random() < 0.5 else zipfile.ZIP_DEFLATED)


def in_text(data, rng):
    """Puts in what a table's reader stumbles over, or takes out a delimiter or a line end."""
    at = int(rng.integers(len(data) + 1))
    splice = SPLICES[int(rng.integers(len(SPLICES)))]
    if rng.random() < 0.3 and (found := data.find(splice[:1], at)) >= 0:
        return data[:found] + data[found + 1 :]
    return data[:at] + splice + data[at:]


# name -> (a true file, its ending, what reads it, a change aimed at its sizes and types)
KINDS = {
    "IDX": (idx_bytes(IMAGES), "", read_idx, aimed_at(0, 16)),
    "IDX, gzipped": (gzip.compress(idx_bytes(IMAGES)), ".gz", read_idx, in_gzip(aimed_at(0, 16))),
    "CIFAR binary": (
        np.concatenate([LABELS[:, None], PIXELS], axis=1).tobytes(),
        ".bin",
        read_part(read_binary, "test_batch"),
        aimed_at(0, 9219),
    ),
    "CIFAR python": (python2_batch(PIXELS, LABELS.tolist()), "", read_part(read_python, "test_batch"), aimed_at(0, 220)),
    "mat": (mat(False), ".mat", read_part(read_svhn, "train"), aimed_at(124, 200)),
    "mat, packed": (mat(True), ".mat", read_part(read_svhn, "train"), in_mat),
    "npz": (zipped(ARRAYS, zipfile.ZIP_STORED), ".npz", read_npz, in_npz),
    "npz as a data set": (zipped(ARRAYS), ".npz", load_file, in_npz),
    "CSV": (CSV.encode(), ".csv", read_labelled, in_text),
    "CSV, quoted": (QUOTED.encode(), ".csv", read_labelled, in_text),
}


def anywhere(data, rng):
    """Changes data without knowing what it is: bits, bytes, pieces lost, doubled or moved, or the end cut off."""
    data = bytearray(data)
    for _ in range(int(rng.choice([1, 1, 2, 8]))):
        at, length = int(rng.integers(len(data) + 1)), int(rng.choice([1, 2, 4, 16, 200]))
        match int(rng.integers(6)):
            case 0 if at < len(data):
                data[at] ^= 1 << int(rng.integers(8))
            case 1 if at < len(data):
                data[at] = int(rng.integers(256))
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length]
            case 4:
                start = int(rng.integers(len(data) + 1))
                data[at:at] = data[start : start + length]
            case 5 if rng.random() < 0.3:
                del data[at:]
    return bytes(data)


def run(count, seed=0, kinds=KINDS, *, trace=False):
    """Read `count` damaged files: how many of each kind were read and refused, and what went wrong, by the file's number."""
    outcomes, failures = Counter(), []
    names = list(kinds)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            name = names[number % len(names)]
            true, ending, read, aimed = kinds[name]
            data = (aimed if number // len(names) % 2 else anywhere)(true, rng)
            path = Path(folder, f"file{ending}")
            path.write_bytes(data)
            if trace:
                tracemalloc.start()
            start = time.process_time()
            try:
                read(path)
                outcomes[f"{name}: read"] += 1
            except DataError as error:
                outcomes[f"{name}: refused"] += 1
                if str(path) not in str(error):
                    failures.append(f"{name} {number}: does not name the file: {error}")
            except Exception as error:  # whatever else it is, it is what is looked for
                failures.append(f"{name} {number}: {type(error).__name__}: {str(error)[:200]}")
            seconds = time.process_time() - start
            if seconds > SECONDS:
                failures.append(f"{name} {number}: took {seconds:.1f} s")
            if trace:
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
                if peak > PEAK:
                    failures.append(f"{name} {number}: took {peak >> 20} MB")
    return outcomes, failures


def limit_memory():
    """Let the process take ROOM more than it has; False where the system cannot tell or hold it."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return False
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM,) * 2)
    return True


if __name__ == "__main__":
    run(len(KINDS) * 2)  # what is imported late is there before the limit
    limited = limit_memory()
    done, wrong = run(int(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps({"limited": limited, "outcomes": done, "failures": wrong}))
