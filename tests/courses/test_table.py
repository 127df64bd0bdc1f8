"""What each row of COURSES must keep to, and use()."""

import subprocess
import sys

import pytest

import layerwise
from layerwise.courses import COURSES, course
from layerwise.data.table import DATASETS


def program(text, *, code=0):
    done = subprocess.run([sys.executable, "-W", "error", "-c", text], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.mark.parametrize("name", COURSES)
def test_a_course_has_its_folders_and_packages_and_nothing_else_goes_on_the_path(name):
    row = course(name)
    *_, folder = row.folders()
    assert folder.is_dir()
    assert not (folder / "__init__.py").exists()
    there = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there == set(row.packages)
    assert set(row.datasets) <= set(DATASETS)
    for number, overlay in row.overlays.items():
        assert row.folders(number) == [folder.parent / overlay.folder, folder]
        assert {path.stem for path in row.folders(number)[0].glob("*.py")} <= set(row.packages)
        assert row.assignment_of(f"from x import {overlay.marks[0]}") == number
    assert row.assignment_of("import numpy") is None


@pytest.mark.parametrize("name", COURSES)
def test_a_course_is_used_in_a_program_and_all_its_packages_are_imported_from_its_folder(name):
    packages = COURSES[name].packages
    text = f"import layerwise as lw\nfolders = lw.courses.use({name!r})\nassert lw.courses.use({name!r}) == folders\n"
    text += "".join(f"import {package}; print({package}.__file__)\n" for package in packages)
    files = program(text).splitlines()
    assert len(files) == len(packages)
    assert all(str(course(name).folders()[-1]) in file for file in files)


def test_a_second_course_is_refused():
    error = program("import layerwise as lw\nlw.courses.use('keras1')\nlw.courses.use('dlcourse')", code=1)
    assert "ValueError: the course keras1 is in use in this program; start another one for dlcourse" in error
    error = program("import layerwise as lw\nlw.courses.use('dlcourse')\nlw.courses.use('dlcourse', assignment=3)", code=1)
    assert "start another one for dlcourse, assignment 3" in error


def test_a_course_comes_before_the_first_import_of_its_packages():
    error = program(
        "import sys, types\nsys.modules['keras'] = types.ModuleType('keras')\nfrom layerwise.courses import use\nuse('keras1')", code=1
    )
    assert "keras has been imported from elsewhere: call use('keras1') before the first import of keras" in error


def test_an_overlay_goes_before_its_course():
    text = (
        "from layerwise.courses import use\nuse('dlcourse'{})\nfrom metrics import binary_classification_metrics as f\nimport numpy as np\n"
    )
    text += "print([round(float(v), 3) for v in f(np.array([True, True, False, True]), np.array([True, False, False, True]))])"
    assert program(text.format("")).strip() == "[0.667, 1.0, 0.8, 0.75]"
    assert program(text.format(", assignment=3")).strip() == "[0.75, 0.667, 1.0, 0.8]"


def test_switching_a_course_on_imports_nothing_heavy():
    loaded = program("import sys, layerwise.courses\nprint(*sorted({m.partition('.')[0] for m in sys.modules}))").split()
    assert not {"scipy", "numpy", "matplotlib", "nbformat", "nbclient", "ipykernel", "typer"} & set(loaded)


def test_an_unknown_course_and_an_impossible_assignment_are_told():
    with pytest.raises(ValueError, match='unknown course "cs231"'):
        layerwise.courses.use("cs231")
    with pytest.raises(ValueError, match="there is no assignment 0; they are counted from 1"):
        course("dlcourse").folders(0)
