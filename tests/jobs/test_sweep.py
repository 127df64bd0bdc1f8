"""Texts with several values, and settings that become the trials of a sweep."""

import pytest

from layerwise.jobs.setting import checked
from layerwise.jobs.sweep import SweepSettings, assemble, axis_of, divided, seconds_of
from layerwise.sweep import choice, grid, integers, log


def job(space, **settings):
    return assemble(checked({"data": "digits", "epochs": 1, **settings}), SweepSettings(space, workers=2))


def test_a_text_with_several_values_is_an_axis():
    assert axis_of("lr", "1e-4:1e-1:log:4") == log(1e-4, 1e-1, 4)
    assert axis_of("reg", "0,0.1") == grid(0.0, 0.1)
    assert axis_of("rule", "sgd,adam") == choice("sgd", "adam")
    assert axis_of("hidden", "2:2048:log:11") == integers(2, 2048, 11, log=True)
    assert axis_of("hidden", "100 100,50 20x3") == choice("100", "100,50", "20,20,20")
    assert axis_of("momentum", "0.5,0.9") == grid(0.5, 0.9)


@pytest.mark.parametrize(("name", "text"), [("hidden", "100,50"), ("lr", "0.1"), ("rule", "adam"), ("ignore", "a,b"), ("data", "a,b.csv")])
def test_a_text_with_one_value_is_none(name, text):
    assert axis_of(name, text) is None


def test_flags_and_assignments_are_told_apart():
    flags = {"data": "digits", "lr": "0.1,1", "hidden": "100,50", "reg": None}
    plain, kept, space = divided(flags, ["rule_options.beta1=0.8,0.9", "rule_options.beta2=0.99", "dtype=float64"])
    assert plain == {**flags, "lr": None}
    assert kept == ["rule_options.beta2=0.99", "dtype=float64"]
    assert space == {"lr": "0.1,1", "beta1": "0.8,0.9"}


def test_each_trials_model_is_the_one_that_its_setting_names():
    study = job({"hidden": "5 6,7", "dropout": "0,0.5", "reg": "0,0.1"}).study
    model = study.build({**study.base, "hidden": "6,7", "dropout": 0.5, "reg": 0.1, "seed": 3})
    assert {name: w.shape for name, w in model.params.items() if name.startswith("W")} == {"W1": (64, 6), "W2": (6, 7), "W3": (7, 10)}
    assert model.reg == 0.1
    assert model.settings["dropout1.keep_prob"] == 0.5


def test_populations_are_formed_over_all_that_does_not_change_the_shape():
    study = job({"hidden": "5 6", "dropout": "0,0.5", "lr": "0.1,0.2", "weight_scale": "0.1,he_normal"}).study
    assert sorted(len(chunk) for chunk in study._ask(study.space.grid())) == [8, 8]


def test_settings_that_are_left_open_are_settled_as_for_a_single_run():
    study = job({"reg": "0,0.1"}, rule="adam").study
    assert (study.base["lr"], study.base["batch"], study.base["rule"]) == (1e-3, 100, "adam")
    assert "lr" not in job({"rule": "sgd,adam"}).study.base


def test_the_first_examples_may_be_trained_on_alone():
    options = SweepSettings({"lr": "0.1,0.2"}, workers=1, train_size=50)
    assert len(assemble(checked({"data": "digits"}), options).study.data.X_train) == 50


def test_times_are_read_as_people_write_them():
    assert (seconds_of("90s"), seconds_of("1.5h"), seconds_of("1d")) == (90, 5400, 86400)
    with pytest.raises(ValueError, match="such as 90s, 3m or 1h30m"):
        seconds_of("3 months")
