"""layerwise check as a user, a build server and Gradescope meet it."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from tests.cli.command import layerwise

MINE = """import numpy as np


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache < 0)


def sgd(w, dw, config=None):
    pass
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    return tmp_path


def test_it_prints_a_line_for_each_function_and_ends_with_1_if_any_is_wrong(folder):
    out, err = layerwise("check", "mine.py", folder=folder, code=1)
    lines = out.splitlines()
    assert lines[:2] == ["right         relu_forward", "wrong         relu_backward"]
    assert "dx has the mask x < 0, the wrong side" in out
    assert "not done yet  sgd" in lines
    assert lines[-1] == "1 right, 1 wrong, 1 not done yet"
    assert "\x1b" not in out
    assert err == ""


def test_what_is_not_done_ends_with_0(folder):
    out, _ = layerwise("check", "mine.py", "--only", "relu_forward, sgd", folder=folder)
    assert out.splitlines()[-1] == "1 right, 1 not done yet"


def test_quiet_prints_nothing(folder):
    assert layerwise("check", "mine.py", "--only", "relu_backward", "--quiet", folder=folder, code=1) == ("", "")


@pytest.mark.parametrize("way", ["flag", "variable"])
def test_hints_can_be_held_back(folder, way):
    flags, variables = (("--hint-level", "1"), {}) if way == "flag" else ((), {"LAYERWISE_HINT_LEVEL": "1"})
    only = ("--only", "relu_backward")
    out, _ = layerwise("check", "mine.py", *only, *flags, folder=folder, code=1, **variables)
    assert "dx is wrong: " in out
    assert "mask" not in out
    out, _ = layerwise("check", "mine.py", *only, "--json", *flags, folder=folder, code=1, **variables)
    assert "mask" not in out


def test_all_reports_hold_the_same(folder):
    files = ("--junit", "out/report.xml", "--gradescope", "out/results.json")
    out, _ = layerwise("check", "mine.py", "--json", *files, folder=folder, code=1)
    told = json.loads(out)
    assert (told["right"], told["wrong"], told["not done yet"]) == (1, 1, 1)
    assert [f["verdict"] for f in told["functions"]] == ["right", "wrong", "not done yet"]
    assert told["functions"][1]["remarks"][0]["kind"] == "swap"
    suite = ElementTree.parse(folder / "out" / "report.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["skipped"]]
    assert "the mask x < 0" in suite[1][0].text
    results = json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))
    assert results["score"] == 1
    assert [(test["name"], test["score"], test["max_score"], test["visibility"]) for test in results["tests"]] == [
        ("relu_forward", 1, 1, "visible"),
        ("relu_backward", 0, 1, "visible"),
        ("sgd", 0, 1, "visible"),
    ]
    assert "the mask x < 0" in results["tests"][1]["output"]


def test_a_function_of_another_name_is_checked_as_the_course_s(folder):
    (folder / "own.py").write_text("def rectify(x):\n    return x * (x > 0), x\n", encoding="utf-8")
    out, _ = layerwise("check", "own.py", "--as", "relu_forward=rectify", folder=folder)
    assert out.splitlines() == ["right         relu_forward (rectify)", "1 right"]


def test_what_the_learner_s_code_says_is_shown_as_it_is(folder):
    (folder / "own.py").write_text("def relu_forward(x):\n    raise ValueError('[bold red]x[/] \\x1b[31m <&>\\x00')\n", encoding="utf-8")
    out, _ = layerwise("check", "own.py", "--junit", "own.xml", folder=folder, code=1)
    assert "It raises ValueError: [bold red]x[/] \N{REPLACEMENT CHARACTER}[31m <&>" in out
    assert "[bold red]x[/]" in ElementTree.parse(folder / "own.xml").getroot()[0][0][0].text


def test_paths_may_hold_spaces_and_letters_of_any_kind(tmp_path):
    folder = tmp_path / "mein Ordner 数"
    folder.mkdir()
    (folder / "größe 1.py").write_text(MINE, encoding="utf-8")
    out, _ = layerwise("check", "größe 1.py", "--only", "relu_forward", folder=folder)
    assert out.splitlines()[0] == "right         relu_forward"


USAGE = [
    (["mine.py", "--only", "relu_forwrad"], 'Did you mean "relu_forward"?'),
    (["mine.py", "--as", "relu_forward"], "give the course's name and yours"),
    (["mine.py", "--as", "relu=relu_forward"], '"relu" is no function that a course asks for'),
    (["mine.py", "--as", "relu_forward=rectify"], "there is no function rectify to be checked as relu_forward"),
    (["mine.py", "--hint-level", "4"], "hint-level"),
    (["mine.py", "--time-limit", "0"], "must be above 0"),
    (["other.py"], "no function has a name that a course asks for. It defines f. Say which is which"),
]


@pytest.mark.parametrize(("arguments", "told"), USAGE, ids=lambda value: value if isinstance(value, str) else None)
def test_a_mistake_on_the_command_line_ends_with_2(folder, arguments, told):
    (folder / "other.py").write_text("def f():\n    pass\n", encoding="utf-8")
    _, err = layerwise("check", *arguments, folder=folder, code=2)
    assert told in err


BROKEN = {
    "syntax.py": ("def f(:\n", "syntax.py, line 1: "),
    "indent.py": ("def f():\n    x = 1\n  y = 2\n", "indent.py, line 3: "),
    "raises.py": (
        "x = 1\ny = x / 0\ndef relu_forward(x):\n    pass\n",
        "could not be imported: it raises ZeroDivisionError: division by zero (line 2)",
    ),
    "leaves.py": ("import sys\nsys.exit()\n", "could not be imported: it calls sys.exit() (line 2)"),
    "hangs.py": ("while True: pass\n", "did not end within 1.5 s"),
    "undefined.py": ("x = lost\n", "could not be imported: lost is not defined (line 1)"),
    "binary.py": ("\0\0", "binary.py"),
    "sheet.ipynb": ("{}", "is a notebook"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_or_imported_ends_with_3(tmp_path, name):
    source, told = BROKEN[name]
    (tmp_path / name).write_text(source, encoding="utf-8")
    out, err = layerwise("check", name, "--time-limit", "1.5", folder=tmp_path, code=3)
    assert told in err
    assert out == ""


def test_a_file_that_is_not_there_ends_with_3(tmp_path):
    assert "nothing.py: there is no such file" in layerwise("check", "nothing.py", folder=tmp_path, code=3)[1]
    assert "is a folder: name a file in it" in layerwise("check", ".", folder=tmp_path, code=3)[1]
