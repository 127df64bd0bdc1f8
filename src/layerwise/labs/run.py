"""Run a lab into a folder, or go on with one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from layerwise.data.table import DATASETS, files_of
from layerwise.errors import DataError, look_up
from layerwise.jobs.report import write_report
from layerwise.labs.lab import Lab, Screen
from layerwise.labs.table import LABS
from layerwise.storage.run_folder import RunFolder


def run(
    name: str,
    *,
    quick: bool = False,
    data_folder: str | Path | None = None,
    output: str | Path | None = None,
    overwrite: bool = False,
    screen: Screen | None = None,
) -> Lab:
    """Do a lab's experiments that are not done yet in `output`, a new folder or one in which the same lab was stopped.

    quick takes the same path on samples, in about a minute. At the end, report.html is written into the folder.
    """
    sheet = look_up(LABS, name, "lab")
    if DATASETS[sheet.data].packaged is None:
        files_of(sheet.data, data_folder)  # says where to put them, before anything is made
    place = None if data_folder is None else str(data_folder)
    settings = {"lab": name, "quick": quick, "data": sheet.data, "data_folder": place}
    folder = _folder(f"lab-{name}{'-quick' if quick else ''}", settings, output, overwrite)
    lab = Lab(sheet, folder, quick, place, screen or Screen())
    try:
        sheet.run(lab)
    except KeyboardInterrupt as stop:
        lab.write()
        said = str(stop) or "interrupted"
        raise KeyboardInterrupt(f"{said}; the experiments that are done are in {folder.path}, go on with: {folder.way_on()}") from None
    lab.write()
    report, note = write_report(folder.path)
    lab.screen.say(f"Report in {report}" if report else f"No report: {note}")
    return lab


def _folder(name: str, settings: Mapping[str, object], output: str | Path | None, overwrite: bool) -> RunFolder:
    """A new folder, or that of the same lab, to go on in it."""
    if output is not None and not overwrite and (Path(output) / "lab.json").is_file():
        folder = RunFolder.open(output)
        before = folder.read_config()
        now = {key: value for key, value in settings.items() if value is not None}
        if differing := [key for key in sorted({*before, *now} - {"data_folder"}) if before.get(key) != now.get(key)]:
            key = differing[0]
            raise DataError(
                f"{output} holds a lab with {key} = {before.get(key)}, but this one has {key} = {now.get(key)}: "
                "name another folder, or replace it with --overwrite."
            )
        return folder
    folder = RunFolder.create(name, output, overwrite)
    folder.write_config(settings)
    folder.write_env()
    return folder
