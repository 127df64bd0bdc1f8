"""Pictures of sweeps, at every size of input."""

import pytest
from matplotlib.text import Text

from layerwise.report.figure import save
from layerwise.report.sweep_figure import accuracy_over_decades, parallel_coordinates, rungs


def lines(count=6, *, gap=True):
    table = [
        {
            "setting": {"lr": 10.0**-k, "reg": float(k % 2), "rule": ["sgd", "adam"][k % 2], "hidden": [10] * (k + 1)},
            "val_acc": 0.9 - 0.1 * k,
            "val_low": 0.85 - 0.1 * k,
            "val_high": 0.95 - 0.1 * k,
            "not_distinguishable": k < 2,
        }
        for k in range(count)
    ]
    if gap and table:
        table[-1] |= {"val_acc": None, "val_low": None, "val_high": None}
    return table


def trial(status, epochs, level):
    return {
        "status": status,
        "epochs": epochs,
        "curve": {"epoch": list(range(epochs + 1)), "val_acc": [level * e for e in range(epochs + 1)]},
    }


TRIALS = [trial("finished", 9, 0.1), trial("pruned", 3, 0.08), trial("pruned", 1, 0.02), trial("diverged", 1, None or 0.0)]
NAMES = ["lr", "reg", "rule", "hidden"]
DRAWN = {
    "over decades": lambda: accuracy_over_decades(lines(gap=False), "lr"),
    "over decades, one": lambda: accuracy_over_decades(lines(1, gap=False), "lr"),
    "over decades, none": lambda: accuracy_over_decades([], "lr"),
    "coordinates": lambda: parallel_coordinates(lines(), NAMES),
    "coordinates, one": lambda: parallel_coordinates(lines(1, gap=False), NAMES),
    "coordinates, all diverged": lambda: parallel_coordinates(lines(1), NAMES),
    "coordinates, many": lambda: parallel_coordinates(lines(60), NAMES),
    "coordinates, awkward name": lambda: parallel_coordinates([{**lines(1, gap=False)[0], "setting": {"$x_1$\n": "$"}}], ["$x_1$\n"]),
    "rungs": lambda: rungs(TRIALS),
    "rungs, nothing pruned": lambda: rungs(TRIALS[:1]),
    "rungs, none": lambda: rungs([]),
}


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_the_same_each_time_with_letters_that_can_be_read(name, tmp_path):
    one, other = (save(DRAWN[name](), tmp_path / str(i)) for i in range(2))
    for a, b in zip(one, other, strict=True):
        assert a.read_bytes() == b.read_bytes()
        assert a.stat().st_size > 1000
    assert all(text.get_fontsize() >= 7 for text in DRAWN[name]().findobj(Text) if text.get_text())


def test_coordinates_say_how_many_cannot_be_told_apart():
    assert any("thick: 2 of 6 not told apart from it" in text.replace("\n", " ") for text in texts(parallel_coordinates(lines(), NAMES)))


def test_rungs_say_how_many_went_on():
    assert any("4 fits; went on: 2 after epoch 1, 1 after epoch 3" in text.replace("\n", " ") for text in texts(rungs(TRIALS)))
