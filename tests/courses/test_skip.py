"""What of a cell is not run. The cells are of the kinds that courses' notebooks have, in our words."""

import ast

import pytest
from tests.courses.sheet import cells_of

from layerwise.courses.skip import CELLS, COLAB, DEBUGGER, LINES, PACKAGES, SHELL, STATEMENTS, plan

SETUP = cells_of("colab_softmax")[0]
SAVE = """import os
FOLDER_TO_SAVE = os.path.join('drive/My Drive/', FOLDERNAME)
FILES_TO_SAVE = ['cs231n/layers.py']
for files in FILES_TO_SAVE:
    open(files)
"""


def test_a_setup_cell_for_colab_is_skipped_as_a_whole_and_still_defines_its_names():
    made = plan(SETUP)
    assert made.whole
    assert [skip.line for skip in made.skips] == [3, 6, 9, 11, 12, 13]
    printed = []
    code = compile(made.source.replace("from google.colab import drive", ""), "cell", "exec")
    names = {"print": printed.append}
    exec(code, names)
    assert names["FOLDERNAME"] is None
    assert printed[-2] == "skipped: !bash get_datasets.sh (a command of a shell)"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("!ls", SHELL),
        ("!python setup.py build_ext --inplace", SHELL),
        ("%cd cs231n", SHELL),
        ("%cp -r $FOLDERNAME ../../", SHELL),
        ("    !wget x", SHELL),
        ("files = !ls", SHELL),
        ("a, b = %sx ls", SHELL),
        ("%pip install numpy", PACKAGES),
        ("%tensorflow_version 2.x", COLAB),
        ("%debug", DEBUGGER),
        ("%%bash\nls", SHELL),
        ("\n%%sh -e\nls", SHELL),
        ("drive.mount('/content/drive', force_remount=True)", STATEMENTS[r"\bdrive\.(mount|flush_and_unmount)\("]),
        ("files.download('x.npy')", COLAB),
        ("os.system('python setup.py build_ext')", SHELL),
        ("subprocess.run(['bash', 'get_datasets.sh'])", SHELL),
        ("get_ipython().system('ls')", SHELL),
        ("os.chdir('/content/drive/My Drive')", "goes to a drive of Colab"),
        ("matplotlib.use('TkAgg')", "draws into a window"),
        ("plt.switch_backend('Qt5Agg')", "draws into a window"),
        (SAVE, "saves files to a drive"),
    ],
)
def test_what_is_on_the_list_is_skipped_with_its_reason(line, reason):
    source = f"if True:\n{line}" if line.startswith("    ") else line
    (skip,) = plan(source).skips
    assert skip.reason == reason


@pytest.mark.parametrize(
    "source",
    [
        "x = 3",
        "%matplotlib inline",
        "%load_ext autoreload\n%autoreload 2",
        "%timeit f()",
        "%%time\nf()",
        "%reload_ext autoreload",
        "s = '''\n!not a command\n'''",
        's = """\n%cd nowhere\n"""  # text',
        "y = x != 3",
        "a = b % cd",
        "from __future__ import print_function",
        "os.chdir('results')",
        "np.argmax?",
        "# !ls",
        "this is no Python",
    ],
)
def test_what_is_not_on_the_list_is_run_as_it_is(source):
    made = plan(source)
    assert made.source == source
    assert (made.skips, made.whole) == ((), False)


def test_the_rest_of_a_cell_is_run_line_for_line():
    source = "import numpy as np\n!pip install x \\\n   y\nz = np.zeros(3)\nif z.sum():\n    %cd a\n    w = 1"
    made = plan(source)
    assert not made.whole
    assert [skip.line for skip in made.skips] == [2, 6]
    assert len(made.source.split("\n")) == len(source.split("\n"))
    kinds = [type(node) for node in ast.parse(made.source).body]
    assert kinds == [ast.Import, ast.Expr, ast.Assign, ast.If]


def test_a_list_from_the_shell_is_empty():
    names = {}
    exec(plan("files = !ls *.npy\ncount = len(files)").source, names)
    assert names["count"] == 0


def test_figures_that_need_a_window_are_drawn_into_the_notebook():
    assert plan("%matplotlib notebook").source == "%matplotlib inline"
    assert plan("%matplotlib qt5\nx = 1").source == "%matplotlib inline\nx = 1"


@pytest.mark.parametrize("rules", [LINES, CELLS, STATEMENTS])
def test_each_rule_of_the_lists_says_why(rules):
    assert all(rule and reason for rule, reason in rules.items())
