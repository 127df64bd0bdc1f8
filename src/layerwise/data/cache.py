"""Parsed copies of data sets: plain .npy files, written once, mapped into memory at every later start."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import DataError

FORMAT = 1  # raise it when what a parser writes changes
LIST = "arrays.txt"  # the names of a copy's arrays


def cache_folder() -> Path:
    """Where parsed copies go: LAYERWISE_CACHE, or the system's folder for such files."""
    if chosen := os.environ.get("LAYERWISE_CACHE"):
        return Path(chosen)
    import platformdirs  # here, as a start that sets the variable does without it

    return Path(platformdirs.user_cache_dir("layerwise"))


def cached(
    name: str,
    sources: Mapping[str, Path],
    parse: Callable[[], Iterable[tuple[str, Array]]],
    *,
    root: Path | None = None,
    settings: str = "",
) -> dict[str, Array]:
    """The arrays that parse() yields as (name, rows), from the copy made of these very files, or parsed now.

    A copy is found by the paths, sizes and times of its sources, and by what `settings` say of the parsing, so a changed
    file is parsed again and the older copy removed; so it is, too, when files of the folder `root` come or go. Rows go to disk as they come; the copy appears as a whole or not at all, also when two processes start.
    """
    paths = [os.path.abspath(path) for path in sources.values()]
    where = _digest(paths if root is None else [os.path.abspath(root), settings])
    state = _digest((str(FORMAT), settings, *paths, *(f"{stat.st_size} {stat.st_mtime_ns}" for stat in map(os.stat, paths))))
    folder = cache_folder() / f"{name}-{where}-{state}"
    if (arrays := _mapped(folder)) is not None:
        return arrays
    from filelock import FileLock  # here, as it takes 50 ms to import and a start from the copy needs none

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f"{name}-{where}.lock"):
            if (arrays := _mapped(folder)) is None:  # another process may have made it meanwhile
                for old in folder.parent.glob(f"{name}-{where}-*"):
                    shutil.rmtree(old, ignore_errors=True)  # Windows keeps what is still mapped
                _write(folder, parse())
                arrays = _mapped(folder)
    except OSError as error:
        raise DataError(
            f"the parsed copy of {name} cannot be kept in {folder.parent} ({error}). Set LAYERWISE_CACHE to a folder with room."
        ) from error
    if arrays is None:
        raise DataError(f"the parsed copy in {folder} cannot be read back. Remove that folder, or set LAYERWISE_CACHE to another.")
    return arrays


def _write(folder: Path, pieces: Iterable[tuple[str, Array]]) -> None:
    temporary = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    files: dict[str, _Growing] = {}
    try:
        try:
            for name, rows in pieces:
                if name not in files:
                    files[name] = _Growing(temporary / f"{name}.npy", rows)
                files[name].append(rows)
        finally:
            for file in files.values():
                file.close()
        (temporary / LIST).write_text("\n".join(files), "utf-8")
        os.replace(temporary, folder)
    except BaseException:  # also Ctrl-C: half a copy must not stay
        shutil.rmtree(temporary, ignore_errors=True)
        raise


class _Growing:
    """A .npy file whose rows come one by one: its header is written last, in the room that was left for it."""

    def __init__(self, path: Path, like: Array) -> None:
        self.file: IO[bytes] = path.open("wb")
        self.count, self.like = 0, like[:0]
        self.header_end = self._write_header()

    def _write_header(self) -> int:
        self.file.seek(0)
        fields: dict[str, Any] = np.lib.format.header_data_from_array_1_0(self.like)
        fields["shape"] = (self.count, *self.like.shape[1:])
        np.lib.format.write_array_header_1_0(self.file, fields)  # pads, so that a larger count still fits
        return self.file.tell()

    def append(self, rows: Array) -> None:
        self.file.write(np.ascontiguousarray(rows, self.like.dtype).data)
        self.count += len(rows)

    def close(self) -> None:
        if self._write_header() != self.header_end:
            raise DataError(f"{self.file.name}: the header outgrew its room")
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()


def _mapped(folder: Path) -> dict[str, Array] | None:
    """The arrays of a copy, mapped read-only; None if there is none, or it is damaged."""
    try:
        names = (folder / LIST).read_text("utf-8").split()
        return {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in names}
    except (ValueError, OSError):
        return None


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode("utf-8", "surrogateescape")).hexdigest()[:12]
