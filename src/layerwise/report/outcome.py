"""Results as a reader wants them: names for what a run's last row holds, and figures in few digits."""

from collections.abc import Mapping
from typing import Any

from layerwise.report.label import number, printable

FIGURES = (  # key in the results, what a reader calls it, and its format
    ("val_loss", "validation loss", ".4g"),
    ("val_rmse", "validation error (root mean square)", ".4g"),
    ("val_r2", "validation R²", ".4f"),
    ("val_reconstruction", "validation reconstruction error (squared)", ".4g"),
    ("val_acc", "validation accuracy", ".4f"),
    ("best_epoch", "best epoch", ".0f"),
    ("test_loss", "test loss", ".4g"),
    ("test_rmse", "test error (root mean square)", ".4g"),
    ("test_mae", "test error (mean absolute)", ".4g"),
    ("test_r2", "test R²", ".4f"),
    ("test_reconstruction", "reconstruction error (squared)", ".4g"),
    ("test_acc", "test accuracy", ".4f"),
)
COUNTED = ("finished", "pruned", "diverged", "unfinished")


def rows_of(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The results of a training run, test accuracy and time last.

    >>> rows_of({"steps": 1200, "epochs": 1, "test_acc": 0.975, "seconds": 3.14})
    [('steps', '1,200 (1 epoch)'), ('test accuracy', '0.9750'), ('time', '3.1 s')]
    """
    rows = (
        [("steps", f"{results['steps']:,} ({results['epochs']} epoch{'' if results['epochs'] == 1 else 's'})")]
        if "steps" in results
        else []
    )
    if results.get("stop_reason"):
        rows.append(("stopped", printable(results["stop_reason"])))
    rows += figure_rows(results)
    return rows + ([("time", f"{results['seconds']:.1f} s")] if _is_number(results.get("seconds")) else [])


def sweep_rows(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The results of a sweep: how its fits ended, what was chosen, and the figures of that.

    >>> sweep_rows({"trials": 3, "finished": 2, "diverged": 1, "best": {"lr": 0.1}, "val_acc": 0.5, "not_distinguishable": 2})
    [('fits', '3 (2 finished, 1 diverged)'), ('chosen on validation', 'lr = 0.1'), ('validation accuracy', '0.5000'), ('settings not told apart from it', '2')]
    """
    counts = ", ".join(f"{results[name]:,} {name}" for name in COUNTED if results.get(name))
    rows = [("fits", f"{results['trials']:,} ({counts})")] if "trials" in results else []
    if isinstance(results.get("best"), Mapping):
        rows.append(("chosen on validation", ", ".join(f"{printable(k)} = {_plain(v)}" for k, v in results["best"].items())))
    rows += figure_rows(results)
    if "not_distinguishable" in results:
        rows.append(("settings not told apart from it", str(results["not_distinguishable"])))
    rows += [(name, printable(results[key])) for key, name in (("refit", "model"), ("stopped", "stopped")) if results.get(key)]
    return rows


def other_rows(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything that an experiment of its own kind found, as it is named there."""
    return [(printable(key).replace("_", " "), _plain(value)) for key, value in results.items() if key not in ("result", "ended")]


def figure_rows(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures of FIGURES that are there."""
    return [(name, format(results[key], form)) for key, name, form in FIGURES if _is_number(results.get(key))]


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return number(value) if _is_number(value) else "–" if value is None else printable(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
