"""`layerwise train`, as a newcomer runs it: right, wrong, stopped, resumed, piped and on a terminal."""

import json
import os
import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from tests.cli.command import (
    PROGRAM,
    QUICK,
    environment,
    layerwise,
    stopped_at,
    write_insects,
    write_prices,
    write_rows,
)

from layerwise.models import load

LONG = (
    "train", "digits", "--hidden", "40,40", "--dropout", "0.2", "--epochs", "30", "--schedule", "reduce_on_plateau", "--set",
    "schedule_options.patience=2", "--no-figures",
)  # fmt: skip
FILES = {"config.toml", "env.json", "metrics.jsonl", "statistics.jsonl", "model.json", "model.safetensors"}
FILES |= {"predictions.json", "predictions.safetensors"}


@pytest.fixture
def folder(tmp_path):
    """A place whose name has a space and letters beyond ASCII."""
    place = tmp_path / "mein Ordner 数"
    place.mkdir()
    return place


def weights(run):
    return (run / "model.safetensors").read_bytes()


def test_a_run_prints_a_table_that_ends_in_accuracy_and_time_and_says_where_to_look(folder):
    out, err = layerwise("train", "digits", "--epochs", "5", "--output", "my run", folder=folder)
    lines = out.splitlines()
    assert lines[0] == "digits: 1,197 examples to train on, 300 to validate, 300 to test"
    assert lines[1] == "fully-connected 64-100-10, 7,510 parameters; adam, rate 0.001, 100 examples a step"
    assert lines[2].startswith("Pre-flight: initial loss 2.")
    assert lines[2].endswith(" learned by heart in 5 steps")
    assert [line.split()[:2] for line in lines[3:9]] == [["epoch", f"{epoch}/5"] for epoch in range(6)]
    assert "\x1b" not in out
    assert [line.split()[:-1] for line in lines[-6:-4]] == [["test", "loss"], ["test", "accuracy"]]
    assert lines[-4].split()[0] == "time"
    assert lines[-3] == 'Model in my run; use it with: layerwise predict "my run" FILE'
    assert lines[-1] == f"Report in {os.path.join('my run', 'report.html')}"
    assert lines[-2] == f"Pictures in {os.path.join('my run', 'figures')}: confusion.png, curves.png, samples.png, weights.png"
    assert err == ""
    assert {path.name for path in (folder / "my run").iterdir()} == FILES | {"figures", "report.html"}
    assert load(folder / "my run" / "model").inputs.data_name == "digits"


def test_the_preflight_names_what_would_mend_a_run_and_can_be_left_out(folder):
    out, _ = layerwise(*QUICK, "--model", "softmax", "--weight-scale", "10", folder=folder)
    assert "\nPre-flight: initial loss " in out
    assert "× too large; weight_scale 10 → 0." in out
    assert "Pre-flight" not in layerwise(*QUICK, "--no-preflight", folder=folder)[0]


def test_json_is_one_object_and_nothing_else(folder):
    out, err = layerwise("train", "digits", "--epochs", "2", "--json", "--output", "läuft", folder=folder, PYTHONIOENCODING="ascii")
    result = json.loads(out)
    assert out.count("\n") == 1
    assert err == ""
    assert (result["folder"], result["epochs"], result["interrupted"]) == ("läuft", 2, False)
    assert 0 < result["test_acc"] < 1
    assert all((folder / picture).is_file() for picture in result["figures"])


def test_quiet_prints_nothing_and_no_progress_no_epochs(folder):
    assert layerwise(*QUICK, "--quiet", folder=folder) == ("", "")
    out, _ = layerwise(*QUICK, folder=folder)
    assert "epoch 1/1" not in out
    assert "test accuracy" in out
    assert len(list((folder / "runs").iterdir())) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_terminal_shows_a_bar(folder):
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "train", "digits", "--epochs", "3", "--no-figures"],
        cwd=folder,
        env=environment(TERM="xterm"),
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux's way to say that the other end is closed
        pass
    os.close(ours)
    assert process.wait(60) == 0
    assert "━".encode() in shown
    assert b"33/33" in shown
    assert b"epoch 0/3  train" not in shown  # the plain line's beginning


def test_without_matplotlib_all_but_the_pictures_is_done_and_the_way_to_them_named(folder):
    program = (
        "import sys; sys.modules['matplotlib'] = None; sys.argv = ['layerwise', 'train', 'digits', '--epochs', '1', '--output', 'run'];"
        "from layerwise.cli.main import run; run()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment(), capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "No pictures: Figures need matplotlib. Install it with: pip install 'layerwise[plot]'"
    assert {path.name for path in (folder / "run").iterdir()} == FILES


# ---- data of one's own


def test_a_small_table_is_learned_with_no_flag_but_the_label(folder):
    write_insects(folder / "käfer 1.csv")
    out, _ = layerwise("train", "käfer 1.csv", "--label", "kind", "--json", "--no-figures", folder=folder)
    assert json.loads(out)["test_acc"] >= 0.9


def test_large_numbers_are_predicted_in_their_own_units(folder):
    write_prices(folder / "prices.csv")
    out, _ = layerwise("train", "prices.csv", "--label", "price", "--target", "number", "--no-progress", "--no-figures", folder=folder)
    figures = dict(re.findall(r"^ (\S.*?) {2,}([\d.]+)", out, flags=re.MULTILINE))
    assert float(figures["test R²"]) > 0.95
    assert 2000 < float(figures["test error (root mean square)"]) < 20_000
    assert "test loss" not in figures  # it would be in no unit that a reader knows


@pytest.mark.parametrize(
    ("rows", "flags", "code", "text"),
    [
        ([], ["--label", "y"], 3, "is empty"),
        ([["x", "y"]], ["--label", "y"], 3, "has a header, but no rows below it"),
        ([["x", "y"], [1, "a"], [2, "a"]], ["--label", "y"], 3, 'every label is "a". A classifier needs at least two classes.'),
        ([["x", "y"], [1, "a"], [2, "b"]] * 1, [], 2, "which column is to be predicted? Name it with --label: x, y"),
        ([["x", "why"], [1, "a"], [2, "b"]], ["--label", "wy"], 3, 'has no column "wy". Did you mean "why"?'),
        ([["x", "y"], ["one", "a"], *[[i, "ab"[i % 2]] for i in range(9)]], ["--label", "y"], 3, 'line 2, column "x": "one" is not a'),
        ([["x", "y"], ["inf", "a"], *[[i, "ab"[i % 2]] for i in range(9)]], ["--label", "y"], 3, 'line 2, column "x": "inf" is not a'),
        ([["x", "y"], [1], [2, "b"]], ["--label", "y"], 3, "line 2: has 1 field"),
        ([["x", "y"], [1, ""], [2, "b"], [3, "b"]], ["--label", "y"], 3, 'line 2, column "y": the label is missing'),
        ([["x", "y"], [1, 0.5], [2, 1.5], [3, 2.5]], ["--label", "y"], 3, "--target number"),
        ([["x", "y"], [1, "a"], [2, "a"], [3, "b"], [4, "b"]], ["--label", "y"], 3, "The flags --val and --test (of a file) say how many"),
    ],
)
def test_a_table_that_will_not_do_is_told_in_a_sentence(folder, rows, flags, code, text):
    write_rows(folder / "täble.csv", rows)
    out, err = layerwise("train", "täble.csv", *flags, folder=folder, code=code)
    assert text in err
    assert err.startswith("layerwise: ")
    assert out == ""
    assert [path.name for path in folder.iterdir()] == ["täble.csv"]  # no half a run is left


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("mnits", 2, '"mnits" is neither a data set known by name nor a file. Did you mean "mnist"?'),
        ("gone.csv", 3, "gone.csv: there is no such file."),
        ("photo.png", 3, "photo.png: cannot be trained on. Give a table"),
        ("wrong.npz", 3, "wrong.npz: is not an .npz file that NumPy wrote"),
        ("holes.npz", 3, "holes.npz: X_train is nan in row 0, column 0"),
    ],
)
def test_data_that_will_not_do_is_told_in_a_sentence(folder, name, code, text):
    (folder / "photo.png").write_bytes(b"x")
    (folder / "wrong.npz").write_bytes(b"x")
    np.savez(folder / "holes.npz", X=np.full((20, 2), np.nan), y=np.arange(20) % 2)
    _, err = layerwise("train", name, folder=folder, code=code)
    assert text in err


def test_missing_files_are_told_with_where_to_put_which(folder):
    _, err = layerwise("train", "mnist", "--data", "nowhere", folder=folder, code=3)
    assert "train-images-idx3-ubyte" in err
    assert "--data or LAYERWISE_DATA" in err
    assert len(err.splitlines()) == 1


# ---- settings


def test_a_run_that_diverges_ends_in_code_1_and_says_what_to_change(folder):
    out, err = layerwise(*QUICK, "--rule", "sgd", "--lr", "1e9", "--quiet", folder=folder, code=1)
    assert out == ""
    assert "diverged at step" in err
    assert "lr 1e+09 is probably too large: try 1e+08" in err
    assert "Traceback" not in err


def test_a_net_beyond_memory_is_refused_before_it_is_made(folder):
    _, err = layerwise(*QUICK, "--hidden", "1000000,1000000", folder=folder, code=3)
    assert "not enough memory: a net of widths 64-1000000-1000000-10 has 1,000,076,000,010 parameters" in err
    assert "Smaller --hidden widths" in err


def test_the_settings_of_a_run_reproduce_it_to_the_bit_and_flags_go_over_them(folder):
    settings = ("--hidden", "20", "--dropout", "0.3", "--schedule", "cosine", "--set", "rule_options.beta1=0.8", "--epochs", "3")
    layerwise(*QUICK[:2], *settings, "--no-figures", "--quiet", "--output", "first", folder=folder)
    layerwise("train", "--config", "first/config.toml", "--no-figures", "--quiet", "--output", "second", folder=folder)
    assert weights(folder / "first") == weights(folder / "second")
    layerwise(
        "train",
        "--config",
        "first/config.toml",
        "--no-figures",
        "-q",
        "--output",
        "third",
        "--seed",
        "1",
        folder=folder,
        LAYERWISE_LR="0.5",
    )
    resolved = tomllib.loads((folder / "third" / "config.toml").read_text(encoding="utf-8"))
    assert (resolved["seed"], resolved["lr"], resolved["hidden"], resolved["rule_options"]) == (1, 0.5, [20], {"beta1": 0.8})
    assert weights(folder / "first") != weights(folder / "third")


def test_config_toml_holds_what_was_chosen_for_the_user(folder):
    layerwise(*QUICK, "--quiet", "--output", "run", folder=folder)
    chosen = tomllib.loads((folder / "run" / "config.toml").read_text(encoding="utf-8"))
    assert (chosen["lr"], chosen["batch"], chosen["preprocess"], chosen["loss"]) == (0.001, 100, ["scale", "center"], "softmax")


# ---- output folders


def test_what_is_in_the_way_is_never_touched(folder):
    (folder / "file").write_text("mine")
    (folder / "full").mkdir()
    (folder / "full" / "letter.txt").write_text("mine")
    layerwise(*QUICK, "--quiet", "--output", "run", folder=folder)
    for output, flags, text in (
        ("file/run", [], "Not a directory"),
        ("full", ["--overwrite"], "full holds files that are no run of ours, and is left as it is."),
        ("run", [], "run holds an earlier run. Name another folder, or replace that run with --overwrite."),
    ):
        _, err = layerwise(*QUICK, "--output", output, *flags, folder=folder, code=3)
        assert text in err
    assert (folder / "file").read_text() == (folder / "full" / "letter.txt").read_text() == "mine"
    layerwise(*QUICK, "--quiet", "--output", "run", "--overwrite", folder=folder)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--resume", "nothing"], 3, "nothing is not the folder of a run"),
        (["--resume", "done"], 3, "done: this run is finished, there is nothing to go on with."),
        (["--resume", "done", "--lr", "3", "--quiet"], 2, "--resume goes on with the settings of the run: leave out --lr"),
        (["digits", "--resume", "done"], 2, "leave out DATASET"),
        (["digits", "--overwrite"], 2, "--overwrite has no effect without --output FOLDER"),
    ],
)
def test_a_run_cannot_be_resumed_or_replaced_at_will(tmp_path_factory, arguments, code, text):
    folder = tmp_path_factory.getbasetemp() / "resumed"
    if not folder.is_dir():
        folder.mkdir()
        layerwise(*QUICK, "--quiet", "--output", "done", folder=folder)
    _, err = layerwise("train", *arguments, folder=folder, code=code)
    assert text in err


# ---- stopped and resumed


def test_a_run_stopped_by_ctrl_c_keeps_its_work_and_goes_on_to_the_same_bits(folder):
    layerwise(*LONG, "--quiet", "--output", "whole", folder=folder)
    code, out, err = stopped_at("epoch 2/", *LONG, "--output", "stopped one", folder=folder)
    assert code == 130
    assert "interrupted after step" in err
    assert err.endswith('in stopped one; go on with: layerwise train --resume "stopped one"\n')
    assert "test accuracy" in out
    assert {path.name for path in (folder / "stopped one").iterdir()} == FILES | {"checkpoint"}
    load(folder / "stopped one" / "model")
    assert weights(folder / "stopped one") != weights(folder / "whole")
    layerwise("train", "--resume", "stopped one", "--quiet", "--no-figures", folder=folder)
    assert weights(folder / "stopped one") == weights(folder / "whole")
    assert {path.name for path in (folder / "stopped one").iterdir()} == FILES


def test_a_run_killed_before_its_first_checkpoint_starts_again_to_the_same_bits(folder):
    layerwise(*LONG, "--quiet", "--output", "whole", folder=folder)
    code, _, _ = stopped_at("epoch 2/", *LONG, "--output", "killed", folder=folder, how=None)
    assert code not in (0, 130)
    assert not (folder / "killed" / "checkpoint").exists()
    out, _ = layerwise("train", "--resume", "killed", "--no-progress", "--no-figures", folder=folder)
    assert out.startswith("No checkpoint had been written yet: starting again from the first step\n")
    assert weights(folder / "killed") == weights(folder / "whole")


@pytest.mark.slow
def test_a_run_killed_after_a_checkpoint_goes_on_from_it_to_the_same_bits(folder):
    longer = ("train", "digits", "--hidden", "40,40", "--dropout", "0.2", "--epochs", "1500", "--set", "print_every=1000", "--no-figures")
    layerwise(*longer, "--quiet", "--output", "whole", folder=folder)
    process = subprocess.Popen([*PROGRAM, *longer, "--quiet", "--output", "killed"], cwd=folder, env=environment())
    while not (folder / "killed" / "checkpoint" / "checkpoint.json").is_file():
        assert process.poll() is None, "the run ended before its first checkpoint"
    process.kill()
    process.wait()
    out, _ = layerwise("train", "--resume", "killed", "--no-progress", "--no-figures", folder=folder)
    assert "No checkpoint" not in out
    assert weights(folder / "killed") == weights(folder / "whole")
