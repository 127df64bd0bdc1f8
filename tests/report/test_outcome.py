"""Results in words."""

from layerwise.report.outcome import other_rows, rows_of, sweep_rows


def test_a_run_that_was_stopped_says_why_and_a_missing_figure_is_left_out():
    rows = rows_of({"steps": 1, "epochs": 0, "stop_reason": "diverged\x1b[31m", "val_acc": None, "test_r2": 0.5})
    assert rows == [("steps", "1 (0 epochs)"), ("stopped", "diverged\N{REPLACEMENT CHARACTER}[31m"), ("test R²", "0.5000")]


def test_a_sweep_in_which_all_diverged_has_no_choice():
    assert sweep_rows({"trials": 2, "diverged": 2}) == [("fits", "2 (2 diverged)")]
    assert sweep_rows({}) == []


def test_an_experiments_own_figures_keep_their_names():
    rows = other_rows({"result": True, "ratio_of_times": 20.25, "terms": [1, 2.5], "note": "x", "none": None, "ended": "now"})
    assert rows == [("ratio of times", "20.25"), ("terms", "1, 2.5"), ("note", "x"), ("none", "–")]
