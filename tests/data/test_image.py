"""Image files become arrays of the shape that is asked for, whatever their kind, and what is none is refused in a sentence."""

import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from layerwise.data.image import ENDINGS, image_shape, read_image
from layerwise.errors import DataError

GREY, COLOUR = (1, 4, 6), (3, 4, 6)


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "meine Bilder 数"
    place.mkdir()
    return place


@pytest.mark.parametrize("ending", [".png", ".bmp", ".tif", ".ppm"])
def test_colours_come_back_channels_first(folder, pixels, ending):
    Image.fromarray(pixels).save(folder / f"a b{ending}")
    image = read_image(folder / f"a b{ending}", COLOUR)
    np.testing.assert_array_equal(image.pixels, pixels.transpose(2, 0, 1))
    assert (image.pixels.dtype, image.height, image.width) == (np.uint8, 4, 6)
    assert ending in ENDINGS


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA", "LA", "CMYK"])
@pytest.mark.parametrize("shape", [GREY, COLOUR])
def test_every_mode_becomes_grey_or_colours(folder, mode, shape):
    ending = ".tif" if mode == "CMYK" else ".png"
    Image.new("L", (6, 4), 255).convert(mode).save(folder / f"white{ending}")
    np.testing.assert_array_equal(read_image(folder / f"white{ending}", shape).pixels, np.full(shape, 255))


def test_transparency_is_laid_over_white(folder):
    image = Image.new("RGBA", (6, 4), (0, 0, 0, 0))
    image.putpixel((2, 1), (0, 0, 0, 255))
    image.save(folder / "ink.png")
    expected = np.full(GREY, 255)
    expected[0, 1, 2] = 0
    np.testing.assert_array_equal(read_image(folder / "ink.png", GREY).pixels, expected)


def test_sixteen_bits_keep_their_range(folder):
    Image.fromarray(np.array([[0, 65535, 32768]], np.uint16)).save(folder / "deep.png")
    assert read_image(folder / "deep.png", (1, 1, 3)).pixels.tolist() == [[[0, 255, 128]]]


def test_invert_makes_black_white(folder, pixels):
    Image.fromarray(pixels).save(folder / "a.png")
    plain, inverted = (read_image(folder / "a.png", COLOUR, invert=invert).pixels for invert in (False, True))
    np.testing.assert_array_equal(plain.astype(int) + inverted, 255)


def test_another_size_is_stretched_and_told(folder):
    Image.fromarray(np.repeat(np.repeat(np.array([[0, 255], [255, 0]], np.uint8), 50, 0), 50, 1)).save(folder / "large.png")
    image = read_image(folder / "large.png", (1, 2, 2))
    assert (image.height, image.width) == (100, 100)
    assert image.pixels[0, 0, 0] < 100 < 150 < image.pixels[0, 0, 1]


def test_a_photo_is_turned_as_the_camera_noted(folder):
    exif = Image.Exif()
    exif[0x0112] = 6  # the sensor was on its side
    Image.new("L", (6, 4)).save(folder / "turned.jpg", exif=exif)
    image = read_image(folder / "turned.jpg", (1, 6, 4))
    assert (image.height, image.width) == (6, 4)
    assert image_shape(folder / "turned.jpg") == (1, 6, 4)


def test_of_several_frames_the_first_is_read(folder):
    frames = [Image.new("L", (6, 4), level) for level in (255, 0)]
    frames[0].save(folder / "film.gif", save_all=True, append_images=frames[1:])
    assert read_image(folder / "film.gif", GREY).pixels.min() == 255


def png(width, height, data):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is not an image, or of a kind that is not read"),
        (b"hello", "is not an image, or of a kind that is not read"),
        (png(60, 40, np.random.default_rng(0).bytes(61 * 40))[:500], "cannot be read"),
        (png(6, 4, b"\0" * 5), "cannot be read"),
        (png(60_000, 60_000, b"\0"), "is not an image, or of a kind that is not read|has 60000 × 60000 pixels"),
        (png(12_000, 12_000, b"\0"), "has 12000 × 12000 pixels, more than 100,000,000. Make it smaller first."),
    ],
    ids=["empty", "text", "cut off", "too short", "a bomb", "too large"],
)
def test_what_is_no_image_is_refused_with_its_name(folder, content, text):
    (folder / "x ü.png").write_bytes(content)
    with pytest.raises(DataError, match=text) as caught:
        read_image(folder / "x ü.png", GREY)
    assert "x ü.png" in str(caught.value)


def test_a_file_that_is_not_there_is_named(folder):
    with pytest.raises(DataError, match=r"gone\.png: cannot be read"):
        read_image(folder / "gone.png", GREY)


def test_two_channels_are_no_image(folder):
    with pytest.raises(ValueError, match=r"1 or 3 channels, but the examples have shape \(2, 4, 6\)"):
        read_image(folder / "a.png", (2, 4, 6))


def test_without_pillow_the_extra_is_named():
    program = "import sys; sys.modules['PIL'] = None; import layerwise.data.image"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1].endswith("Reading images needs Pillow. Install it with: pip install 'layerwise[plot]'")
