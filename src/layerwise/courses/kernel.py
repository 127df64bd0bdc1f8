"""The process that a notebook's cells run in: python -P -m layerwise.courses.kernel SETTINGS.json -f CONNECTION.json

A Jupyter kernel with one course first on its path, the learner's own files before it if there are any, what earlier years'
notebooks count on put back, and commands of a shell left out. None of it is seen by other kernels or by the system.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.courses.merge import Merged
from layerwise.courses.path import use
from layerwise.courses.shim import OneElement, install
from layerwise.courses.skip import plan
from layerwise.courses.table import course
from layerwise.errors import missing_extra

NAME = "python3"  # of the kernel: the name that notebooks ask for, so that Jupyter gives them this one unasked


def settings_text(name: str, assignment: int | None, mine: Path | None) -> str:
    """What the process reads from its SETTINGS.json."""
    return json.dumps({"course": name, "assignment": assignment, "mine": None if mine is None else str(mine)})


def write_spec(folder: Path, settings: Path, title: str, environment: dict[str, str]) -> None:
    """Write the kernel.json by which Jupyter starts this process, into kernels/NAME/ below the folder."""
    spec = {
        "argv": [sys.executable, "-P", "-m", "layerwise.courses.kernel", str(settings), "-f", "{connection_file}"],
        "display_name": f"Layerwise: {title}",
        "language": "python",
        "env": environment,
    }
    place = folder / "kernels" / NAME
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec, indent=1), "utf-8")


def cleaned(lines: list[str]) -> list[str]:
    """A cell's lines as IPython hands them over, with what is skipped replaced."""
    return plan("".join(lines)).source.splitlines(keepends=True)


def prepare(shell: Any, name: str, assignment: int | None, mine: str | None) -> None:
    """Switch the course on in this process, for the shell that is about to run its cells."""
    install()
    np.set_printoptions(legacy="1.25")  # a number shows as 0.5, not as np.float64(0.5), as it did
    sys.path.insert(0, "")  # the notebook's folder, which -P left out while this module was started
    use(name, assignment=assignment)
    if mine is not None:
        sys.meta_path.insert(0, Merged(course(name), Path(mine), assignment))
    shell.ast_transformers.append(OneElement())
    shell.input_transformers_cleanup.append(cleaned)


def main(arguments: list[str]) -> None:
    """Be the kernel until Jupyter ends it."""
    try:
        from ipykernel.kernelapp import IPKernelApp
    except ImportError as error:
        raise missing_extra("Notebooks need ipykernel", "courses") from error
    settings, *rest = arguments
    app = IPKernelApp.instance()
    app.initialize([*rest, "--HistoryManager.enabled=False"])
    chosen = json.loads(Path(settings).read_text("utf-8"))
    prepare(app.shell, chosen["course"], chosen["assignment"], chosen["mine"])
    app.start()


if __name__ == "__main__":
    main(sys.argv[1:])
