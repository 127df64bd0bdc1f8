"""Run folders for the tests of reports: written by real runs, small ones."""

import functools
import json
import shutil
import tempfile
from pathlib import Path

from layerwise.jobs import sweep as sweep_job
from layerwise.jobs import train as train_job
from layerwise.jobs.setting import checked
from layerwise.storage import RunFolder

SCRIPT = "<script>document.title='caught'</script>"


@functools.cache
def _made(kind):
    path = Path(tempfile.mkdtemp()) / kind
    if kind == "sweep":
        settings = checked({"data": "digits", "model": "two-layer", "hidden": [20], "rule": "sgd", "epochs": 3})
        options = sweep_job.SweepSettings({"lr": "0.01,0.1,1", "reg": "0,0.1"}, workers=1)
        sweep_job.sweep(settings, options, output=path, figures=False)
    else:
        own = {"model": "softmax"} if kind == "softmax" else {"hidden": [20]}
        train_job.train(checked({"data": "digits", "epochs": 3, **own}), output=path, figures=kind == "drawn")
    return path


def run_folder(place, kind="train"):
    """A copy of a run's folder, called "train", "softmax", "sweep" or "drawn" (with pictures), to do with as a test likes."""
    return Path(shutil.copytree(_made(kind), place / kind))


def lab_folder(place, *, quick=True):
    """A lab of two runs, with a name that would be a script, a picture and a table."""
    folder = RunFolder.create("lab", place / "lab")
    folder.write_config({"lab": "tiny", "quick": quick})
    folder.write_env()
    run_folder(folder.path)
    run_folder(folder.path, "softmax")
    folder.figures.mkdir()
    (folder.figures / "drawn.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script></svg>')
    row = {"published": 0.9, "goal": "at least 0.9", "run": "train", "file": "metrics.jsonl", "field": "test_acc", "measured": 0.8125}
    sections = [
        {
            "title": "First",
            "text": f"One paragraph.\n\nAnother {SCRIPT}.",
            "rows": [
                {"name": SCRIPT, "verdict": "short", **row},
                {"name": "told", "verdict": "told", **row, "goal": "", "published": None},
            ],
            "figures": ["figures/drawn.svg"],
            "runs": ["train"],
        },
        {"title": "Second", "text": "", "rows": [], "figures": [], "runs": ["softmax"]},
    ]
    lab = {"name": "tiny", "title": "A tiny lab", "worksheet": "none", "quick": quick, "seconds": 12.5, "sections": sections}
    (folder.path / "lab.json").write_text(json.dumps(lab))
    return folder.path
