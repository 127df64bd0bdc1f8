"""One self-contained HTML file about a run, a sweep, a lab, or several of them compared.

The charts are drawn by a small script of the page's own (template/page.js): a library such as Plotly or Bokeh would put one to four
megabytes into every report, and smaller ones draw on a canvas that neither prints well nor takes the focus of the keyboard.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import missing_extra
from layerwise.metrics import f1, precision, recall
from layerwise.report.chart import Chart, comparison_charts, landscape_chart, statistics_charts, training_charts, value_text
from layerwise.report.embed import image_uris, pictures
from layerwise.report.label import class_name, printable
from layerwise.report.outcome import figure_rows, other_rows, rows_of, sweep_rows
from layerwise.report.record import EXPERIMENT, LAB, SWEEP, Predictions, Record
from layerwise.report.tile import MOST_CLASSES
from layerwise.storage.strict_json import to_json
from layerwise.storage.toml import to_toml

try:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup
except ImportError as error:
    raise missing_extra("Reports need Jinja2", "plot") from error

TEMPLATE = Path(__file__).with_name("template")
MARK = "<!doctype html>\n<!-- A report of layerwise -->"  # how every report begins
MOST_POINTS = 400  # of a line
POINTS_OF_ALL = 16_000  # of such lines, over all runs of a page
MISTAKES_OF_ALL = 300  # images, over all runs of a page
MOST_SETTINGS = 50  # rows of a sweep's table
STRONG = 0.6  # share of a row from which a cell is so dark that its letters are light
MOST_CONFUSED = 20  # pairs, where there are too many classes for a table
ALIKE = ("data_folder", "print_every", "threads", "sweep")  # settings that tell no runs apart


def page(records: Sequence[Record], commands: Mapping[str, str]) -> str:
    """The report of one record, or of several compared. commands has for a folder's path how its run is done again."""
    charts: list[Chart] = []
    count = sum(max(1, len(record.parts)) for record in records)
    most = max(60, min(MOST_POINTS, POINTS_OF_ALL // count))
    builder = _Builder(charts, commands, most, max(10, MISTAKES_OF_ALL // count))
    views = [builder.view(record) for record in records]
    title = records[0].title if len(records) == 1 else f"Comparison of {len(records)} runs"
    comparison = builder.comparison(records) if len(records) > 1 else None
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script = (TEMPLATE / "page.js").read_text(encoding="utf-8")
    return MARK + environment.get_template("page.html").render(
        title=title,
        views=views,
        comparison=comparison,
        style=Markup((TEMPLATE / "page.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        charts=json_for_page({"charts": charts}),
        made_by=", ".join(sorted({f"layerwise {record.environment.get('layerwise', '?')}" for record in records})),
    )


def json_for_page(value: Any) -> Markup:
    """JSON that can stand within a script element: nothing in it ends the element or begins a comment.

    >>> print(json_for_page({"name": "</script>"}))
    {"name": "\\u003c/script\\u003e"}
    """
    text = to_json(value, not_finite_as_null=True)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


class _Builder:
    """Makes what the template shows of each record, and collects the charts, which it names by their number."""

    def __init__(self, charts: list[Chart], commands: Mapping[str, str], most: int, most_mistakes: int) -> None:
        self.charts, self.commands, self.most, self.most_mistakes = charts, commands, most, most_mistakes

    def view(self, record: Record, *, drawn: bool = True) -> dict[str, Any]:
        """Everything that is shown of a record. Not drawn: without its pictures, for a lab has pictures of its own."""
        metric = metric_of(record)
        command = self.commands.get(str(record.folder), "")
        view: dict[str, Any] = {
            "name": printable(record.name),
            "kind": record.kind,
            "quick": record.quick,
            "facts": facts(record),
            "command": command,
            "notes": [printable(note) for note in record.notes],
            "results": results(record),
            "settings": to_toml(record.config),
            "charts": self.numbered(training_charts(record.rows, metric=metric, most=self.most)),
            "statistics": self.numbered(statistics_charts(record.statistics, self.most)),
            "sweep": self.sweep(record, metric),
            "classes": None if record.predictions is None else classes(record.predictions),
            "mistakes": [] if record.predictions is None else mistakes(record.predictions, self.most_mistakes),
            "pictures": pictures(stems(record)) if drawn and record.kind != LAB else [],
            "sections": self.sections(record) if record.kind == LAB else [],
        }
        return view

    def numbered(self, charts: Iterable[Chart]) -> list[dict[str, Any]]:
        """The charts' numbers and titles."""
        places = []
        for chart in charts:
            places.append({"number": len(self.charts), "title": chart["title"]})
            self.charts.append(chart)
        return places

    def sweep(self, record: Record, metric: str) -> dict[str, Any] | None:
        if record.sweep is None:
            return None
        chart = landscape_chart(record.sweep, metric)
        table = record.sweep.table()
        if chart is None:
            return None
        rows = [
            {
                "trial": line["trial"],
                "same": line["not_distinguishable"],
                "setting": [value_text(value) for value in line["setting"].values()],
                "val": _figure(line["val_acc"]),
                "between": "" if line["val_low"] is None else f"{line['val_low']:.4f} to {line['val_high']:.4f}",
                "train": _figure(line["train_acc"]),
                "status": line["status"],
                "reason": printable(line["reason"] or ""),
            }
            for line in table[:MOST_SETTINGS]
        ]
        names = [printable(name) for name in table[0]["setting"]]
        (place,) = self.numbered([chart])
        return {"chart": place, "names": names, "rows": rows, "metric": metric, "left_out": len(table) - len(rows)}

    def sections(self, record: Record) -> list[dict[str, Any]]:
        """A lab's story: texts, the table published against measured, pictures, runs."""
        wanted = [str(name) for section in record.lab["sections"] for name in section.get("figures", [])]
        files = [record.folder / name for name in wanted]
        home = record.folder.resolve()
        inside = [path.with_suffix("") for path in files if path.resolve().is_relative_to(home)]
        drawn = {picture.name: picture for picture in pictures(dict.fromkeys(inside))}
        found = []
        for section in record.lab["sections"]:
            own = [drawn[name] for path in section.get("figures", []) if (name := Path(str(path)).stem.replace("_", " ")) in drawn]
            found.append(
                {
                    "title": printable(section.get("title", "")),
                    "paragraphs": [_paragraph(part) for part in str(section.get("text", "")).split("\n\n") if part.strip()],
                    "rows": [_lab_row(row) for row in section.get("rows", []) if isinstance(row, dict)],
                    "pictures": own,
                    "runs": [self.view(record.parts[name], drawn=False) for name in section.get("runs", []) if name in record.parts],
                }
            )
        return found

    def comparison(self, records: Sequence[Record]) -> dict[str, Any]:
        """Results side by side, with the settings in which the runs differ, and their curves on the same axes."""
        names = _unique_names(records)
        flat = [_settings(record) for record in records]
        keys = [key for key in dict.fromkeys(key for config in flat for key in config) if len({repr(c.get(key)) for c in flat}) > 1]
        figures = [dict(figure_rows(record.results)) for record in records]
        columns = list(dict.fromkeys(name for found in figures for name in found))
        rows = [
            {
                "name": name,
                "settings": [_setting(config.get(key)) for key in keys],
                "figures": [found.get(column, "–") for column in columns],
            }
            for name, config, found in zip(names, flat, figures, strict=True)
        ]
        metrics = {metric_of(record) for record in records}
        charts = comparison_charts(
            {name: _rows_to_compare(record) for name, record in zip(names, records, strict=True)},
            metric=metrics.pop() if len(metrics) == 1 else "metric",
            most=self.most,
        )
        return {"settings": [printable(key) for key in keys], "figures": columns, "rows": rows, "charts": self.numbered(charts)}


def stems(record: Record) -> list[Path]:
    """The pictures in a run's folder, without their endings."""
    return sorted({path.with_suffix("") for path in (record.folder / "figures").glob("*") if path.suffix in (".svg", ".png")})


def metric_of(record: Record) -> str:
    """What a run's validation figure is: its results tell."""
    if any(name.endswith("_r2") for name in record.results) or record.config.get("target") == "number":
        return "R²"
    if any("reconstruction" in name for name in record.results) or record.config.get("model") == "autoencoder":
        return "minus the loss"
    return "accuracy"


def facts(record: Record) -> list[tuple[str, str]]:
    """What was run, when and on what, in few words."""
    config, environment = record.config, record.environment
    found = [("what", record.kind)]
    found += [(name, printable(config[name])) for name in ("data", "model") if name in config]
    if record.lab:
        found += [("worksheet", printable(record.lab["worksheet"]))] if record.lab.get("worksheet") else []
        seconds = record.lab.get("seconds")
        found += [("time", f"{seconds:,.0f} s")] if isinstance(seconds, int | float) else []
    if record.results.get("ended"):
        found.append(("ended", printable(record.results["ended"])))
    versions = [f"{name} {printable(environment[name])}" for name in ("layerwise", "python", "numpy") if name in environment]
    machine = [printable(environment[name]) for name in ("system", "machine") if name in environment]
    cores = [f"{environment['cpu_count']} cores"] if environment.get("cpu_count") else []
    return found + ([("with", ", ".join([*versions, *machine, *cores]))] if versions or machine else [])


def results(record: Record) -> list[tuple[str, str]]:
    """The table of results."""
    if record.kind == SWEEP:
        return sweep_rows(record.results)
    return other_rows(record.results) if record.kind == EXPERIMENT else rows_of(record.results)


def classes(predictions: Predictions) -> dict[str, Any]:
    """The confusion matrix with each cell's share of its row, and precision, recall and F1 of each class."""
    matrix, names = predictions.confusion, [class_name(predictions.class_names, k) for k in range(len(predictions.confusion))]
    k = len(names)
    true, taken = (part.repeat(matrix.ravel()) for part in (np.arange(k).repeat(k), np.tile(np.arange(k), k)))
    totals = matrix.sum(axis=1)
    whole = k <= MOST_CLASSES
    cells = [
        [
            {"count": int(count), "share": f"{count / max(1, totals[i]):.3f}", "strong": i == j and count > STRONG * totals[i]}
            for j, count in enumerate(row)
        ]
        for i, row in enumerate(matrix)
    ]
    scores = [measure(taken, true, k) for measure in (precision, recall, f1)] if len(true) else [np.zeros(k)] * 3
    shown = range(k) if whole else [int(at) for at in np.argsort(scores[2], kind="stable")[:MOST_CLASSES]]
    return {
        "part": {"val": "validation"}.get(predictions.part, predictions.part),
        "names": names,
        "matrix": list(zip(names, cells, strict=True)) if whole else [],
        "pairs": [] if whole else _most_confused(matrix, names),
        "right": int(matrix.trace()),
        "examples": int(matrix.sum()),
        "scores": [(names[at], *(f"{score[at]:.3f}" for score in scores), f"{int(totals[at]):,}") for at in shown],
        "left_out": k - len(shown),
    }


def mistakes(predictions: Predictions, most: int = MISTAKES_OF_ALL) -> list[dict[str, Any]]:
    """At most so many wrong predictions, as many of each class: what was thought, how surely, and what is true; grouped by what was thought."""
    names = predictions.class_names
    images = [""] * len(predictions.mistakes) if predictions.images is None else image_uris(predictions.images)
    groups: dict[int, list[dict[str, Any]]] = {}
    for mistake, source in zip(predictions.mistakes, images, strict=True):
        sure = mistake.get("probability")
        groups.setdefault(int(mistake["predicted"]), []).append(
            {
                "image": source,
                "true": class_name(names, int(mistake["true"])),
                "sure": f"{sure:.0%}" if isinstance(sure, float) else "",
                "index": int(mistake["index"]),
            }
        )
    each = max(1, most // max(1, len(groups)))
    return [{"thought": class_name(names, k), "examples": found[:each]} for k, found in groups.items()]


def _paragraph(text: str) -> str:
    """The text with its lines kept, such as those of a proof, and nothing in it that a page would obey."""
    return "\n".join(printable(line) for line in text.strip().split("\n"))


def _most_confused(matrix: Array, names: Sequence[str]) -> list[tuple[str, str, int]]:
    off = matrix.copy()
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:MOST_CONFUSED]
    return [(names[i], names[j], int(off[i, j])) for i, j in (divmod(int(at), len(names)) for at in order) if off[i, j]]


def _settings(record: Record) -> dict[str, Any]:
    """The settings that tell a run from another; of a sweep all values of those that were swept."""
    swept = record.config.get("sweep", {})
    config = {**record.config, **(swept.get("space", {}) if isinstance(swept, Mapping) else {})}
    return {key: value for key, value in config.items() if key not in ALIKE}


def _rows_to_compare(record: Record) -> list[dict[str, Any]]:
    return record.sweep.history_rows() if record.sweep is not None else record.rows


def _unique_names(records: Sequence[Record]) -> list[str]:
    names = [printable(record.name) for record in records]
    return [name if names.count(name) == 1 else f"{name} ({at})" for at, name in enumerate(names, 1)]


def _lab_row(row: Mapping[str, Any]) -> dict[str, str]:
    found = {name: _setting(row.get(name)) for name in ("name", "published", "goal", "measured", "verdict", "run", "file", "field")}
    word = found["verdict"].split(" ")[0].strip(",;:").lower()
    sort = {"short": "bad", "exact": "good", "within": "good", "better": "good"}.get(word, "open")
    return {**found, "sort": sort}


def _setting(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{printable(key)} = {_setting(own)}" for key, own in value.items()) or "–"
    return value_text(value)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
