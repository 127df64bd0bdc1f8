"""Taking named files out of a tar archive, and nothing else: whatever it says, only what was asked for is written."""

import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Mapping
from gzip import GzipFile
from pathlib import Path, PurePosixPath
from typing import IO

from layerwise.errors import DataError

CHUNK = 1 << 20
OVERHEAD = 4 << 20  # bytes that an archive may hold beside the wanted files: headers, a readme

# Python 3.11.4 on; before that, the checks of this file's own, which are stricter, stand alone.
_data_filter = getattr(tarfile, "data_filter", lambda member, _: member)


def extract(archive: str | Path, folder: str | Path, members: Mapping[str, int]) -> list[Path]:
    """The wanted members of a .tar or .tar.gz, each of at most so many bytes, under the folder by their names.

    DataError, and nothing is left behind, if one is missing, twice there, too big or no plain file, if the archive
    unpacks to much more than was asked for, or if any name in it leads elsewhere.
    """
    archive, folder = Path(archive), Path(folder)
    for name in members:
        if not _inside(name):
            raise ValueError(f'"{name}" cannot be extracted: a member is named by a path inside the folder')
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".extract-", dir=folder))
    except OSError as error:
        raise DataError(f"{folder}: {archive.name} cannot be extracted there ({error})") from error
    try:
        with archive.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            stream: IO[bytes] | GzipFile = GzipFile(fileobj=raw) if packed else raw
            _take(archive, _Capped(archive, stream, sum(members.values()) + OVERHEAD), temporary, members)
        for name in members:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary / name, folder / name)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DataError(f"{archive}: cannot be extracted ({error}). Is it complete? Fetch the file again.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [folder / name for name in members]


def _inside(name: str) -> bool:
    """Whether a name, on any system, is of something inside a folder."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and ":" not in name and "\0" not in name


def _take(archive: Path, stream: "_Capped", folder: Path, members: Mapping[str, int]) -> None:
    taken = set()
    with tarfile.open(fileobj=stream, mode="r|") as tar:  # type: ignore[call-overload]  # it needs read() alone
        for member in tar:
            name = member.name.removeprefix("./")
            if not (member.isreg() or member.isdir()) or member.issparse():
                raise DataError(f'{archive}: "{name[:80]}" is a link or a device, which a data set has no use for. It is not extracted.')
            if not _inside(member.name) and name not in ("", "."):
                raise DataError(f'{archive}: "{name[:80]}" leads out of the folder. It is not extracted.')
            if name not in members or member.isdir():
                continue
            if name in taken:
                raise DataError(f'{archive}: "{name}" is in it twice. It is not extracted.')
            if member.size > members[name]:
                raise DataError(f'{archive}: "{name}" has {member.size} bytes, but may have {members[name]} at most. It is not extracted.')
            _data_filter(member, str(folder))
            content = tar.extractfile(member)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("wb") as out:
                shutil.copyfileobj(content, out, CHUNK)
                out.flush()
                os.fsync(out.fileno())
            taken.add(name)
    if missing := members.keys() - taken:
        raise DataError(f"{archive}: has no {', '.join(sorted(missing))}. Is it the right file?")


class _Capped:
    """A stream that ends in an error once it has given more bytes than it may: no bomb goes off."""

    def __init__(self, archive: Path, stream: IO[bytes] | GzipFile, limit: int) -> None:
        self.archive, self.stream, self.limit, self.given = archive, stream, limit, 0

    def read(self, size: int) -> bytes:
        data = self.stream.read(min(size, CHUNK))
        self.given += len(data)
        if self.given > self.limit:
            raise DataError(f"{self.archive}: unpacks to more than {self.limit} bytes. It is not extracted.")
        return data
