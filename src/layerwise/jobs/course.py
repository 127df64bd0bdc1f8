"""What the course commands do: list the courses, run a notebook with one of them, open the reader's own Jupyter with one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from layerwise.courses.kernel import settings_text, write_spec
from layerwise.courses.merge import Owned, learner_root, owners
from layerwise.courses.outcome import FAILED, NOT_REACHED, OUTCOMES, Cell
from layerwise.courses.scratch import copy_beside, copy_mine, lay_out_data, stand_in_pictures
from layerwise.courses.table import COURSES, course
from layerwise.errors import LayerwiseError
from layerwise.storage.atomic import write_text


@dataclass
class Ran:
    """A notebook that was run: what became of each cell, where the outputs are, whose the names were, and what is to note.

    interrupted says how far it came, if Ctrl-C ended it.
    """

    output: Path
    assignment: int | None
    cells: list[Cell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    owned: list[Owned] = field(default_factory=list)
    interrupted: str = ""

    def counts(self) -> dict[str, int]:
        """How many cells there are of each outcome."""
        return {outcome: sum(cell.outcome == outcome for cell in self.cells) for outcome in OUTCOMES}

    @property
    def went_well(self) -> bool:
        """Whether no cell failed."""
        return not any(cell.outcome in (FAILED, NOT_REACHED) for cell in self.cells)


def list_courses() -> list[dict[str, Any]]:
    """A row for each course: its name, what it is, and what can be imported."""
    return [{"name": name, "title": row.title, "packages": list(row.packages)} for name, row in COURSES.items()]


def run_notebook(
    path: str | Path,
    name: str,
    *,
    assignment: int | None = None,
    data: str | Path | None = None,
    output: str | Path | None = None,
    overwrite: bool = False,
    mine: str | Path | None = None,
    time_limit: float | None = None,
    told: Callable[[Cell], None] = lambda cell: None,
) -> Ran:
    """Run a copy of a notebook with a course on, in a scratch folder; the copy with its outputs goes to `output`.

    assignment  of the course; by default told from the names that the notebook uses
    data        the folder of the data sets' files; by default they are looked for where the package keeps them
    mine        a folder with a learner's own files, which go before the course's, name by name
    time_limit  seconds for each cell; None for no limit
    told        is called with each cell when it ends
    """
    from layerwise.jobs.notebook import code_cells, read_notebook, run_cells, write_notebook

    path, chosen = Path(path).expanduser(), course(name)
    if time_limit is not None and time_limit < 1:
        raise ValueError(f"--time-limit is {time_limit:g}, but must be at least 1 second for a cell")
    target = Path(output).expanduser() if output else path.with_name(f"{path.stem}-{name}.ipynb")
    _refuse_target(target, path, overwrite)
    notebook = read_notebook(path)
    text = "\n".join(cell.source for cell in code_cells(notebook))
    assignment = chosen.assignment_of(text) if assignment is None else assignment
    chosen.folders(assignment)
    ran = Ran(target, assignment)
    root = None
    if mine is not None:
        root = learner_root(chosen, Path(mine))
        ran.owned = owners(chosen, root, assignment)
    with _prepared(name, assignment, data) as (kernels, scratch):
        if root is not None:
            copy_mine(chosen, root, scratch)
            (kernels / "settings.json").write_text(settings_text(name, assignment, scratch), "utf-8")
        ran.notes += copy_beside(path.absolute(), text, chosen, scratch)
        ran.notes += stand_in_pictures(text, scratch)
        missing = lay_out_data(chosen, scratch, data, path.absolute().parent)

        def hear(cell: Cell) -> None:
            ran.cells.append(cell)
            told(cell)

        try:
            ran.cells, notes = run_cells(notebook, kernels, scratch, time_limit=time_limit, told=hear)
            ran.notes += notes if ran.went_well else [*notes, *missing]
        except KeyboardInterrupt:
            ran.interrupted = f"interrupted after {len(ran.cells)} cell{'s' * (len(ran.cells) != 1)}; what ran is in {target}"
    write_text(target, write_notebook(notebook))
    return ran


def open_jupyter(
    name: str, *, assignment: int | None = None, data: str | Path | None = None, mine: str | Path | None = None, folder: str | Path = "."
) -> int:
    """Start the reader's own Jupyter in a folder, with the course on in its Python 3 kernel; gives Jupyter's exit code.

    The kernel runs in the folder of the notebook that uses it. No other Jupyter sees it, and it is gone when this one ends.
    """
    chosen = course(name)
    chosen.folders(assignment)
    root = learner_root(chosen, Path(mine)) if mine is not None else None
    command = jupyter()
    with _prepared(name, assignment, data) as (kernels, _):
        (kernels / "settings.json").write_text(settings_text(name, assignment, root), "utf-8")
        paths = os.pathsep.join(filter(None, [str(kernels), os.environ.get("JUPYTER_PATH")]))
        return subprocess.run(command, cwd=folder, env={**os.environ, "JUPYTER_PATH": paths}, check=False).returncode


def jupyter() -> list[str]:
    """The command of the Jupyter that is here: Lab, or the older Notebook; an error that says how to get one."""
    for module, command in (("jupyterlab", "lab"), ("notebook", "notebook")):
        if find_spec(module) is not None:
            return [sys.executable, "-m", "jupyter", command]
    for command in ("lab", "notebook"):
        if shutil.which(f"jupyter-{command}") and (found := shutil.which("jupyter")):
            return [found, command]
    raise LayerwiseError(
        "there is no Jupyter here. Install one with: pip install jupyterlab; or run the notebook with: layerwise course run"
    )


@contextmanager
def _prepared(name: str, assignment: int | None, data: str | Path | None) -> Iterator[tuple[Path, Path]]:
    """Two fresh folders, one with a kernel of the course below it and one to run in; both are gone afterwards."""
    if data is not None and not Path(data).expanduser().is_dir():
        raise LayerwiseError(f"--data {data}: there is no such folder")
    with tempfile.TemporaryDirectory(prefix="layerwise-course-", ignore_cleanup_errors=True) as folder:
        kernels, scratch = Path(folder) / "kernel", Path(folder) / "notebook"
        kernels.mkdir()
        scratch.mkdir()
        settings = kernels / "settings.json"
        settings.write_text(settings_text(name, assignment, None), "utf-8")
        environment = {} if data is None else {"LAYERWISE_DATA": str(Path(data).expanduser().resolve())}
        write_spec(kernels, settings, COURSES[name].title, environment)
        yield kernels, scratch


def _refuse_target(target: Path, notebook: Path, overwrite: bool) -> None:
    if target.is_dir():
        raise ValueError(f"--output {target}: is a folder. Name a file, such as {target / notebook.name}")
    if target.exists() and target.resolve() == notebook.resolve():
        raise ValueError(f"--output {target}: is the notebook itself, which stays as it is. Name another file.")
    folder = next(parent for parent in target.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise LayerwiseError(f"--output {target}: {folder} is no folder that can be written to. Name a file elsewhere.")
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} is there already. Name another file with --output, or replace it with --overwrite.")
