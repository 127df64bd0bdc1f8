"""Archives that lead elsewhere, lie or blow up, and the wanted files of honest ones."""

import gzip
import io
import random
import tarfile

import pytest

from layerwise.data import archive as engine
from layerwise.data.archive import extract
from layerwise.data.mirror import MIRRORS
from layerwise.errors import DataError

WANTED = {"batches/a.bin": 1000, "batches/b.bin": 2000}
CONTENT = {"batches/a.bin": b"a" * 1000, "batches/b.bin": b"b" * 1500}


def plain(name, content=b"x", **fields):
    return tarfile.TarInfo(name), content, fields


def honest():
    return [plain(name, content) for name, content in CONTENT.items()]


def write(path, members, *, mode="w:gz", form=tarfile.PAX_FORMAT):
    with tarfile.open(path, mode, format=form) as tar:
        for member, content, fields in members:
            member.size = len(content)
            for name, value in fields.items():
                setattr(member, name, value)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "set"


def refused(tmp_path, folder, text, wanted=WANTED):
    """Nothing is written, in the folder or anywhere else."""
    before = sorted(p for p in tmp_path.rglob("*") if p.is_file())
    with pytest.raises(DataError, match=text):
        extract(tmp_path / "set.tar.gz", folder, wanted)
    assert sorted(p for p in tmp_path.rglob("*") if not p.is_dir() or p.is_symlink()) == before
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize("mode", ["w:gz", "w"])
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_the_wanted_files_are_taken_and_no_others(tmp_path, folder, mode, form):
    path = write(
        tmp_path / "set.tar.gz",
        [plain("batches", b"", type=tarfile.DIRTYPE), *honest(), plain("batches/readme.html")],
        mode=mode,
        form=form,
    )
    assert extract(path, folder, WANTED) == [folder / name for name in WANTED]
    assert {str(p.relative_to(folder)).replace("\\", "/"): p.read_bytes() for p in folder.rglob("*") if p.is_file()} == CONTENT


def test_names_that_begin_with_a_dot_and_a_slash_are_the_same(tmp_path, folder):
    extract(write(tmp_path / "set.tar.gz", [plain("./" + name, content) for name, content in CONTENT.items()]), folder, WANTED)
    assert (folder / "batches/b.bin").read_bytes() == CONTENT["batches/b.bin"]


def test_files_of_an_earlier_time_are_replaced_and_the_rest_is_left(tmp_path, folder):
    (folder / "batches").mkdir(parents=True)
    (folder / "batches/a.bin").write_bytes(b"old")
    (folder / "batches/mine.txt").write_bytes(b"mine")
    extract(write(tmp_path / "set.tar.gz", honest()), folder, WANTED)
    assert (folder / "batches/a.bin").read_bytes() == CONTENT["batches/a.bin"]
    assert (folder / "batches/mine.txt").read_bytes() == b"mine"


ATTACKS = {
    "parent": (plain("../evil"), "leads out"),
    "parent within": (plain("batches/../../evil"), "leads out"),
    "parent of a wanted name": (plain("x/../batches/a.bin"), "leads out"),
    "absolute": (plain("/tmp/evil"), "leads out"),
    "absolute wanted name": (plain("/batches/a.bin"), "leads out"),
    "backslashes": (plain("..\\evil"), "leads out"),
    "drive": (plain("C:evil"), "leads out"),
    "stream": (plain("batches/a.bin:hidden"), "leads out"),
    "no name": (plain("/"), "leads out|link or a device"),
    "symbolic link": (plain("batches/a.bin", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "a link or a device"),
    "symbolic link of a folder": (plain("batches", b"", type=tarfile.SYMTYPE, linkname="/tmp"), "a link or a device"),
    "hard link": (plain("batches/a.bin", b"", type=tarfile.LNKTYPE, linkname="../../evil"), "a link or a device"),
    "link that is not wanted": (plain("other", b"", type=tarfile.SYMTYPE, linkname="batches"), "a link or a device"),
    "character device": (plain("batches/a.bin", b"", type=tarfile.CHRTYPE), "a link or a device"),
    "block device": (plain("batches/a.bin", b"", type=tarfile.BLKTYPE), "a link or a device"),
    "pipe": (plain("batches/a.bin", b"", type=tarfile.FIFOTYPE), "a link or a device"),
    "twice": (plain("batches/a.bin", b"b" * 1000), "in it twice"),
    "twice, with a dot": (plain("./batches/a.bin", b"b" * 1000), "in it twice"),
}


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize(("member", "text"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_and_nothing_is_written(tmp_path, folder, member, text, first):
    write(tmp_path / "set.tar.gz", [member, *honest()] if first else [*honest(), member])
    refused(tmp_path, folder, text)


def test_a_link_planted_in_front_of_a_wanted_file_does_not_lead_its_bytes_away(tmp_path, folder):
    link = plain("batches", b"", type=tarfile.SYMTYPE, linkname=str(tmp_path))
    write(tmp_path / "set.tar.gz", [link, *honest()])
    refused(tmp_path, folder, "a link or a device")
    assert not (tmp_path / "a.bin").exists()


def test_a_sparse_file_is_refused(tmp_path, folder):
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "batches/a.bin", "GNU.sparse.realsize": "1000000000000"}
    write(tmp_path / "set.tar.gz", [plain("x", b"1\n0\n1\n".ljust(512, b"\0") + b"x", pax_headers=sparse), *honest()])
    refused(tmp_path, folder, "a link or a device")


def test_a_file_that_is_missing_or_no_file_is_named(tmp_path, folder):
    write(tmp_path / "set.tar.gz", [*honest()[:1], plain("batches/b.bin", b"", type=tarfile.DIRTYPE)])
    refused(tmp_path, folder, r"has no batches/b\.bin\. Is it the right file")


def test_a_file_larger_than_it_may_be_is_refused(tmp_path, folder):
    write(tmp_path / "set.tar.gz", honest())
    refused(tmp_path, folder, r'"batches/b\.bin" has 1500 bytes, but may have 1499 at most', {**WANTED, "batches/b.bin": 1499})


@pytest.mark.parametrize("name", ["zeros", "batches/a.bin"])
def test_a_bomb_does_not_go_off(tmp_path, folder, name):
    path = tmp_path / "set.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        member = tarfile.TarInfo(name)
        member.size = 200 << 20
        tar.addfile(member, io.BufferedReader(Zeros()))
    assert path.stat().st_size < 2 << 20
    refused(tmp_path, folder, "may have 1000 at most" if name in WANTED else "unpacks to more than")


class Zeros(io.RawIOBase):
    def readable(self):
        return True

    def readinto(self, buffer):
        buffer[:] = bytes(len(buffer))
        return len(buffer)


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"], ids=["extended", "global", "long name", "long link"])
def test_a_header_that_claims_to_be_huge_is_not_read_into_memory(tmp_path, folder, kind, monkeypatch):
    header = tarfile.TarInfo("h")
    header.type, header.size = kind, 8 << 30
    path = tmp_path / "set.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(header.tobuf(tarfile.GNU_FORMAT))
        for _ in range(64):
            out.write(bytes(1 << 20))
    monkeypatch.setattr(engine, "OVERHEAD", 1 << 20)
    refused(tmp_path, folder, "unpacks to more than")


def test_many_tiny_members_end_at_the_cap(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(engine, "OVERHEAD", 1 << 18)
    write(tmp_path / "set.tar.gz", [plain(f"f{i}", b"") for i in range(1000)])
    refused(tmp_path, folder, "unpacks to more than")


@pytest.mark.parametrize("damage", [b"", b"not an archive", b"\x1f\x8b", b"\x1f\x8b\x08rubbish" * 99, bytes(10_000)])
def test_what_is_no_archive_is_refused(tmp_path, folder, damage):
    (tmp_path / "set.tar.gz").write_bytes(damage)
    refused(tmp_path, folder, "cannot be extracted|has no batches")


def test_an_archive_that_is_not_there_is_named(tmp_path, folder):
    refused(tmp_path, folder, r"set\.tar\.gz: cannot be extracted")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    path = write(tmp_path / "set.tar.gz", honest())
    with pytest.raises(DataError, match=r"set\.tar\.gz cannot be extracted there"):
        extract(path, path, WANTED)


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", "C:a", "..\\a", "", "a\0"])
def test_only_names_inside_the_folder_may_be_wanted(tmp_path, folder, name):
    with pytest.raises(ValueError, match="path inside the folder"):
        extract(write(tmp_path / "set.tar.gz", honest()), folder, {name: 1})


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_damaged_archives_give_their_files_or_our_error_and_write_nothing_else(tmp_path, mode):
    path = write(tmp_path / "set.tar.gz", honest(), mode=mode)
    whole = path.read_bytes()
    draw = random.Random(0)
    for i in range(300):
        damaged = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            damaged[draw.randrange(min(len(damaged), 512 if draw.random() < 0.7 else len(damaged)))] = draw.randrange(256)
        path.write_bytes(damaged[: draw.randrange(len(damaged))] if draw.random() < 0.3 else damaged)
        folder = tmp_path / "out" / str(i)
        try:
            extract(path, folder, WANTED)
        except DataError:
            assert not list(folder.iterdir())
        else:
            assert {str(p.relative_to(folder)).replace("\\", "/") for p in folder.rglob("*") if p.is_file()} == set(WANTED)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "set.tar.gz"]


def test_the_archives_of_the_table_name_files_inside_the_folder():
    for files in MIRRORS.values():
        for file in files:
            assert all(engine._inside(name) for name in file.members)
