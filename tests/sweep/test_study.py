"""From settings to a choice: strategies, folds, refitting, verification, the forecast."""

import json

import numpy as np
import pytest
from tests.sweep.case import dataset, linear, net, study, without_times
from tests.train.case import blobs

from layerwise.data import Dataset
from layerwise.errors import DataError, MissingExtraError
from layerwise.sweep import STRATEGIES, CoarseToFine, Halving, Optuna, Plan, Random, Study, integers, log
from layerwise.sweep.forecast import Forecast, makespan, updated
from layerwise.sweep.split import folds, splits

FINE = {"lr": log(1e-4, 1.0, 5), "reg": [0.0, 0.1, 1.0]}


# ---- strategies


@pytest.mark.parametrize("name", sorted(set(STRATEGIES) - {"optuna"}))
def test_every_strategy_finds_a_setting_that_works_and_does_the_same_again(name):
    one, other = (study(FINE, strategy=name, base={"epochs": 9}).run() for _ in range(2))
    assert one.best["val_acc"] > 0.6
    assert without_times(one.rows) == without_times(other.rows)


def test_random_draws_so_many():
    result = study(FINE, strategy=Random(trials=7)).run()
    assert len(result.rows) == 7
    assert len({row["setting"]["lr"] for row in result.rows}) == 7


def test_coarse_to_fine_looks_within_the_box_of_what_cannot_be_told_from_the_best():
    coarse = study(FINE, base={"epochs": 9}).run()
    fine = study(FINE, base={"epochs": 9}, strategy=CoarseToFine(stages=2)).run()
    kept = [setting["lr"] for setting in coarse.not_distinguishable]
    later = [row["setting"]["lr"] for row in fine.rows if row["trial"] >= len(coarse.rows)]
    assert later
    assert min(kept) / 10**0.5 <= min(later) * 1.001
    assert max(later) <= max(kept) * 10**0.5 * 1.001
    assert fine.best["val_acc"] >= coarse.best["val_acc"]


def test_halving_leaves_most_behind_and_its_winner_is_as_good_as_the_grids():
    whole = study(FINE, build=net, base={"epochs": 18}).run()
    halved = study(FINE, build=net, base={"epochs": 18}, strategy=Halving()).run()
    assert halved.counts()["pruned"] == 13
    assert halved.counts()["finished"] == 2
    assert halved.best["setting"] in whole.not_distinguishable
    assert sum(row["epochs"] for row in halved.rows) < 0.4 * sum(row["epochs"] for row in whole.rows)


def test_a_survivor_of_halving_is_what_it_is_in_the_grid():
    whole, halved = (study(FINE, base={"epochs": 9}, strategy=s, plan=Plan(workers=1)).run() for s in ("grid", "halving"))
    expected = {row["trial"]: row["curve"]["val_acc"] for row in whole.rows}
    for row in halved.rows:
        assert row["curve"]["val_acc"] == expected[row["trial"]][: row["epochs"] + 1]


def test_rungs_keep_a_share_at_each_level():
    assert Halving(eta=2, levels=3).rungs(16, 8) == [(1, 8), (2, 4), (4, 2)]
    assert Halving().rungs(9, 2) == []
    with pytest.raises(ValueError, match="eta must be at least 2"):
        Halving(eta=1)


@pytest.mark.peer
def test_optuna_is_asked_for_a_population_at_a_time_and_told_what_came_of_it():
    axes = {"lr": log(1e-5, 1.0), "width": integers(2, 6), "reg": [0.0, 0.1]}
    options = {"build": net, "base": {"epochs": 6}, "strategy": Optuna(trials=24, population=8)}
    one, other = (study(axes, **options).run() for _ in range(2))
    assert len(one.rows) == 24
    assert without_times(one.rows) == without_times(other.rows)
    late = [row["setting"]["lr"] for row in one.rows[16:]]
    assert np.median(late) > np.median([row["setting"]["lr"] for row in one.rows[:8]])


@pytest.mark.peer
def test_optuna_goes_on_after_members_that_diverged(tmp_path):
    options = {"base": {"reg": 1.0}, "strategy": Optuna(trials=8, population=4), "folder": tmp_path}
    first = study({"lr": log(1e-2, 1e9)}, **options).run()
    assert first.counts()["diverged"]
    assert without_times(study({"lr": log(1e-2, 1e9)}, **options).run().rows) == without_times(first.rows)


def test_optuna_that_is_missing_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    monkeypatch.delitem(__import__("sys").modules, "layerwise.sweep.optuna_search", raising=False)
    with pytest.raises(MissingExtraError, match=r"layerwise\[sweep\]"):
        study(strategy="optuna").run()


def test_an_unknown_strategy_is_refused_with_a_guess():
    with pytest.raises(ValueError, match=r'unknown strategy "halvign"\. Did you mean "halving"'):
        study(strategy="halvign")


# ---- data


def test_folds_validate_each_example_once():
    data = Dataset.from_arrays(np.arange(60.0).reshape(30, 2), np.arange(30) % 3, validation=6)
    parts = folds(data, 4, np.random.default_rng(0))
    assert sorted(np.concatenate([np.asarray(part.X_val)[:, 0] for part in parts]).tolist()) == np.arange(0.0, 60.0, 2).tolist()
    for part in parts:
        assert not set(np.asarray(part.X_val)[:, 0]) & set(np.asarray(part.X_train)[:, 0])
        assert set(part.y_val) == {0, 1, 2}


def test_the_preprocessing_of_a_fold_is_fitted_on_its_training_part():
    data = Dataset.from_arrays(np.arange(60.0).reshape(30, 2), np.arange(30) % 3, validation=6).with_preprocessing("center")
    for part in [*folds(data, 3, np.random.default_rng(0)), *splits(data, 2, np.random.default_rng(0))]:
        assert np.abs(part.preprocessing.apply(np.asarray(part.X_train)).mean(axis=0)).max() < 1e-4


def test_random_splits_hold_out_as_many_as_the_data_does():
    parts = splits(dataset(), 3, np.random.default_rng(0))
    assert [len(part.y_val) for part in parts] == [60, 60, 60]
    assert len({tuple(np.asarray(part.X_val)[:, 0]) for part in parts}) == 3


@pytest.mark.parametrize("plan", [Plan(folds=3), Plan(splits=3)])
def test_a_setting_is_judged_by_its_mean_over_the_folds(plan):
    result = study(plan=plan).run()
    line = result.best
    own = [row["val_acc"] for row in result.rows if row["trial"] == line["trial"]]
    assert len(own) == 3
    assert line["val_acc"] == pytest.approx(np.mean(own))
    assert line["val_low"] < line["val_acc"] < line["val_high"]
    assert "on the training and validation parts together" in result.refit


REFUSED = [
    ({"plan": {"folds": 1}}, "1 folds of"),
    ({"plan": {"repeats": 0}}, "needs at least 1 of each"),
    ({"plan": {"folds": 2, "splits": 2}}, "two ways to divide the data"),
    ({"plan": {"refit": "all"}}, 'refit is "all"'),
    ({"data": {**blobs(), "X_val": None, "y_val": None, "X_test": None}}, "a sweep chooses by validation examples"),
]


@pytest.mark.parametrize(("options", "words"), REFUSED)
def test_plans_that_make_no_sense_are_refused(options, words):
    def make():
        return study(**{**options, "plan": Plan(**options.get("plan", {}))})

    with pytest.raises((ValueError, DataError), match=words):
        make()


# ---- the choice


def test_the_choice_is_made_on_validation_and_the_test_part_is_measured_once(monkeypatch):
    from layerwise.sweep import study as room

    calls = []
    measure = room.measure
    monkeypatch.setattr(room, "measure", lambda model, X, y, **options: calls.append(len(X)) or measure(model, X, y, **options))
    data = dataset()
    result = study(data=data).run()
    assert calls == [60]
    assert result.best["val_acc"] == max(row["val_acc"] for row in result.rows)
    assert result.test["test_acc"] == pytest.approx((result.model.predict(data.X_test) == data.y_test).mean())


def test_the_model_is_the_best_trial_at_its_best_epoch():
    data = dataset()
    result = study(data=data, plan=Plan(repeats=2, workers=2)).run()
    assert result.refit == "as trained in the sweep, at its best epoch"
    accuracy = (result.model.predict(data.X_val) == data.y_val).mean()
    assert accuracy == pytest.approx(max(row["val_acc"] for row in result.rows if row["trial"] == result.best["trial"]))


def test_a_refit_trains_on_both_parts():
    result = study(plan=Plan(refit="train+validation", workers=2)).run()
    assert result.refit == f"trained again for {result.best['best_epoch']:.0f} epochs on the training and validation parts together"
    assert result.test["test_acc"] > 0.6


def test_verify_reports_the_largest_difference_of_members_retrained_alone():
    result = study(build=net, plan=Plan(verify=3, workers=2)).run()
    assert len({check["trial"] for check in result.checks}) == 3
    assert all(0 <= check["weights"] < 1e-12 < check["largest_weight"] for check in result.checks)


def test_verify_of_pruned_and_diverged_members_compares_what_they_were():
    result = study({"lr": [0.01, 0.02, 0.05, 0.1, 1e8]}, base={"epochs": 9, "reg": 1.0}, strategy="halving", plan=Plan(verify=5)).run()
    assert {row["status"] for row in result.rows} == {"finished", "pruned", "diverged"}
    assert len(result.checks) == 5
    assert max(check["weights"] for check in result.checks) < 1e-12


# ---- results


def test_a_table_has_a_line_for_each_setting_the_best_first():
    table = study(plan=Plan(repeats=2, workers=2)).run().table()
    values = [line["val_acc"] for line in table]
    assert len(table) == 8
    assert values == sorted(values, reverse=True)
    assert table[0]["not_distinguishable"]


def test_a_landscape_holds_each_figure_at_its_settings():
    result = study().run()
    xs, ys, z = result.landscape("lr", "reg")
    assert z.shape == (2, 4)
    for line in result.table():
        assert z[ys.tolist().index(line["setting"]["reg"]), xs.tolist().index(line["setting"]["lr"])] == line["val_acc"]


def test_a_landscape_may_show_the_last_epoch_in_place_of_the_best():
    result = study({"lr": [0.05, 3.0], "reg": [0.0, 0.3]}, base={"epochs": 6}).run()
    best, last = result.landscape("lr", "reg").z, result.landscape("lr", "reg", "last_val_acc").z
    assert (last <= best).all()
    assert (last < best).any()


def test_a_landscape_has_gaps_where_members_diverged_and_the_best_of_other_settings():
    result = study({"lr": [0.1, 1e9], "reg": [1.0, 2.0], "batch": [20, 40]}).run()
    z = result.landscape("lr", "reg").z
    assert np.isnan(z[:, 1]).all()
    best = max(row["val_acc"] for row in result.rows if row["setting"]["lr"] == 0.1 and row["setting"]["reg"] == 1.0)
    assert z[0, 0] == best


def test_a_landscape_of_what_was_not_swept_or_has_no_numbers_is_refused():
    result = study({"lr": [0.1], "rule": ["sgd", "adam"]}).run()
    with pytest.raises(ValueError, match='"reg" was not swept'):
        result.landscape("lr", "reg")
    with pytest.raises(ValueError, match="a landscape needs numbers on both axes"):
        result.landscape("lr", "rule")


def test_over_one_setting_the_best_of_the_others_counts():
    result = study().run()
    assert [line["setting"]["reg"] for line in result.over("reg")] == [0.0, 0.1]
    assert result.over("reg")[0]["val_acc"] == max(row["val_acc"] for row in result.rows if row["setting"]["reg"] == 0.0)


# ---- the forecast


def test_a_dry_run_forecasts_and_trains_nothing(tmp_path):
    announced = []
    result = study(folder=tmp_path).run(dry=True, announce=lambda forecast, chunks: announced.append((forecast, chunks)))
    ((forecast, chunks),) = announced
    assert result.rows == []
    assert forecast.seconds > 0
    assert forecast.memory > dataset().X_train.nbytes
    assert sum(map(len, chunks)) == 8
    assert not (tmp_path / "trials.jsonl").exists()


def test_the_forecasts_own_error_is_recorded(tmp_path):
    result = study(folder=tmp_path).run()
    kept = json.loads((tmp_path / "status.json").read_text())["forecast"]
    assert kept["error"] == pytest.approx(kept["seconds"] / kept["actual"] - 1)
    assert result.forecast == kept


def test_a_forecast_of_memory_counts_what_large_batches_put_out():
    def memory(batch):
        announced = []
        study(base={"batch": batch}).run(dry=True, announce=lambda forecast, chunks: announced.append(forecast.memory))
        return announced[0]

    assert memory(0) - memory(40) == 8 * 3 * 20 * (240 - 40)


def test_what_is_left_goes_from_the_forecast_to_what_was_measured():
    forecast = Forecast(10.0, 0, {"a": 5.0, "b": 5.0})
    assert updated(forecast, {}, 1.0) == 10.0
    assert updated(forecast, {"a": 1.0}, 10.0) == pytest.approx(0.5 * (0.5 * 20 + 0.5 * 10))
    assert updated(forecast, {"a": 1.0, "b": 1.0}, 20.0) == 0


def test_the_last_worker_to_end_decides():
    assert makespan([5.0, 4.0, 3.0], 2) == 7.0
    assert makespan([], 2) == 0


def test_a_watcher_is_told_of_leaders_and_progress():
    moments = []
    study().run(watch=moments.append)
    assert moments[-1].ended == moments[-1].asked == 8
    assert moments[-1].share == pytest.approx(1.0)
    assert moments[-1].leaders[0]["val_acc"] == max(row["val_acc"] for row in moments[-1].leaders)


def test_a_study_takes_plain_arrays():
    data = {**blobs(), "X_test": None, "y_test": None}
    result = Study(linear, data, {"lr": [0.01, 0.1]}, base={"epochs": 2, "batch": 40}).run()
    assert result.test == {}
    assert result.best["val_acc"] > 0.4
