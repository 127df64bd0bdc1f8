import zlib

import numpy as np
import pytest
from PIL import Image

from layerwise.data.image import image_shape
from layerwise.data.image_folder import load_folder
from layerwise.data.table import load_file
from layerwise.errors import DataError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def pictures(tmp_path):
    return tmp_path / "meine Bilder (ü)"


def draw(path, shape=(6, 8, 3), **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(zlib.crc32(str(path).encode())).integers(0, 256, shape, dtype=np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return pixels


def fill(folder, classes=("cat", "dog"), count=10, **options):
    return {(name, k): draw(folder / name / f"{k:02}.png", **options) for name in classes for k in range(count)}


def test_every_image_comes_with_the_class_of_its_folder_in_one_part(pictures):
    drawn = fill(pictures)
    data = load_file(pictures, validation=4, test=4)
    assert (data.class_names, data.name, data.notes) == (("cat", "dog"), pictures.name, ())
    assert [len(data[f"y_{part}"]) for part in ("train", "val", "test")] == [12, 4, 4]
    assert data.X_train.dtype == np.uint8
    assert data.X_train.shape[1:] == (3, 6, 8)
    known = {pixels.transpose(2, 0, 1).tobytes(): name for (name, _), pixels in drawn.items()}
    seen = [
        (image.tobytes(), data.class_names[label])
        for part in ("train", "val", "test")
        for image, label in zip(np.asarray(data[f"X_{part}"]), data[f"y_{part}"], strict=True)
    ]
    assert dict(seen) == known
    assert len(seen) == 20


def test_it_is_parsed_once_and_again_when_a_file_comes_or_another_size_is_wanted(pictures, cache, monkeypatch):
    fill(pictures)
    load_folder(pictures)
    copies = set(cache.glob("*/X_train.npy"))
    with monkeypatch.context() as patch:
        patch.setattr("layerwise.data.image_folder._read", None)
        load_folder(pictures)
    draw(pictures / "cat" / "new.png")
    assert len(load_folder(pictures, validation=0, test=0).X_train) == 21
    assert len(set(cache.glob("*/X_train.npy"))) == 1
    assert not copies & set(cache.glob("*/X_train.npy"))
    assert load_folder(pictures, image_size=4).X_train.shape[1:] == (3, 4, 4)
    assert load_folder(pictures, image_size=(4, 5), channels=1).X_train.shape[1:] == (1, 4, 5)
    assert len(load_folder(pictures, validation=0, test=0).X_train) == 21


def test_all_images_take_the_size_that_most_have_and_grey_if_all_are(pictures):
    fill(pictures, shape=(6, 8))
    draw(pictures / "cat" / "large.png", (30, 40))
    data = load_folder(pictures)
    assert data.X_train.shape[1:] == (1, 6, 8)
    assert data.notes == ("1 of another size stretched to 6 × 8 pixels",)
    draw(pictures / "dog" / "colours.png")
    assert load_folder(pictures).X_train.shape[1:] == (3, 6, 8)


def test_a_folder_with_parts_keeps_them(pictures):
    for part, count in (("train", 10), ("valid", 2), ("Test", 3)):
        fill(pictures / part, count=count)
    data = load_folder(pictures)
    assert [len(data[f"y_{part}"]) for part in ("train", "val", "test")] == [20, 4, 6]
    assert data.y_test.tolist() == [0, 0, 0, 1, 1, 1]
    fill(pictures / "Test", ["cow"])
    with pytest.raises(DataError, match=r'Test: has a class "cow", of which there is no image in .*train'):
        load_folder(pictures)


def test_classes_that_are_numbers_are_in_numeric_order(pictures):
    fill(pictures, [str(k) for k in range(11)], count=2)
    assert load_folder(pictures, validation=0, test=0).class_names == tuple(map(str, range(11)))


def test_what_cannot_be_read_is_left_out_and_named(pictures):
    fill(pictures)
    (pictures / "cat" / "a.png").write_bytes(b"no image")
    (pictures / "cat" / "b.png").write_bytes((pictures / "cat" / "00.png").read_bytes()[:80])
    (pictures / "cat" / "notes.txt").write_text("not even called an image")
    (pictures / "cat" / "._00.png").write_bytes(b"what a Mac leaves behind")
    (pictures / ".hidden").mkdir()
    for _ in range(2):  # parsed, and from the copy
        data = load_folder(pictures, validation=0, test=0)
        assert len(data.X_train) == 20
        (note,) = data.notes
        assert note.startswith(f"2 files in {pictures} left out: ")
        assert "a.png: is not an image" in note
        assert "b.png: cannot be read" in note


def test_the_camera_may_have_been_turned(pictures):
    fill(pictures)
    exif = Image.Exif()
    exif[274] = 6
    draw(pictures / "cat" / "turned.jpg", (8, 6, 3), exif=exif)
    assert image_shape(pictures / "cat" / "turned.jpg") == (3, 6, 8)
    assert load_folder(pictures).notes == ()


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda p: None, "has no folders with images.*named after it: at least two"),
        (lambda p: draw(p / "a.png"), "has no folders with images"),
        (lambda p: fill(p, ["cat"]), "has images in 1 folder"),
        (lambda p: [fill(p, ["cat"]), (p / "dog").mkdir()], "has images in 1 folder"),
        (
            lambda p: [fill(p, ["cat"]), (p / "dog").mkdir(), (p / "dog" / "a.png").write_bytes(b"x")],
            'no image of the class "dog" can be read',
        ),
    ],
)
def test_a_folder_without_classes_is_refused(pictures, made, message):
    pictures.mkdir()
    made(pictures)
    with pytest.raises(DataError, match=message):
        load_folder(pictures)


def test_more_than_a_disk_should_take_is_refused_with_the_way_out(pictures, monkeypatch):
    fill(pictures, count=2)
    monkeypatch.setattr("layerwise.data.image_folder.LARGEST", 4 * 3 * 48 - 1)
    with pytest.raises(DataError, match=r"4 images of 6 × 8 pixels take .* GB.*--image-size 64"):
        load_folder(pictures)


@pytest.mark.parametrize("size", [0, -1, 1.5, (3,), (3, 0), "3", 100_000])
def test_a_size_that_cannot_be_is_refused(pictures, size):
    fill(pictures, count=2)
    with pytest.raises(ValueError, match="a side in pixels"):
        load_folder(pictures, image_size=size)


def test_settings_of_images_are_refused_for_other_data(pictures, tmp_path):
    fill(pictures, count=2)
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="are for a folder of images"):
        load_file(tmp_path / "t.csv", "b", image_size=4)
    with pytest.raises(ValueError, match=r"1 \(grey\) or 3"):
        load_folder(pictures, channels=2)
