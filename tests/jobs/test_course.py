"""Notebooks run with a course on: in real kernels, on notebooks as courses have them and as they should not be."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from tests.cli.command import PROGRAM, environment, layerwise
from tests.courses.sheet import outcomes, run, write_notebook

from layerwise.errors import LayerwiseError
from layerwise.jobs.course import jupyter, run_notebook

MISTAKES = [
    ({}, {"name": "dlcuorse"}, 'unknown course "dlcuorse"'),
    ({"path": "nowhere.ipynb"}, {}, r"nowhere.ipynb: there is no such file"),
    ({"path": "empty"}, {}, "empty: is a folder, but a notebook is needed"),
    ({"output": "there.ipynb"}, {}, "there.ipynb is there already"),
    ({"output": "sheet.ipynb"}, {"overwrite": True}, "is the notebook itself, which stays as it is"),
    ({"output": "empty"}, {}, "is a folder. Name a file, such as"),
    ({"output": "there.ipynb/x.ipynb"}, {}, "there.ipynb is no folder that can be written to. Name a file elsewhere"),
    ({"data": "nowhere"}, {}, "nowhere: there is no such folder"),
    ({"mine": "nowhere"}, {}, "nowhere: there is no such folder"),
    ({"mine": "empty"}, {}, "empty: holds nothing of dlcourse.ai"),
    ({}, {"assignment": -1}, "there is no assignment -1; they are counted from 1"),
    ({}, {"time_limit": 0}, "--time-limit is 0, but must be at least 1 second"),
]


@pytest.mark.parametrize(("paths", "options", "said"), MISTAKES)
def test_mistakes_are_told_before_anything_is_run(tmp_path, paths, options, said):
    write_notebook(tmp_path / "sheet.ipynb", ["x = 1"])
    (tmp_path / "there.ipynb").write_text("mine", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    before = sorted(tmp_path.rglob("*"))
    arguments = {"path": tmp_path / "sheet.ipynb", "name": "dlcourse", **{key: tmp_path / name for key, name in paths.items()}, **options}
    with pytest.raises((ValueError, LayerwiseError, OSError), match=said):
        run_notebook(**arguments)
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "there.ipynb").read_text(encoding="utf-8") == "mine"


def test_without_a_jupyter_it_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LayerwiseError, match=r"there is no Jupyter here\. Install one with: pip install jupyterlab"):
        jupyter()


# With kernels

SHEET = [
    "from google.colab import drive\ndrive.mount('/content/drive')\nFOLDERNAME = None\nassert FOLDERNAME is not None",
    "import numpy as np\nimport matplotlib.pyplot as plt\n%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!ls",
    "from gradient_check import check_gradient\ncheck_gradient(lambda x: (float(x * x), 2 * x), np.array([3.0]))",
    "plt.plot([1, 2])\nplt.xscale('log', basex=2)\nplt.show()",
    "x = np.float(3)\nfrom __future__ import print_function\nx",
    "best = None\n# TODO: choose the best\npass\n# END OF YOUR CODE",
    "best.predict(3)",
    "1 / 0",
    "y = undefined_elsewhere\n",
]


@pytest.mark.slow
def test_each_cell_is_told_and_the_outputs_are_in_the_new_notebook(tmp_path):
    said = run(tmp_path, SHEET, "--as", "dlcourse", code=1)
    assert outcomes(said) == ["skipped", "ran", "ran", "ran", "ran", "ran", "not done yet", "failed", "not done yet"]
    assert said["ran"] == 5
    assert said["cells"][1]["why"] == "but for a line"
    assert said["cells"][1]["skips"] == ["!ls (a command of a shell)"]
    assert said["cells"][6]["why"] == "best is not there yet, for the TODO of cell 6 is open"
    assert said["cells"][7]["why"] == "ZeroDivisionError: division by zero"
    assert "Gradient check passed!" in said["texts"][2]
    assert said["texts"][2].endswith("True")
    assert said["texts"][4] == "3.0"
    made = json.loads((tmp_path / "sheet-dlcourse.ipynb").read_text(encoding="utf-8"))
    nbformat.validate(made)
    assert any("image/png" in output.get("data", {}) for output in made["cells"][3]["outputs"])
    assert {path.name for path in tmp_path.iterdir()} == {"sheet.ipynb", "sheet-dlcourse.ipynb"}


@pytest.mark.slow
def test_the_table_for_people_says_the_same(tmp_path):
    write_notebook(tmp_path / "my sheet é.ipynb", ["print(1)", "!ls", "raise ValueError('no [bold]')"])
    out, err = layerwise("course", "run", "my sheet é.ipynb", "--as", "keras1", folder=tmp_path, code=1)
    lines = out.splitlines()
    assert [line.split()[:2] for line in lines[:3:2]] == [["ran", "1"], ["a", "command"]]
    assert "ValueError: no [bold]" in out
    assert lines[-2:] == ["1 ran, 1 skipped, 1 failed", 'Outputs in "my sheet é-keras1.ipynb"']
    assert err == ""


@pytest.mark.slow
def test_a_cell_over_its_time_is_stopped_and_the_next_goes_on(tmp_path):
    said = run(tmp_path, ["import time\nx = 1\ntime.sleep(60)", "x"], "--as", "keras1", "--time-limit", "2", code=1)
    assert outcomes(said) == ["failed", "ran"]
    assert said["cells"][0]["why"] == "it took longer than 2 s (--time-limit)"
    assert said["texts"][1] == "1"


@pytest.mark.slow
def test_a_cell_that_ends_the_kernel_ends_the_run(tmp_path):
    said = run(tmp_path, ["x = 1", "import os\nos._exit(1)", "x"], "--as", "keras1", code=1)
    assert outcomes(said) == ["ran", "failed", "not reached"]
    assert "the kernel died while it ran" in said["cells"][1]["why"]
    assert said["cells"][2]["why"] == "the kernel had ended"


@pytest.mark.slow
def test_a_flood_of_output_is_cut(tmp_path):
    said = run(tmp_path, ["for i in range(200_000): print('a line of text, and more of it', i)", "print('next')"], "--as", "keras1")
    assert outcomes(said) == ["ran", "ran"]
    assert len(said["texts"][0]) < 1_100_000
    assert "the rest is left out" in said["texts"][0]
    assert said["texts"][1] == "next\n"


@pytest.mark.slow
def test_cells_that_no_notebook_should_have(tmp_path):
    cells = ["print('x' * 3_000_000)", "print 'Python 2'", "%no_such_magic", "import no_such_package", "raise KeyboardInterrupt"]
    said = run(tmp_path, [*cells, "import sys; sys.exit()", "1"], "--as", "keras1", code=1)
    assert outcomes(said) == ["ran", "failed", "failed", "failed", "failed", "failed", "ran"]
    assert len(said["texts"][0]) < 1_100_000
    told = [cell["why"] for cell in said["cells"]]
    assert told[1].startswith("SyntaxError: Missing parentheses")
    assert told[2].startswith("UsageError: Line magic function `%no_such_magic` not found")
    assert told[3] == "ModuleNotFoundError: No module named 'no_such_package'"


@pytest.mark.slow
def test_what_wants_an_answer_gets_none(tmp_path):
    said = run(tmp_path, ["input('name? ')", "quit()", "1"], "--as", "keras1", code=1)
    assert outcomes(said)[0] == "failed"
    assert "StdinNotImplementedError" in said["cells"][0]["why"]


@pytest.mark.slow
def test_files_beside_the_notebook_that_it_names_are_there_and_stay_as_they_are(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "helper_of_mine.py").write_text("value = 7", encoding="utf-8")
    (tmp_path / "layers.py").write_text("value = 'the stub'", encoding="utf-8")
    (tmp_path / "other.txt").write_text("not named", encoding="utf-8")
    cells = [
        "import helper_of_mine, layers, os\nprint(helper_of_mine.value, hasattr(layers, 'value'), os.path.exists('other' + '.txt'))",
        "open('notes.txt', 'a').write(' and more')\nopen('new.txt', 'w').write('x')\nprint(open('notes.txt').read())",
    ]
    said = run(tmp_path, cells, "--as", "dlcourse")
    assert said["texts"][0] == "7 False False\n"
    assert "mine and more" in said["texts"][1]
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "new.txt").exists()


@pytest.mark.slow
def test_a_picture_that_is_not_there_has_a_stand_in(tmp_path):
    cells = ["from imageio import imread\nkitten = imread('notebook_images/kitten.jpg')\nkitten.shape"]
    said = run(tmp_path, cells, "--as", "dlcourse")
    assert said["texts"][0].endswith("(400, 600, 3)")
    assert said["notes"] == ["notebook_images/kitten.jpg is not beside the notebook: a test card stands in for it"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a signal of another kind there")
def test_ctrl_c_keeps_what_ran_and_ends_the_kernel(tmp_path):
    write_notebook(tmp_path / "sheet.ipynb", ["import os\nprint('pid', os.getpid())", "import time\ntime.sleep(100)"])
    process = subprocess.Popen(
        [*PROGRAM, "course", "run", "sheet.ipynb", "--as", "keras1"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout.readline().startswith("ran")
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.splitlines() == ["layerwise: interrupted after 1 cell; what ran is in sheet-keras1.ipynb"]
    made = json.loads((tmp_path / "sheet-keras1.ipynb").read_text(encoding="utf-8"))
    pid = int(made["cells"][0]["outputs"][0]["text"][0].split()[1])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


FAKE = """import sys
from pathlib import Path
from jupyter_client.kernelspec import KernelSpecManager
spec = KernelSpecManager().get_kernel_spec("python3")
print(sys.argv[1:], spec.display_name, Path(spec.argv[4]).is_file())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="writes a program with a first line")
def test_the_readers_own_jupyter_is_started_with_the_course_in_its_python_3(tmp_path):
    (tmp_path / "bin").mkdir()
    for name, text in (("jupyter", FAKE), ("jupyter-notebook", "")):
        path = tmp_path / "bin" / name
        path.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
        path.chmod(0o755)
    out, _ = layerwise("course", "open", "--as", "dlcourse", folder=tmp_path, PATH=str(tmp_path / "bin"))
    assert out == "['notebook'] Layerwise: dlcourse.ai, assignments 1 to 3 True\n"
