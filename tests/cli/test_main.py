"""The program around its commands: help, version, exit codes, and errors that are sentences."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from tests.cli.command import PROGRAM, QUICK, environment, layerwise, stopped_once
from tests.labs.tiny import SUMS

from layerwise.cli.app import Interrupted, app
from layerwise.cli.table import COMMANDS
from layerwise.data import DATASETS, TRANSFORMS
from layerwise.jobs.build import ACTIVATIONS, RECIPES
from layerwise.jobs.setting import KINDS, flag
from layerwise.labs.table import LABS
from layerwise.ops.table import LOSSES
from layerwise.optim.table import RULES, SCHEDULES


@pytest.fixture(scope="module")
def help_text(tmp_path_factory):
    """What `layerwise train --help` prints, in one line without the frames."""
    out, _ = layerwise("train", "--help", folder=tmp_path_factory.mktemp("help"))
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", out).split())


def test_without_arguments_it_shows_every_command_and_how_to_start(tmp_path):
    out, err = layerwise(folder=tmp_path, code=2)
    assert all(name in out for name in COMMANDS)
    assert "layerwise train digits" in out
    assert err == ""


@pytest.mark.parametrize("arguments", [["--version"], ["train", "--version"], ["predict", "--version"], ["data", "--version"]])
def test_every_command_tells_the_version(tmp_path, arguments):
    from layerwise import __version__

    assert layerwise(*arguments, folder=tmp_path) == (f"layerwise {__version__}\n", "")


def test_ctrl_c_in_any_command_ends_in_a_sentence(tmp_path):
    (tmp_path / "slow.py").write_text("import time\nopen('begun', 'w').close()\ntime.sleep(60)\n")
    code, out, err = stopped_once(tmp_path / "begun", "check", "slow.py", folder=tmp_path)
    assert (code, out, err) == (130, "", "layerwise: interrupted\n")


def test_what_a_command_says_of_ctrl_c_reaches_the_edge(monkeypatch, tmp_path):
    def stopped(lab):
        raise KeyboardInterrupt("stopped at step 3")

    monkeypatch.setitem(LABS, "tiny", replace(SUMS, run=stopped))
    with pytest.raises(
        Interrupted, match=r"stopped at step 3; the experiments that are done are in .*, go on with: layerwise lab run tiny"
    ):
        app(["lab", "run", "tiny", "--quiet", "--output", str(tmp_path / "lab")], standalone_mode=False)


def test_help_names_every_flag_and_no_other(help_text):
    own = {flag(key) for key in KINDS if flag(key).startswith("--") and not flag(key).startswith("--set")}
    shown = set(re.findall(r"(?<!\w)--[a-z][a-z0-9-]+", help_text))
    assert own <= shown
    assert shown - own == {
        "--resume", "--no-preflight", "--no-figures", "--config", "--set", "--output", "--overwrite", "--json", "--quiet", "--no-progress", "--debug",
        "--version", "--help",
    }  # fmt: skip


@pytest.mark.parametrize(
    "table", [RECIPES, RULES, SCHEDULES, ACTIVATIONS, LOSSES], ids=["models", "rules", "schedules", "activations", "losses"]
)
def test_help_names_every_row_of_a_table(help_text, table):
    assert [name for name in table if not re.search(rf"(?<![\w-]){name}(?![\w-])", help_text)] == []


def test_help_names_no_data_set_and_no_transform_that_there_is_not(help_text):
    sets = re.search(r"DATASET\|FILE\|FOLDER (?:<str> )?(.*?), or a", help_text).group(1)
    steps = re.search(r"--preprocess STEPS (.*?) with commas", help_text).group(1)
    assert set(re.split(r", | or ", sets)) <= DATASETS.keys()
    assert set(re.findall(r"\w+", steps)) - {"or", "none"} <= TRANSFORMS.keys()


def test_help_can_be_printed_where_no_greek_letter_can(tmp_path):
    out, _ = layerwise("train", "--help", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert "--reg" in out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["trian", "digits"], "No such command 'trian'"),
        (["train", "digits", "--modle", "softmax"], "--modle"),
        (["predict"], "Missing argument 'RUN'"),
        (["train"], 'which data? Name a data set or a file: "layerwise train digits" needs no download.'),
    ],
)
def test_a_slip_of_usage_ends_in_a_sentence_and_code_2(tmp_path, arguments, text):
    out, err = layerwise(*arguments, folder=tmp_path, code=2)
    assert out == ""
    assert err.startswith("layerwise: ")
    assert text in err


def test_debug_shows_the_traceback_and_keeps_sentence_and_code(tmp_path):
    _, err = layerwise("train", "digits", "--model", "sofmax", "--debug", folder=tmp_path, code=2)
    assert "Traceback" in err
    assert err.splitlines()[-1].startswith('layerwise: unknown model "sofmax". Did you mean "softmax"? Known: autoencoder, ')


def test_what_no_code_foresaw_is_called_a_bug_without_a_traceback(tmp_path):
    program = """
import sys
from layerwise.cli import table
def broken() -> int:
    return {}["key"]
table.COMMANDS["broken"] = broken
sys.argv = ["layerwise", "broken"]
from layerwise.cli.main import run
run()
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr == "layerwise: KeyError: 'key'. This should not happen: please report it, with what --debug shows.\n"


def test_a_reader_that_leaves_ends_it_without_a_word(tmp_path):
    process = subprocess.Popen(
        [*PROGRAM, "train", "digits", "--no-figures"], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.stdout.close()
    with process.stderr as errors:
        assert errors.read() == b""
    assert process.wait(60) == 3


def test_warnings_are_one_line_each(tmp_path):
    program = """
import sys, warnings
from layerwise.cli import table
def warns() -> int:
    warnings.warn("the moon is full")
table.COMMANDS["warns"] = warns
sys.argv = ["layerwise", "warns"]
from layerwise.cli.main import run
run()
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "layerwise: note: the moon is full\n")


def test_a_wrong_variable_is_named_with_the_likely_right_one(tmp_path):
    _, err = layerwise(*QUICK, folder=tmp_path, code=2, LAYERWISE_EPOCS="3")
    assert 'LAYERWISE_EPOCS: there is no such setting. Did you mean "LAYERWISE_EPOCHS"?' in err
