"""Tiny files in the true formats of the data sets."""

import gzip
import hashlib
import struct
import tarfile
from dataclasses import replace

import numpy as np
from scipy.io import savemat

from layerwise.data.mirror import MIRRORS
from layerwise.data.table import BATCHES, IDX_FILES


def idx_bytes(a):
    return struct.pack(f">BBBB{a.ndim}I", 0, 0, 8, a.ndim, *a.shape) + a.tobytes()


def write_idx(path, a, *, packed=None):
    data = idx_bytes(a)
    path.write_bytes(gzip.compress(data) if packed or (packed is None and path.suffix == ".gz") else data)
    return path


def write_mnist(folder, num_train=60, num_test=20, seed=0):
    """The four files, gzipped; returns their images and labels."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for part, n in (("train", num_train), ("test", num_test)):
        arrays[f"X_{part}"] = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        arrays[f"y_{part}"] = (np.arange(n) % 10).astype(np.uint8)
    for key, a in arrays.items():
        write_idx(folder / f"{IDX_FILES[key]}.gz", a)
    return arrays


def cifar_batch(n=220, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 3072), dtype=np.uint8), (np.arange(n) % 10).astype(np.uint8)


def write_cifar_binary(folder, n=220):
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(BATCHES):
        pixels, labels = cifar_batch(n, seed=seed)
        (folder / f"{name}.bin").write_bytes(np.concatenate([labels[:, None], pixels], axis=1).tobytes())


def write_cifar_python(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(BATCHES):
        pixels, labels = cifar_batch(seed=seed)
        (folder / name).write_bytes(python2_batch(pixels, labels.tolist()))


def text(data):
    return b"U" + bytes([len(data)]) + data


def number(n):
    return b"K" + bytes([n]) if n < 256 else b"M" + struct.pack("<H", n)


def pickled_array(a, shape=None, names=(b"numpy.core.multiarray\n_reconstruct", b"numpy\nndarray", b"numpy\ndtype")):
    """An array as Python 2 pickled it (protocol 2, its bytes a str)."""
    reconstruct, ndarray, dtype = names
    shape = shape or a.shape
    kind = (
        b"c"
        + dtype
        + b"\n"
        + text(b"u1")
        + number(0)
        + number(1)
        + b"\x87R("
        + number(3)
        + text(b"|")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
    )
    kind += number(0) + b"tb"
    sizes = number(shape[0]) + number(shape[1]) + b"\x86"
    head = b"c" + reconstruct + b"\nc" + ndarray + b"\n" + number(0) + b"\x85" + text(b"b") + b"\x87R"
    return head + b"(" + number(1) + sizes + kind + b"\x89T" + struct.pack("<i", a.nbytes) + a.tobytes() + b"tb"


def python2_batch(pixels, labels, array=None):
    """A batch as CIFAR-10's authors pickled it."""
    listed = b"](" + b"".join(number(label) for label in labels) + b"e"
    pairs = text(b"batch_label") + text(b"one") + text(b"labels") + listed + text(b"data") + (array or pickled_array(pixels))
    return b"\x80\x02}(" + pairs + b"u."


def svhn_part(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8), (np.arange(n) % 10).astype(np.uint8)


def write_svhn(folder, num_train=60, num_test=20):
    """Both files in format 2, packed as their authors' are: X (32, 32, 3, N), y (N, 1) with 10 for the digit 0."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (part, n) in enumerate((("train", num_train), ("test", num_test))):
        images, labels = svhn_part(n, seed)
        arrays = {"X": images.transpose(2, 3, 1, 0), "y": np.where(labels, labels, 10)[:, None].astype(np.uint8)}
        savemat(folder / f"{part}_32x32.mat", arrays, do_compression=True)


def write_cifar_archive(folder):
    """The binary archive, laid out as its authors' is, with what else is in it."""
    batches = folder / "cifar-10-batches-bin"
    write_cifar_binary(batches)
    (batches / "readme.html").write_text("<p>See the technical report.</p>")
    (batches / "batches.meta.txt").write_text("airplane\n")
    with tarfile.open(folder / "cifar-10-binary.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(batches, batches.name)


PUBLISHERS = {"mnist": write_mnist, "fashion_mnist": write_mnist, "cifar10": write_cifar_archive, "svhn": write_svhn}


def publish(name, folder, mirrors):
    """Make the files that are fetched for a data set in the folder; gives the rows that describe them, with these mirrors."""
    PUBLISHERS[name](folder)
    published = [(file, (folder / file.name).read_bytes()) for file in MIRRORS[name]]
    return [replace(file, size=len(data), md5="", sha256=hashlib.sha256(data).hexdigest(), mirrors=mirrors) for file, data in published]
