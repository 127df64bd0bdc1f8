"""The program as a user runs it: a process of its own, with files of its own."""

import csv
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np

PROGRAM = [sys.executable, "-m", "layerwise"]
QUICK = ("train", "digits", "--epochs", "1", "--no-figures", "--no-progress")


def environment(**more):
    """This process's environment without settings of the program, one thread for products, and English from the system."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAYERWISE_")}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "LC_MESSAGES": "C", "COLUMNS": "100", **more}


def layerwise(*arguments, folder, code=0, **variables):
    """Run the program in a folder; gives (stdout, stderr), and fails where the exit code is another."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)], cwd=folder, env=environment(**variables), capture_output=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == code, f"exit code {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr or "--debug" in arguments
    return done.stdout, done.stderr


def stopped_at(line, *arguments, folder, how=signal.SIGINT):
    """Run the program until it prints a line with this beginning, then send it a signal, or kill it where that is None.

    Gives (exit code, stdout from there on, stderr).
    """
    with _started(*arguments, folder=folder) as process:
        for text in process.stdout:
            if text.startswith(line):
                process.kill() if how is None else process.send_signal(how)
                break
        rest, error = process.communicate(timeout=120)
    return process.returncode, rest, error


def stopped_once(file, *arguments, folder):
    """Run the program until there is this file, then send it Ctrl-C. Gives (exit code, stdout, stderr)."""
    with _started(*arguments, folder=folder) as process:
        ends = time.monotonic() + 60
        while not file.exists() and process.poll() is None and time.monotonic() < ends:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def _started(*arguments, folder):
    return subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=None if sys.platform == "win32" else _as_a_shell_does,
    )


def _as_a_shell_does():
    """Ctrl-C reaches the program, even if whoever started these tests ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def write_rows(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def write_insects(path, count=150, *, header=True):
    """A table with a text column and a label that the numbers give away."""
    draw = random.Random(1)
    rows = [
        [f"{draw.gauss(4 * k, 1):.2f}", draw.choice(["red", "blue"]), f"{draw.gauss(-2 * k, 1):.2f}", ["ant", "bee", "cat"][k]]
        for k in (i % 3 for i in range(count))
    ]
    return write_rows(path, [["length", "colour", "width", "kind"]] * header + rows)


def write_prices(path, count=300):
    """A table whose label is a number in the hundred thousands, linear in the others up to noise of 3000."""
    draw = random.Random(2)
    rows = []
    for _ in range(count):
        area, rooms = draw.gauss(100, 30), draw.choice([1, 2, 3])
        rows.append([f"{area:.1f}", rooms, f"{2000 * area + 30_000 * rooms + draw.gauss(0, 3000):.0f}"])
    return write_rows(path, [["area", "rooms", "price"], *rows])


def write_digits(path):
    """Forty of the digits that come with the package as an .npz with X (N, 8, 8) and y; gives X and y."""
    from layerwise.data import load_digits

    data = load_digits()
    X, y = np.asarray(data.X_test[:40])[:, 0], np.asarray(data.y_test[:40])
    np.savez(path, X=X, y=y)
    return X, y
