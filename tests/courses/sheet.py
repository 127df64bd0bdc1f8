"""Notebooks made of cells, and run by the program as a user runs it."""

import json
import re
from pathlib import Path

from tests.cli.command import layerwise


def write_notebook(path: Path, cells: list[str], **metadata: object) -> Path:
    """A notebook of code cells in nbformat 4.2, whose cells have no ids, as older ones have not."""
    rows = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": cell.splitlines(True)} for cell in cells
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, **metadata}
    path.write_text(json.dumps({"cells": rows, "metadata": kernel, "nbformat": 4, "nbformat_minor": 2}), encoding="utf-8")
    return path


def cells_of(name: str) -> list[str]:
    """The cells of a sheet in notebooks/: the text between lines that begin with `# %%`."""
    text = (Path(__file__).parent / "notebooks" / f"{name}.py").read_text(encoding="utf-8")
    return [cell.partition("\n")[2].strip("\n") for cell in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]]


def run(folder: Path, cells: list[str], *arguments: object, code: int = 0, **variables: str) -> dict:
    """What `layerwise course run --json` says of these cells, and under "texts" what each printed."""
    notebook = write_notebook(folder / "sheet.ipynb", cells)
    out, _ = layerwise("course", "run", notebook, "--json", "--overwrite", *arguments, folder=folder, code=code, **variables)
    said = json.loads(out)
    made = json.loads(Path(folder, said["output"]).read_text(encoding="utf-8"))
    said["texts"] = [text_of(cell) for cell in made["cells"]]
    return said


def text_of(cell: dict) -> str:
    """What a cell printed and gave back, as text."""
    texts = []
    for output in cell["outputs"]:
        data = output.get("data", {}).get("text/plain", output.get("text", ""))
        texts.append("".join(data))
    return "\n".join(texts)


def outcomes(said: dict) -> list[str]:
    """The outcome of each cell."""
    return [cell["outcome"] for cell in said["cells"]]
