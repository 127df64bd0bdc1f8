"""What a run shows: plain lines in a file or a pipe, a bar on a terminal."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from tests.train.case import At, blobs, linear, net, same_run, trained

from layerwise.train import Bar, Lines, Solver, stack
from layerwise.train.progress import progress, spread

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.train.run", "shown", "."]


def test_off_a_terminal_a_run_prints_a_line_per_epoch(capsys):
    solver = Solver(linear(), blobs(), num_epochs=2, batch_size=60)
    solver.train()
    assert capsys.readouterr().out.splitlines() == [
        f"epoch 0/2  train {solver.train_acc_history[0]:.4f}  val {solver.val_acc_history[0]:.4f}",
        *(
            f"epoch {i}/2  loss {solver.loss_history[4 * i - 1]:.4f}  train {solver.train_acc_history[i]:.4f}  val {solver.val_acc_history[i]:.4f}"
            for i in (1, 2)
        ),
    ]


def test_print_every_adds_a_line_every_so_many_steps(capsys):
    solver = Solver(linear(), blobs(), num_epochs=1, batch_size=40, print_every=4)
    solver.train()
    assert f"step 4/6  loss {solver.loss_history[3]:.4f}" in capsys.readouterr().out.splitlines()


def test_a_quiet_run_prints_nothing(capsys):
    trained(linear(), verbose=False)
    assert capsys.readouterr() == ("", "")


def test_without_validation_examples_no_figure_is_shown_for_them(capsys):
    Solver(linear(), {**blobs(), "X_val": None, "y_val": None}, num_epochs=1).train()
    assert "val" not in capsys.readouterr().out


def test_a_stop_says_why(capsys):
    Solver(linear(), blobs(), callbacks=[At(2, lambda state: state.stop("enough for today"))]).train()
    assert capsys.readouterr().out.splitlines()[-1] == "enough for today"


def test_a_population_shows_median_and_range(capsys):
    Solver(stack([linear(rng=i) for i in range(3)]), blobs(), num_epochs=1).train()
    assert re.search(r"epoch 1/1  loss 1\.\d{4} \(1\.\d{4} to 1\.\d{4}\)  train 0\.\d{4} \(0", capsys.readouterr().out)


def test_spread():
    assert spread(0.5) == spread(np.float32(0.5)) == "0.5000"
    assert spread(np.array([3.0, 1.0, np.nan, 8.0])) == "3.0000 (1.0000 to 8.0000)"
    assert spread(np.array([np.nan, np.inf])) == "none finite"
    assert spread(np.nan) == "nan"


def run_in_a_pipe():
    return subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout


def run_on_a_terminal():
    import pty

    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    with subprocess.Popen(COMMAND, cwd=ROOT, stdout=follower, stderr=follower, env=environment) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:  # Linux says so when the other end is closed
                piece = b""
            if not piece:
                break
            shown += piece
        os.close(leader)
        assert process.wait(20) == 0, shown
    return shown.decode()


def test_in_a_pipe_there_are_plain_lines():
    shown = run_in_a_pipe()
    assert "\x1b" not in shown
    assert shown.startswith("epoch 0/2  train 0.")


@pytest.mark.parametrize("show", [run_on_a_terminal] if os.name == "posix" else [lambda: bar_text(net())])
def test_on_a_terminal_there_is_a_bar_with_loss_accuracy_and_time_left(show):
    shown = show()
    assert "\x1b[" in shown
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).strip().splitlines()[-1]
    assert re.search(r"epoch 2/2 .*14/14.* 0:00:00 loss \d\.\d{4}  train 0\.\d{4}  val 0\.\d{4}", last), last
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is back


def bar_text(model, *callbacks, **options):
    file = io.StringIO()
    bar = Bar(Console(file=file, force_terminal=True, width=120))
    data = blobs(N=224)
    solver = Solver(model, data, batch_size=32, num_epochs=2, verbose=False, callbacks=[*callbacks, bar], **options)
    try:
        solver.train()
    finally:
        text = file.getvalue()
    return text


def test_a_bar_says_why_a_run_stopped_in_the_words_given():
    shown = bar_text(net(), At(3, lambda state: state.stop("stopped at [3/14], as [bold]asked[/bold]")))
    assert shown.splitlines()[-1].removeprefix("\x1b[?25h") == "stopped at [3/14], as [bold]asked[/bold]"


def test_a_bar_is_taken_down_when_a_run_falls_over():
    file = io.StringIO()

    def fall_over(state):
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        trained(net(), callbacks=[At(2, fall_over), Bar(Console(file=file, force_terminal=True))])
    assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")


def test_progress_goes_by_where_output_goes(monkeypatch):
    assert type(progress(5)) is Lines
    monkeypatch.setattr(sys, "stdout", type("Terminal", (io.StringIO,), {"isatty": lambda self: True})())
    assert type(progress(5)) is Bar


def test_showing_changes_nothing(capsys):
    quiet, shown = trained(net()), Solver(net(), blobs(), batch_size=40, num_epochs=3, print_every=1)
    shown.train()
    same_run(quiet, shown)
