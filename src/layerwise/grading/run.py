"""Runs the check of a file: one worker process for each function, with limits of time and memory."""

import ast
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from layerwise.errors import DataError, MissingDataError, did_you_mean
from layerwise.grading.table import TASKS
from layerwise.grading.verdict import WRONG, Remark, Verdict, remark, remark_from, verdict_of

TIME_LIMIT = 30.0  # seconds
MEMORY_LIMIT = 2048  # MiB of address space
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")


def check_file(
    path: str | Path,
    *,
    names: Mapping[str, str] | None = None,
    only: Iterable[str] = (),
    time_limit: float = TIME_LIMIT,
    memory_limit: int = MEMORY_LIMIT,
) -> list[Verdict]:
    """A verdict on each function of the file that TASKS knows, in the order of TASKS.

    names: course name -> the name that the file has for it; only: the course names to look at. The file is run, each function in
    a process of its own: this is for your own code, and no sandbox for strangers'.
    """
    path, names, only = Path(path), dict(names or {}), list(only)
    for name in (*names, *only):
        if name not in TASKS:
            raise ValueError(f'"{name}" is no function that a course asks for.{did_you_mean(name, TASKS)}')
    if not time_limit > 0:
        raise ValueError(f"the time limit is {time_limit}, but must be above 0 seconds")
    _read(path)
    runner = _Runner(path.resolve(), names, time_limit, memory_limit)
    chosen = set(only) or runner.defined()
    wanted = [name for name in TASKS if name in chosen]
    if not wanted:
        there = f"It defines {', '.join(sorted(runner.found)[:10])}. " if runner.found else "It defines no function. "
        raise ValueError(f"{path}: no function has a name that a course asks for. {there}Say which is which: --as softmax_loss=my_loss")
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(runner.judge, wanted))


def _read(path: Path) -> None:
    """Refuse what is no Python file, with the line of a syntax error."""
    if not path.is_file():
        what = "is a folder: name a file in it" if path.is_dir() else "there is no such file"
        raise MissingDataError(f"{path}: {what}")
    if path.suffix == ".ipynb":
        raise DataError(
            f"{path}: is a notebook. Put the functions into a .py file, or export it: jupyter nbconvert --to script {path.name}"
        )
    try:
        ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        text = f": {error.text.strip()}" if error.text else ""
        raise DataError(f"{path}, line {error.lineno}: {error.msg}{text}") from None
    except ValueError as error:  # a null byte
        raise DataError(f"{path}: is no Python file: {error}") from None


class _Runner:
    def __init__(self, path: Path, names: Mapping[str, str], time_limit: float, memory_limit: int) -> None:
        self.path, self.names, self.time_limit, self.memory_limit = path, names, time_limit, memory_limit
        self.found: set[str] = set()

    def defined(self) -> set[str]:
        """The course names of the functions that the file defines, once it has been imported."""
        answer, failure = self._ask(None)
        if answer is None:
            raise DataError(f"{self.path.name} could not be imported: {failure.lines[1][0] if failure else ''}")
        self.found = set(answer["defined"])
        for name, own in self.names.items():
            if own not in self.found:
                raise ValueError(f"{self.path.name}: there is no function {own} to be checked as {name}.{did_you_mean(own, self.found)}")
        return {name for name in TASKS if self.names.get(name, name) in self.found}

    def judge(self, name: str) -> Verdict:
        own, began = self.names.get(name, name), time.perf_counter()
        answer, failure = self._ask(name)
        remarks = (failure,) if failure else tuple(remark_from(given) for given in (answer or {})["remarks"])
        return Verdict(name, own, verdict_of(remarks), remarks, time.perf_counter() - began)

    def _ask(self, name: str | None) -> tuple[dict[str, Any] | None, Remark | None]:
        """A worker's answer, or what kept it from answering."""
        request = {"file": str(self.path), "names": dict(self.names), "name": name, "memory": self.memory_limit}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "layerwise.grading.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.path.parent,
            env={**os.environ, **ONE_THREAD},
            start_new_session=True,  # so that what it starts can be ended with it
        )
        try:
            out, _ = process.communicate(json.dumps(request).encode(), self.time_limit)
        except subprocess.TimeoutExpired:
            return None, remark(
                "time", f"It did not end within {self.time_limit:g} s. Is there an endless loop? (--time-limit allows more)", verdict=WRONG
            )
        finally:
            _end(process)
        try:
            answer = json.loads(out)
        except ValueError:
            return None, remark("end", _ending(process.returncode))
        if "failed" in answer:
            raise DataError(f"{self.path.name} could not be imported: {answer['failed']}")
        return answer, None


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the worker and all that it started, if any of it is still there."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _ending(code: int) -> str:
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"It crashed Python ({name})"
    return f"It ended Python (exit code {code}) in place of returning. Is there an os._exit or a crash in compiled code?"
