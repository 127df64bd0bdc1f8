"""A notebook's cells run one by one in a kernel of their own, each with a limit of time and of output."""

from __future__ import annotations

import logging
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from layerwise.courses.kernel import NAME
from layerwise.courses.outcome import FAILED, NOT_DONE, NOT_REACHED, RAN, SKIPPED, Cell, first_line, follows, not_done
from layerwise.courses.skip import plan
from layerwise.errors import DataError, LayerwiseError, missing_extra

try:
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError
    from nbclient.util import ensure_async
except ImportError as error:
    raise missing_extra("Running notebooks needs nbclient and nbformat", "courses") from error

MOST_TEXT = 1_000_000  # characters of printed output that are kept of a cell
LARGEST = 256 << 20  # bytes of a notebook file
START_LIMIT = 60  # seconds for the kernel to start
PATIENCE = 20  # seconds for a cell to end that was interrupted
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
COMPLAINT = re.compile(r"^layerwise: (your .*)$", re.MULTILINE)


def read_notebook(path: Path) -> Any:
    """The notebook in a file, in nbformat 4 whatever it is written in; a DataError says what is wrong with it."""
    if path.is_dir() or not path.is_file():
        raise DataError(f"{path}: there is no such file" if not path.is_dir() else f"{path}: is a folder, but a notebook is needed")
    if path.stat().st_size > LARGEST:
        raise DataError(f"{path}: has {path.stat().st_size / 2**20:.0f} MB. Clear the outputs of the notebook first.")
    try:
        with warnings.catch_warnings(action="ignore"):  # ids that are missing, fields of another version: mended below
            notebook = nbformat.reads(path.read_text("utf-8-sig"), as_version=4)
            _, notebook = nbformat.validator.normalize(notebook)
            nbformat.validate(notebook)
    except Exception as error:  # nbformat raises whatever the broken part of a file leads to
        said = re.sub(r"\s+", " ", str(error))[:200] or type(error).__name__
        raise DataError(f"{path}: is not a Jupyter notebook, or a damaged one ({said}). Save it again from Jupyter.") from error
    language = notebook.metadata.get("kernelspec", {}).get("language") or notebook.metadata.get("language_info", {}).get("name") or "python"
    if language.lower() not in ("python", "ipython"):
        raise DataError(f"{path}: is a notebook in {language}, but the courses' are in Python")
    return notebook


def code_cells(notebook: Any) -> list[Any]:
    """The cells that hold code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def write_notebook(notebook: Any) -> str:
    """The text of a notebook's file."""
    return nbformat.writes(notebook) + "\n"


class _Client(NotebookClient):  # type: ignore[misc]  # untyped
    """Keeps the beginning of what a cell prints, however much it is."""

    interrupted_at: float | None = None

    async def _async_handle_timeout(self, timeout: int, cell: Any = None) -> None:
        """Interrupt a cell that is over its time; give up on one that does not heed."""
        if self.interrupted_at is None:
            self.interrupted_at = time.monotonic()
            await ensure_async(self.km.interrupt_kernel())
        elif time.monotonic() - self.interrupted_at > PATIENCE:
            raise DeadKernelError("it could not be interrupted")

    def output(self, outs: Any, msg: Any, display_id: str, cell_index: int) -> Any:
        if msg["msg_type"] == "stream":
            kept = sum(len(out["text"]) for out in outs if out["output_type"] == "stream")
            if kept > MOST_TEXT:
                return None
            if kept + len(msg["content"]["text"]) > MOST_TEXT:
                msg["content"]["text"] = (
                    msg["content"]["text"][: MOST_TEXT - kept] + f"\n… the rest is left out: more than {MOST_TEXT:,} characters\n"
                )
        return super().output(outs, msg, display_id, cell_index)


def run_cells(
    notebook: Any, kernels: Path, folder: Path, *, time_limit: float | None = None, told: Callable[[Cell], None] = lambda cell: None
) -> tuple[list[Cell], list[str]]:
    """Run all code cells of a notebook in a kernel of the spec below `kernels`, in the folder; outputs go into the notebook.

    told hears of each cell when it ends. Gives the cells, and notes that the kernel printed. Ctrl-C ends the kernel and is
    raised again, with what ran so far in the notebook.
    """
    codes = code_cells(notebook)
    sources = [cell.source for cell in codes]
    cells = [Cell(i, first_line(source)) for i, source in enumerate(sources, 1)]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with _kernel(notebook, kernels, folder, time_limit) as client:
        for i, code in enumerate(codes):
            started = time.perf_counter()
            going_on = _run_one(client, notebook.cells.index(code), code, i, sources, cells, time_limit)
            cells[i].seconds = time.perf_counter() - started
            told(cells[i])
            if not going_on:
                break
    for cell in cells:
        if cell.outcome == NOT_REACHED:
            cell.why = "the kernel had ended"
    texts = [out["text"] for code in codes for out in code.outputs if out["output_type"] == "stream" and out["name"] == "stderr"]
    return cells, list(dict.fromkeys(note for text in texts for note in COMPLAINT.findall(text)))


@contextmanager
def _kernel(notebook: Any, kernels: Path, folder: Path, time_limit: float | None) -> Iterator[Any]:
    """A client with its kernel started; both are ended whatever happens."""
    for name in ("traitlets", "asyncio"):  # what these have to say of a kernel that ended is said by us
        logging.getLogger(name).setLevel(logging.CRITICAL)
    manager = AsyncKernelManager(kernel_name=NAME, kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(kernels / "kernels")]))
    client = _Client(
        notebook,
        km=manager,
        allow_errors=True,
        timeout=None if time_limit is None else max(1, round(time_limit)),
        startup_timeout=START_LIMIT,
    )
    client.resources = {"metadata": {"path": str(folder)}}
    client.reset_execution_trackers()
    try:
        try:
            client.start_new_kernel(stderr=_log(kernels).open("wb"))
            client.start_new_kernel_client()
        except KeyboardInterrupt:
            raise
        except Exception as error:  # whatever keeps a process from starting
            said = _log(kernels).read_text("utf-8", "replace").strip().splitlines()
            raise LayerwiseError(f"the notebook's kernel did not start ({said[-1] if said else error})") from error
        yield client
    finally:
        with suppress(Exception):  # it may have ended by itself
            client._cleanup_kernel()


def _log(kernels: Path) -> Path:
    return kernels / "kernel.log"


def _run_one(client: Any, place: int, code: Any, i: int, sources: list[str], cells: list[Cell], time_limit: float | None) -> bool:
    """Run a cell and fill in its row; False where no further cell can be run."""
    cell, made = cells[i], plan(sources[i])
    cell.skips = [f"{skip.text} ({skip.reason})" for skip in made.skips]
    client.interrupted_at = None
    try:
        client.execute_cell(code, place)
    except DeadKernelError:
        cell.outcome = FAILED
        cell.why = (
            "it could not be interrupted"
            if client.interrupted_at
            else "the kernel died while it ran: too little memory, or a crash in a library"
        )
        return False
    finally:
        code.outputs = settled(code.outputs)
    if client.interrupted_at:
        cell.outcome, cell.why = FAILED, f"it took longer than {time_limit:g} s (--time-limit)"
        return True
    error = next((out for out in code.outputs if out["output_type"] == "error" or _is_usage_error(out)), None)
    if error is None:
        cell.outcome = SKIPPED if made.whole else RAN
        cell.why = (
            made.skips[0].reason
            if made.whole
            else f"but for {len(made.skips)} lines"
            if len(made.skips) > 1
            else "but for a line"
            if made.skips
            else ""
        )
        return True
    name, text = (
        ("UsageError", error["text"][12:]) if error["output_type"] == "stream" else (error["ename"], COLOURS.sub("", error["evalue"]))
    )
    unfilled = not_done(sources, i, name, text, cells)
    cell.outcome = NOT_DONE if unfilled else FAILED
    cell.why = unfilled or f"{name}: {_short(text)}{follows(sources, i, text, cells)}"
    return True


def settled(outputs: list[Any]) -> list[Any]:
    """A cell's outputs with each stream's texts in one, and of a line that was drawn over only what was drawn last."""
    merged: list[Any] = []
    for out in outputs:
        if merged and out["output_type"] == "stream" == merged[-1]["output_type"] and out["name"] == merged[-1]["name"]:
            merged[-1]["text"] += out["text"]
        else:
            merged.append(out)
    for out in merged:
        if out["output_type"] == "stream":
            lines = out["text"].replace("\r\n", "\n").split("\n")
            out["text"] = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    return merged


def _is_usage_error(out: Any) -> bool:
    """IPython prints that a magic is not known, and calls the cell well."""
    return out["output_type"] == "stream" and out["name"] == "stderr" and out["text"].startswith("UsageError: ")


def _short(text: str) -> str:
    lines = text.strip().splitlines() or [""]
    return lines[0][:300]
