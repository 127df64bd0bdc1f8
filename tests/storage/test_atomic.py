"""A write either happened or did not: no pieces, no leftovers."""

import os
from pathlib import Path

import pytest

from layerwise.storage import replacing, write_bytes, write_text


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "läufe mit Leerzeichen 実験"
    folder.mkdir()
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_replaced_leaving_nothing_else(folder):
    write_text(folder / "größe.txt", "erste\n")
    write_bytes(folder / "größe.txt", "zweite ✓\n".encode())
    assert (folder / "größe.txt").read_bytes() == "zweite ✓\n".encode()
    assert names(folder) == ["größe.txt"]


def test_missing_folders_are_made(folder):
    write_text(folder / "figures" / "deep" / "note.txt", "x")
    assert names(folder / "figures" / "deep") == ["note.txt"]


def test_an_error_leaves_the_old_file_and_no_temporary_one(folder):
    write_text(folder / "a.txt", "old")

    def half_written():
        with replacing(folder / "a.txt") as temporary:
            temporary.write_text("ha")
            assert len(names(folder)) == 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half_written()
    assert (folder / "a.txt").read_text() == "old"
    assert names(folder) == ["a.txt"]


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(folder):
    write_text(folder / "a.txt", "old")
    with replacing(folder / "a.txt") as temporary:
        temporary.write_text("new")
        assert (folder / "a.txt").read_text() == "old"
        assert temporary.parent == folder
        assert temporary.suffix == ".txt"
    assert (folder / "a.txt").read_text() == "new"


def test_the_data_is_flushed_before_it_is_moved(folder, monkeypatch):
    events = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (events.append("flush"), fsync(descriptor))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (events.append("move"), replace(a, b))[1])
    write_text(folder / "a.txt", "x")
    assert events[:2] == ["flush", "move"]


def test_a_failed_move_cleans_up(folder, monkeypatch):
    def refuses(a, b):
        raise PermissionError("another program has it open")

    monkeypatch.setattr(os, "replace", refuses)
    with pytest.raises(PermissionError):
        write_text(folder / "a.txt", "x")
    assert names(folder) == []


def test_a_name_as_long_as_the_system_takes_can_be_written(folder):
    name = "é" * 120 + ".txt"
    write_text(folder / name, "x")
    assert names(folder) == [name]


def test_a_link_stays_a_link(folder):
    write_text(folder / "real.txt", "old")
    link = folder / "link.txt"
    try:
        link.symlink_to(folder / "real.txt")
    except OSError:  # Windows lets only some users make links: then there is nothing that could break
        return
    write_text(link, "new")
    assert link.is_symlink()
    assert (folder / "real.txt").read_text() == "new"


def test_relative_paths_work(folder, monkeypatch):
    monkeypatch.chdir(folder)
    write_text("a.txt", "x")
    assert Path("a.txt").read_text() == "x"


def test_an_error_names_the_file_that_was_asked_for(folder):
    (folder / "figure.txt").mkdir()
    with pytest.raises(OSError) as caught:  # noqa: PT011 - its name is looked at
        write_text(folder / "figure.txt", "drawn")
    assert str(caught.value.filename) == str(folder / "figure.txt")
    assert names(folder) == ["figure.txt"]
