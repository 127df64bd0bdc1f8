"""`layerwise sweep`: flags with several values, the table of settings, stopping and going on."""

import json
import re
import tomllib

import pytest
from tests.cli.command import layerwise, stopped_at, write_insects, write_prices

from layerwise.models import load
from layerwise.storage import read_journal

SHORT = ("sweep", "digits", "--model", "softmax", "--rule", "sgd", "--epochs", "2", "--workers", "2")
LONG = ("sweep", "digits", "--hidden", "60 61 62 63", "--lr", "1e-3:1e-1:log:4", "--epochs", "12", "--workers", "2", "--output", "run")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "mein Ordner 数"
    place.mkdir()
    return place


def test_flags_with_several_values_are_swept_and_the_best_is_chosen_on_validation(folder):
    out, err = layerwise(*SHORT, "--lr", "1e-3:1:log:4", "--reg", "0,0.01", "--verify", "2", "--output", "run", folder=folder)
    assert err == ""
    assert out.splitlines()[0] == "digits: 8 fits as 2 populations of 4, 2 workers"
    assert out.splitlines()[1].startswith("about ")
    for text in ("chosen on validation", "test accuracy, measured once", "2 members alone", "not distinguishable from the best"):
        assert text in out
    run = folder / "run"
    assert {path.name for path in run.iterdir()} >= {
        "config.toml",
        "env.json",
        "trials.jsonl",
        "model.json",
        "model.safetensors",
        "status.json",
    }
    config = tomllib.loads((run / "config.toml").read_text(encoding="utf-8"))
    assert config["sweep"]["space"] == {"lr": "1e-3:1:log:4", "reg": "0,0.01"}
    assert config["sweep"]["chunk_sizes"] == [4, 4]
    assert {path.stem for path in (run / "figures").iterdir()} == {"curves", "landscape", "over_lr", "over_reg", "training", "validation"}
    assert len(read_journal(run / "trials.jsonl")) == 8
    assert load(run / "model").inputs.data_name == "digits"


def test_depths_are_drawn_where_only_the_number_of_layers_differs(folder):
    deep = ("sweep", "digits", "--hidden", "8 8x2 8x3", "--epochs", "1", "--threads", "1", "--output")
    out, _ = layerwise(*deep, "run", folder=folder)
    assert out.splitlines()[0] == "digits: 3 fits as 3 models one by one, 1 worker"
    assert {path.stem for path in (folder / "run" / "figures").iterdir()} == {"curves", "over_depth"}
    layerwise("sweep", "digits", "--hidden", "8 9x2", "--epochs", "1", "--threads", "1", "--output", "other", folder=folder)
    assert {path.stem for path in (folder / "other" / "figures").iterdir()} == {"curves"}


def test_what_was_chosen_can_predict(folder):
    layerwise(*SHORT, "--lr", "0.1,1", "--no-figures", "--output", "run", folder=folder)
    write_insects(folder / "insects.csv")
    _, err = layerwise("predict", "run", "insects.csv", folder=folder, code=3)
    assert "features" in err or "columns" in err or "trained on" in err


def test_json_is_one_object_with_the_table(folder):
    out, err = layerwise(
        *SHORT, "--lr", "0.1,1", "--set", "rule_options.momentum=0.5,0.9", "--rule", "sgd_momentum", "--json", "--no-figures", folder=folder
    )
    answer = json.loads(out)
    assert err == ""
    assert {tuple(line["setting"]) for line in answer["table"]} == {("lr", "momentum")}
    assert answer["best"] == answer["table"][0]["setting"]
    assert 0 < answer["test_acc"] <= 1


def test_a_dry_run_says_how_long_it_would_take_and_writes_nothing(folder):
    out, _ = layerwise(*SHORT, "--lr", "0.1,1", "--dry-run", folder=folder)
    assert "about " in out
    assert list(folder.iterdir()) == []


def test_ctrl_c_keeps_what_was_trained_and_resume_goes_on(folder):
    code, _, err = stopped_at("about", *LONG, folder=folder)
    assert code == 130
    assert "what was trained is kept, in run; go on with: layerwise sweep resume run" in err
    before = read_journal(folder / "run" / "trials.jsonl") if (folder / "run" / "trials.jsonl").exists() else []
    assert len(before) < 16
    layerwise("sweep", "resume", "run", "--no-figures", folder=folder)
    after = read_journal(folder / "run" / "trials.jsonl")
    assert after[: len(before)] == before
    assert len(after) == 16


def test_a_budget_stops_a_sweep_and_says_how_to_go_on(folder):
    out, _ = layerwise(*LONG, "--epochs", "100000", "--budget", "4s", "--no-figures", folder=folder)
    assert "the budget of time is used up; go on with: layerwise sweep resume run" in " ".join(out.split())
    assert json.loads((folder / "run" / "status.json").read_text())["state"] == "stopped"


def test_a_table_and_numbers_are_swept(folder):
    write_prices(folder / "prices.csv")
    flags = ("--label", "price", "--target", "number", "--hidden", "5", "--epochs", "30", "--batch", "20")
    out, _ = layerwise("sweep", "prices.csv", *flags, "--lr", "1e-3:1e-1:log:3", "--no-figures", "--output", "run", folder=folder)
    assert "lr=0.1" in out
    assert "finished" not in out  # all were, which is not worth a column
    answer, _ = layerwise("predict", "run", "prices.csv", "--json", folder=folder)
    assert json.loads(answer)["r2"] > 0.9


def test_a_sweep_in_which_all_diverge_is_told_and_ends_with_1(folder):
    write_prices(folder / "prices.csv")
    flags = ("--label", "price", "--target", "number", "--rule", "sgd", "--lr", "1e8,1e9", "--no-figures")
    _, err = layerwise("sweep", "prices.csv", *flags, folder=folder, code=1)
    assert "no setting was trained to a finite figure: all 2 fits diverged. Try smaller rates." in err


REFUSED = [
    (("sweep", "digits"), "a sweep needs at least one setting with several values"),
    (("sweep", "digits", "--lr", "1:2:3"), '"1:2:3" is no range: write LOW:HIGH:SCALE:COUNT'),
    (("sweep", "digits", "--lr", "0:1:log:3"), "begin at 1e-8"),
    (("sweep", "digits", "--lr", "1e-3:1:log"), "has no count"),
    (("sweep", "digits", "--lr", "0.1,x"), "--lr is 'x', but must be a number above 0"),
    (("sweep", "digits", "--activation", "relu,tnah"), 'Did you mean "tanh"'),
    (("sweep", "digits", "--lr", "0.1,1", "--strategy", "halvign"), 'Did you mean "halving"'),
    (("sweep", "digits", "--lr", "0.1,1", "--trials", "4"), "--trials has no effect on the strategy grid"),
    (("sweep", "digits", "--lr", "0.1,1", "--budget", "soon"), '--budget is "soon", but must be a time'),
    (("sweep", "digits", "run"), "takes one data set; or: layerwise sweep resume RUN"),
    (("sweep", "resume", "run", "--lr", "1"), "leave out lr"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_a_mistake_on_the_command_line_gets_a_sentence(folder, arguments, words):
    _, err = layerwise(*arguments, folder=folder, code=2)
    assert words in err
    assert list(folder.iterdir()) == []


def test_a_run_that_is_no_sweep_is_not_resumed_as_one(folder):
    layerwise("train", "digits", "--epochs", "1", "--no-figures", "--quiet", "--output", "run", folder=folder)
    _, err = layerwise("sweep", "resume", "run", folder=folder, code=3)
    assert "this run is no sweep" in err


def test_a_sweep_is_no_run_of_training_and_says_how_it_is_gone_on_with(folder):
    layerwise(*SHORT, "--lr", "0.1,1", "--no-figures", "--quiet", "--output", "run", folder=folder)
    _, err = layerwise("train", "--resume", "run", folder=folder, code=3)
    assert err == "layerwise: run: this run is a sweep. Go on with it by: layerwise sweep resume run\n"


def test_figures_stay_in_one_line_on_a_narrow_terminal(folder):
    out, _ = layerwise(*SHORT, "--lr", "1e-2:1:log:2", "--reg", "0,1e-3", "--no-figures", "--output", "run", folder=folder, COLUMNS="60")
    lines = [line.split() for line in out.splitlines() if re.search(r"0\.\d{4}-[01]\.\d{4}  ", line)]
    assert len(lines) == 4
    assert max(len(line) for line in out.splitlines() if line.startswith((" ", "─"))) <= 60
