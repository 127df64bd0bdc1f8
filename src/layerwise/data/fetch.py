"""Fetching a published file: several mirrors under one checksum, resumed where it was cut, never more than asked for.

Nothing that a mirror sends is believed: not a length, not a range, not an address. Bytes go to `name.part`, which a
later process goes on with, and become `name` once the checksum is right.
"""

import hashlib
import http.client
import os
import re
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit

from layerwise.data.connection import Watch
from layerwise.data.mirror import RemoteFile
from layerwise.errors import DataError, MissingDataError

Progress = Callable[[str, int, int | None], None]  # file name, bytes done, bytes in all

LARGEST = 1 << 30  # bytes taken of a file whose size is not known
CHUNK = 1 << 16
PROBE = 1 << 16  # bytes asked of every mirror to see which is fast
PROBE_SECONDS = 3.0
WORTH_A_PROBE = 1 << 20  # bytes still to come
GAIN = 1 << 16  # bytes; a mirror that fails without bringing so many is one try poorer
TRIES = 3
PAUSE = 0.3  # seconds before the same mirror is asked again, more each time
REDIRECTS = 10


class _Refused(Exception):
    """This mirror will not do, now or later in this run."""


class _Cut(Exception):
    """The connection failed; the next try may go on where it ended."""


def fetch(
    file: RemoteFile,
    folder: str | Path,
    *,
    progress: Progress | None = None,
    mirrors: Sequence[str] | None = None,
    timeout: float = 10.0,
) -> Path:
    """The file in the folder, fetched unless it is there already.

    mirrors are web folders to use in place of the file's own. timeout is how long, in seconds, a mirror may take to
    answer, and then to bring FLOOR bytes for each of them. MissingDataError says what to put where if no mirror served it.
    """
    return fetch_all([file], folder, progress=progress, mirrors=mirrors, timeout=timeout)[0]


def fetch_all(
    files: Sequence[RemoteFile],
    folder: str | Path,
    *,
    progress: Progress | None = None,
    mirrors: Sequence[str] | None = None,
    timeout: float = 10.0,
) -> list[Path]:
    """All the files of a data set in the folder, as fetch does it for one."""
    from filelock import FileLock  # here, as it takes 50 ms to import and files that are there need none

    folder = Path(folder).expanduser().absolute()
    targets = [folder / file.name for file in files]
    try:
        for file, target in zip(files, targets, strict=True):
            if target.is_file():
                continue
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / f"{file.name}.lock"):
                if target.is_file():  # another process has fetched it meanwhile
                    continue
                urls = [f"{mirror.rstrip('/')}/{file.name}" for mirror in (file.mirrors if mirrors is None else mirrors)]
                failures = _Download(file, folder, progress, timeout).run(urls)
                if failures is not None:
                    raise MissingDataError(_offline(file, files, folder, failures))
    except MissingDataError:
        raise
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be written to ({error}). Free some room there, or set LAYERWISE_DATA to another folder."
        ) from error
    return targets


def matches(path: Path, file: RemoteFile) -> bool:
    """Whether these are the published bytes, by size and checksum (SHA-256 where it is known)."""
    if file.size is not None and path.stat().st_size != file.size:
        return False
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, _hasher(file)).hexdigest() == (file.sha256 or file.md5)


def _hasher(file: RemoteFile) -> Callable[[], Any]:
    return hashlib.sha256 if file.sha256 else partial(hashlib.md5, usedforsecurity=False)


def _offline(failed: RemoteFile, files: Sequence[RemoteFile], folder: Path, failures: dict[str, str]) -> str:
    names = ", ".join(file.name for file in files if not (folder / file.name).is_file())
    origins = f" (published at {' or '.join(failed.mirrors)})" if failed.mirrors else ""
    reasons = "; ".join(f"{urlsplit(url).netloc.rpartition('@')[2]} {reason}" for url, reason in failures.items())
    return f"Put {names} into {folder}{origins}, as no mirror served {failed.name}: {reasons or 'none is known'}."


class _Download:
    """One file on its way: the bytes that are there, and who gave them."""

    def __init__(self, file: RemoteFile, folder: Path, progress: Progress | None, timeout: float) -> None:
        self.file, self.timeout = file, timeout
        self.progress = progress or (lambda name, done, total: None)
        self.limit = LARGEST if file.size is None else file.size
        self.target, self.part = folder / file.name, folder / f"{file.name}.part"
        self.givers = {"an earlier run"} if self.done else set()

    @property
    def done(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0

    def discard(self) -> None:
        self.part.unlink(missing_ok=True)
        self.givers.clear()

    def run(self, urls: Sequence[str]) -> dict[str, str] | None:
        """Try the mirrors until the file is there: None, or why each one failed.

        A part that several gave and that proves wrong is nobody's fault: from then on, each mirror must give it all,
        or one bad mirror could spoil what the good ones bring.
        """
        failures: dict[str, str] = {}
        tries = dict.fromkeys(urls, TRIES)
        queue = self.by_speed(list(tries))
        alone = False
        while queue:
            url = queue[0]
            if alone and self.givers - {url}:
                self.discard()
            before = self.done
            try:
                if before < self.limit:
                    self.add(url)
                if matches(self.part, self.file):
                    os.replace(self.part, self.target)
                    return None
                failures[url] = "gives other bytes (wrong checksum)"
                if self.givers <= {url}:
                    queue.remove(url)
                alone = True
                self.discard()
            except _Refused as error:
                failures[url] = str(error)
                queue.remove(url)
                if self.file.size is None:  # the part may be the whole, or too long: nothing tells
                    self.discard()
            except _Cut as error:
                failures[url] = str(error)
                tries[url] -= self.done - before < GAIN
                queue.remove(url)
                if tries[url]:
                    queue.insert(0 if alone else len(queue), url)
                    if queue[0] == url:
                        time.sleep(PAUSE * (TRIES - tries[url]))
        return failures

    def by_speed(self, urls: list[str]) -> list[str]:
        """The mirrors: the first to deliver a short range, those that have not yet, in their order, and those that failed."""
        if len(urls) < 2 or self.limit - self.done < WORTH_A_PROBE:
            return urls
        ranks: dict[str, float] = {}
        first = threading.Event()

        def probe(url: str) -> None:
            start = time.monotonic()
            try:
                with closing(_chunks(url, self.file, 0, PROBE, PROBE_SECONDS)) as chunks:
                    for _ in chunks:
                        pass
                ranks[url] = time.monotonic() - start
                first.set()
            except (_Refused, _Cut):
                ranks[url] = float("inf")

        threads = [threading.Thread(target=probe, args=(url,), name="probe", daemon=True) for url in urls]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) and time.monotonic() < start + PROBE_SECONDS and not first.wait(0.01):
            pass
        return sorted(urls, key=lambda url: ranks.get(url, PROBE_SECONDS))

    def add(self, url: str) -> None:
        """Append to the part what is missing of it."""
        done = self.done
        with closing(_chunks(url, self.file, done, self.limit, self.timeout)) as chunks, self.part.open("ab") as out:
            self.progress(self.file.name, done, self.file.size)
            try:
                for chunk in chunks:
                    self.givers.add(url)
                    out.write(chunk)
                    done += len(chunk)
                    self.progress(self.file.name, done, self.file.size)
            finally:
                out.flush()
                os.fsync(out.fileno())
        if done >= LARGEST and self.file.size is None:
            raise _Refused(f"sends more than {LARGEST} bytes")


def _chunks(url: str, file: RemoteFile, start: int, stop: int, timeout: float) -> Generator[bytes]:
    """The file's bytes from start to stop, which is its size or less, as the mirror sends them, and not one more."""
    with Watch(timeout) as watch:
        try:
            response, skip = _answer(url, file, start, stop, watch)
            with response:
                at = start - skip
                while at < stop:
                    chunk = response.read1(min(CHUNK, (start if at < start else stop) - at))
                    if not chunk:
                        break
                    at += len(chunk)
                    watch.count(len(chunk))
                    if at > start:
                        yield chunk
                if at < stop and (file.size is not None or response.length):
                    raise _Cut("stalls" if watch.expired else f"breaks off after {at} bytes")
        except URLError as error:
            text = str(getattr(error.reason, "strerror", None) or error.reason) or "no answer in time"
            raise _Refused(f"cannot be reached ({''.join(filter(str.isprintable, text))[:80]})") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _Cut("stalls" if watch.expired or isinstance(error, TimeoutError) else _reason(error)) from error


def _reason(error: Exception) -> str:
    """In short, and without a word of what the mirror sent."""
    if isinstance(error, (ConnectionError, http.client.IncompleteRead)):
        return "breaks off"
    return f"fails ({error.strerror})" if isinstance(error, OSError) else "answers in no valid HTTP"


def _answer(url: str, file: RemoteFile, start: int, stop: int, watch: Watch) -> tuple[http.client.HTTPResponse, int]:
    """The mirror's answer, redirects followed, and how many bytes before `start` it is going to send."""
    whole = start == 0 and (file.size is None or stop == file.size)
    wanted = {} if whole else {"Range": f"bytes={start}-{'' if file.size in (None, stop) else stop - 1}"}
    seen: set[str] = set()
    while True:
        seen.add(url)
        response = watch.open(url, wanted)
        if response.status not in (301, 302, 303, 307, 308):
            break
        response.close()
        target = urljoin(url, response.headers.get("Location", ""))
        scheme = urlsplit(target).scheme
        if scheme not in ("http", "https") or (scheme == "http" and urlsplit(url).scheme == "https"):
            raise _Refused(f"redirects from {urlsplit(url).scheme} to {scheme[:10] or 'nowhere'}, which is not followed")
        if target in seen:
            raise _Refused("redirects in a circle")
        if len(seen) > REDIRECTS:
            raise _Refused(f"redirects more than {REDIRECTS} times")
        url = target
    try:
        return response, _skip(response, file, start)
    except _Refused:
        response.close()
        raise


def _skip(response: http.client.HTTPResponse, file: RemoteFile, start: int) -> int:
    """How many bytes before `start` are coming: none in the range asked for, all of them where ranges are ignored."""
    if response.status == 206:
        given = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", response.headers.get("Content-Range", ""), re.ASCII)
        if given is None or int(given[1]) != start:
            raise _Refused("sends another range than asked for")
        size, skip = None if given[3] == "*" else int(given[3]), 0
    elif response.status == 200:
        size, skip = response.length, start
    else:
        raise _Refused(f"answers {response.status}")
    if None not in (size, file.size) and size != file.size:
        raise _Refused(f"has {size} bytes, not {file.size}")
    return skip
