"""layerwise course as a user meets it. What takes a kernel is in tests/jobs/test_course.py."""

import json

from tests.cli.command import layerwise
from tests.courses.sheet import write_notebook

from layerwise.courses import COURSES


def test_the_courses_are_listed(tmp_path):
    out, err = layerwise("course", "list", folder=tmp_path)
    assert all(name in out for name in COURSES)
    assert err == ""
    rows = json.loads(layerwise("course", "list", "--json", folder=tmp_path)[0])["courses"]
    assert [row["name"] for row in rows] == list(COURSES)


def test_without_a_command_it_shows_its_help(tmp_path):
    assert "run" in layerwise("course", folder=tmp_path, code=2)[0]


def test_a_mistake_is_told_in_a_sentence(tmp_path):
    write_notebook(tmp_path / "sheet.ipynb", ["x = 1"])
    _, err = layerwise("course", "run", "sheet.ipynb", "--as", "dlcuorse", folder=tmp_path, code=2)
    assert 'unknown course "dlcuorse". Did you mean "dlcourse"?' in err
    assert "Missing option '--as'" in layerwise("course", "run", "sheet.ipynb", folder=tmp_path, code=2)[1]
    (tmp_path / "broken.ipynb").write_text("{", encoding="utf-8")
    _, err = layerwise("course", "run", "broken.ipynb", "--as", "dlcourse", folder=tmp_path, code=3)
    assert err.startswith("layerwise: broken.ipynb: is not a Jupyter notebook, or a damaged one")
    assert len(err.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"sheet.ipynb", "broken.ipynb"}


def test_opening_without_a_jupyter_says_how_to_get_one(tmp_path):
    (tmp_path / "bin").mkdir()
    _, err = layerwise("course", "open", "--as", "dlcourse", folder=tmp_path, code=3, PATH=str(tmp_path / "bin"))
    assert "there is no Jupyter here. Install one with: pip install jupyterlab" in err
