"""Ctrl-C ends a run after the current step, with what was trained kept."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.train.case import At, Recorder, blobs, net, same_run, trained
from tests.train.run import one

from layerwise.train import Checkpoint, Solver

ROOT = Path(__file__).parents[2]


def ctrl_c(state=None):
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("sender", ["itself", *(["its parent"] if os.name == "posix" else [])])
def test_ctrl_c_keeps_what_was_trained_says_so_and_goes_on(sender, tmp_path):
    command = [sys.executable, "-m", "tests.train.run", "interrupted", str(tmp_path), sender]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        lines = iter(process.stdout.readline, "")
        next(line for line in lines if line == "ready\n")
        if sender == "its parent":
            process.send_signal(signal.SIGINT)
        rest = "".join(lines)
        assert process.wait(20) == 130, process.stderr.read()
    said, told, best = rest.splitlines()[-3:]
    assert said.startswith("interrupted after step ")
    assert said.endswith(" of 700000; what was trained is kept")
    assert told == f"KeyboardInterrupt: {said}"
    assert best.startswith("best 0.")
    solver = one(num_epochs=100_000)
    solver.resume(tmp_path)
    assert f"after step {solver.state.step} of" in said


def interrupted(*callbacks, **options):
    model = net()
    solver = Solver(model, blobs(), batch_size=40, num_epochs=3, verbose=False, callbacks=callbacks, **options)
    with pytest.raises(KeyboardInterrupt) as raised:
        solver.train()
    return solver, str(raised.value)


def test_the_step_is_finished_and_scored_first():
    recorder = Recorder()
    before = signal.getsignal(signal.SIGINT)
    solver, said = interrupted(At(2, ctrl_c), recorder)
    assert said == solver.stop_reason == "interrupted after step 3 of 18; what was trained is kept"
    assert recorder.events[-3:] == [("step_end", 3, 0), ("epoch_end", 3, 0), ("run_end", 3, 0)]
    assert solver.history.epoch_steps == [0, 3]
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_in_the_last_evaluation_is_heard():
    class Late:
        def epoch_end(self, state):
            if state.epoch == 3:
                ctrl_c()

    _, said = interrupted(Late())
    assert said == "interrupted after step 18 of 18; what was trained is kept"


def test_a_second_ctrl_c_ends_the_run_at_once():
    reached = []

    def twice_then_sleep(state):
        ctrl_c()
        ctrl_c()
        reached.append("the rest of the step")

    recorder = Recorder()
    before = signal.getsignal(signal.SIGINT)
    solver, said = interrupted(At(2, twice_then_sleep), recorder)
    assert (reached, said, solver.stop_reason, solver.state.step) == ([], "", None, 2)
    assert recorder.events[-1] == ("run_end", 2, 0)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupted_run_goes_on_from_its_checkpoint_to_the_same_bits(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        one(callbacks=[At(10, ctrl_c), Checkpoint(tmp_path, seconds=1e9)]).train()
    solver, undisturbed = one(), one()
    solver.resume(tmp_path)
    assert solver.state.step == 11
    solver.train()
    undisturbed.train()
    same_run(solver, undisturbed)


def test_in_a_thread_signals_are_left_alone():
    before, seen = signal.getsignal(signal.SIGINT), []
    look = At(2, lambda state: seen.append(signal.getsignal(signal.SIGINT)))
    thread = threading.Thread(target=lambda: seen.append(trained(net(), callbacks=[look])))
    thread.start()
    thread.join()
    assert seen[0] is before
    same_run(seen[1], trained(net()))


def test_where_ctrl_c_is_ignored_it_stays_ignored():
    seen = []
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        trained(net(), callbacks=[At(2, lambda state: (ctrl_c(), seen.append(signal.getsignal(signal.SIGINT))))])
        assert seen == [signal.SIG_IGN]
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
