"""A file is either the old one or the new one, never a piece: written under a temporary name, flushed, moved into place."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary path in the same folder to write to; at the end it takes the place of `path`, or vanishes if there was an error.

    The folder is made if need be. The temporary name keeps the ending, for writers that go by it. A symbolic link is
    followed: what it points to is replaced, not the link.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder, "figure.txt")) as temporary:
    ...         _ = temporary.write_text("drawn")
    ...     print(Path(folder, "figure.txt").read_text())
    drawn
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.stem[:40]}-{secrets.token_hex(4)}.part{target.suffix}")
    try:
        yield temporary
        with open(temporary, "r+b") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        if error.filename in (temporary, str(temporary)):
            error.filename = str(path)  # the name that was asked for, which alone means something to a reader
        raise
    finally:
        temporary.unlink(missing_ok=True)
    _flush_folder(target.parent)


def write_bytes(path: str | os.PathLike[str], data: bytes | memoryview) -> None:
    """Writes a whole file, or leaves the old one as it is."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Writes a whole file of text in UTF-8 with line ends as given, or leaves the old one as it is."""
    write_bytes(path, text.encode())


def _flush_folder(folder: Path) -> None:
    """The new name itself goes to the disk, where the system can flush a folder; elsewhere this does nothing."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
