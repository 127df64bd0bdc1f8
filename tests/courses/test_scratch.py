"""The folder that a notebook runs in."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.files import write_cifar_binary, write_cifar_python, write_svhn

from layerwise.courses.scratch import copy_beside, copy_mine, lay_out_data, put, stand_in_pictures
from layerwise.courses.table import course
from layerwise.data.image import image_shape


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def test_the_data_set_is_where_the_cells_look_for_it(tmp_path, scratch):
    write_svhn(tmp_path / "kept")
    assert lay_out_data(course("dlcourse"), scratch, tmp_path / "kept", tmp_path) == []
    assert (scratch / "data" / "train_32x32.mat").read_bytes() == (tmp_path / "kept" / "train_32x32.mat").read_bytes()


def test_it_is_found_beside_the_notebook(tmp_path, scratch, monkeypatch):
    monkeypatch.setenv("LAYERWISE_DATA", str(tmp_path / "nothing"))
    write_cifar_python(tmp_path / "cs231n" / "datasets" / "cifar-10-batches-py")
    assert lay_out_data(course("cs231n"), scratch, None, tmp_path) == []
    assert (scratch / "cs231n/datasets/cifar-10-batches-py/data_batch_1").is_file()


def test_of_both_forms_of_cifar_10_the_one_is_taken_that_a_courses_own_files_read(tmp_path, scratch):
    write_cifar_binary(tmp_path / "cifar-10-batches-bin")
    write_cifar_python(tmp_path / "cifar-10-batches-py")
    lay_out_data(course("cs231n"), scratch, tmp_path, tmp_path)
    assert (scratch / "cs231n/datasets/cifar-10-batches-py/test_batch").is_file()


def test_what_is_not_on_the_machine_is_told_with_where_to_put_it(tmp_path, scratch):
    (note,) = lay_out_data(course("dlcourse"), scratch, tmp_path, tmp_path)
    assert note.startswith("svhn: its files are not in")
    assert not (scratch / "data").exists()


def test_where_links_are_not_for_everyone_files_are_copied(tmp_path, scratch, monkeypatch):
    def refuses(self, *arguments, **options):
        raise OSError("a privilege is not held")

    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a.bin").write_bytes(b"data")
    monkeypatch.setattr(Path, "symlink_to", refuses)
    put(tmp_path / "kept", scratch / "x" / "y")
    assert not (scratch / "x" / "y").is_symlink()
    assert (scratch / "x" / "y" / "a.bin").read_bytes() == b"data"


def test_what_the_cells_name_is_copied_and_nothing_else(tmp_path, scratch):
    for name in ("named.txt", "other.txt", "helper.py", "layers.py", ".hidden", "more.ipynb"):
        (tmp_path / name).write_text("x")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.txt").write_text("x")
    text = "open('named.txt'); import helper, layers; open('pictures/a.txt'); '.hidden more.ipynb unnamed.text'"
    assert copy_beside(tmp_path / "sheet.ipynb", text, course("dlcourse"), scratch) == []
    assert {str(path.relative_to(scratch)) for path in scratch.rglob("*")} == {
        "named.txt",
        "helper.py",
        "pictures",
        str(Path("pictures/a.txt")),
    }


def test_a_picture_that_is_read_and_not_there_is_a_test_card(scratch):
    Image.fromarray(np.zeros((2, 2, 3), np.uint8)).save(scratch / "there.png")
    text = "kitten, puppy = imread('kitten.jpg'), imread('images/puppy.jpg')\nimread('there.png'); imread('../up.png'); imread('/root.png')"
    notes = stand_in_pictures(text, scratch)
    assert [note.partition(" is ")[0] for note in notes] == ["kitten.jpg", "images/puppy.jpg"]
    assert image_shape(scratch / "images" / "puppy.jpg") == (3, 400, 600)
    assert image_shape(scratch / "there.png") == (3, 2, 2)


def test_of_a_learners_folder_the_modules_are_copied(tmp_path, scratch):
    for name in ("cs231n/layers.py", "cs231n/classifiers/fc_net.py", "cs231n/datasets/big.bin", "cs231n/notes.txt"):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    copy_mine(course("cs231n"), tmp_path / "mine", scratch)
    files = {path.relative_to(scratch).as_posix() for path in scratch.rglob("*") if path.is_file()}
    assert files == {"cs231n/layers.py", "cs231n/classifiers/fc_net.py"}
