"""What every feature must do: the same numbers in any layout and company, nothing written, in little memory."""

import tracemalloc
from functools import partial

import numpy as np
import pytest
from tests.contract import broken, contract_over, refusal
from tests.features.picture import photographs

from layerwise.data import Rows
from layerwise.features import FEATURES

IMAGES = photographs(40, 32, 24)


def once(feature, rng):
    yield feature


@contract_over(once)
def contract_a_row_of_finite_floats_for_each_image(feature):
    found = feature(IMAGES)
    assert found.dtype == np.float64
    assert found.ndim == 2
    assert len(found) == 40
    assert np.isfinite(found).all()
    assert feature(IMAGES[:0]).shape == (0, found.shape[1])


@contract_over(once)
def contract_the_layout_changes_nothing(feature):
    expected = feature(IMAGES)
    np.testing.assert_array_equal(feature(IMAGES.transpose(0, 2, 3, 1), layout="NHWC"), expected)
    np.testing.assert_array_equal(feature(IMAGES[3], layout="CHW"), expected[3])
    np.testing.assert_array_equal(feature(np.ascontiguousarray(IMAGES[3].transpose(1, 2, 0)), layout="HWC"), expected[3])


@contract_over(once)
def contract_the_kind_of_number_changes_nothing(feature):
    for dtype in (np.int64, np.float32, np.float64):
        np.testing.assert_allclose(feature(IMAGES.astype(dtype)), feature(IMAGES), rtol=0, atol=1e-10)


@contract_over(once)
def contract_an_image_does_not_depend_on_its_company(feature):
    np.testing.assert_array_equal(feature(np.concatenate([IMAGES[7:], IMAGES[:7]])), np.roll(feature(IMAGES), -7, axis=0))
    np.testing.assert_array_equal(feature(IMAGES[20:21]), feature(IMAGES)[20:21])


@contract_over(once)
def contract_rows_of_a_set_are_as_good_as_a_copy(feature):
    index = np.arange(39, -1, -3)
    np.testing.assert_array_equal(feature(Rows(IMAGES, index)), feature(IMAGES[index]))


@contract_over(once)
def contract_the_images_are_not_written(feature):
    images = IMAGES.copy()
    images.flags.writeable = False
    feature(images)
    floats = IMAGES.astype(np.float64)
    feature(floats)
    np.testing.assert_array_equal(floats, IMAGES)


@contract_over(once)
def contract_memory_does_not_grow_with_the_set(feature):
    many = np.tile(IMAGES, (40, 1, 1, 1))
    peaks = []
    for images in (many[:800], many):
        tracemalloc.start()
        found = feature(images)
        peaks.append(tracemalloc.get_traced_memory()[1] - found.nbytes)
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000, peaks


@contract_over(once)
def contract_what_is_no_image_is_refused_by_its_name(feature):
    name = getattr(feature, "__name__", "feature")
    for images, options, text in REFUSED:
        found = refusal((ValueError, TypeError), feature, images, **options)
        assert name in found or "layout" in found, found
        assert text in found, found


REFUSED = [
    (
        IMAGES,
        {"layout": "NHWC"},
        'so in layout "NHWC" 24 channels, but there are 3 (red, green, blue) or 1 (grey). Did you mean layout="NCHW"',
    ),
    (IMAGES.transpose(0, 2, 3, 1), {}, 'Did you mean layout="NHWC", many images, colours last: the courses\'?'),
    (IMAGES[0].transpose(1, 2, 0), {}, 'but layout "NCHW" has 4 axes. Did you mean layout="HWC"'),
    (IMAGES[0], {}, 'Did you mean layout="CHW"'),
    (IMAGES[:, 0], {}, 'Did you mean layout="NHW"'),
    (IMAGES.reshape(40, -1), {}, "Reshape flat rows to (N, C, H, W), or give one grey image as HW."),
    (IMAGES, {"layout": "NHCW"}, 'unknown layout "NHCW". Did you mean "NHW"? Known: CHW, HW, HWC, NCHW, NHW, NHWC.'),
    (IMAGES > 5, {}, "the images are bool, but must be numbers"),
    (IMAGES.tolist(), {}, "the images are a list, but must be an array: np.asarray(images) makes one."),
]

CONTRACTS = [check for name, check in list(globals().items()) if name.startswith("contract_") and name != "contract_over"]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_keeps_every_contract(name, contract):
    contract(FEATURES[name], np.random.default_rng(0))


def mean(images, layout="NCHW", *, change=lambda rows: rows):
    """A feature to go wrong in one line: the mean of each channel."""
    from layerwise.features.layout import check_layout, piecewise

    check_layout("mean", images, layout)
    return piecewise(lambda piece: change(piece.astype(np.float64).mean(axis=(2, 3))), images, layout)


mean.__name__ = "mean"


def writes(images, layout="NCHW"):
    found = mean(images, layout)
    images[:1] = 0
    return found


def takes_all_at_once(images, layout="NCHW"):
    np.asarray(images).astype(np.float64)
    return mean(images, layout)


def wraps(images, layout="NCHW"):
    axes = tuple(layout.index(axis) - len(layout) for axis in "HW")
    mean(images, layout)
    return (np.asarray(images) + np.asarray(images)).mean(axis=axes)


def trusts(images, layout="NCHW"):
    return np.asarray(images).reshape(-1, 3, 32, 24).mean(axis=(2, 3)) if layout == "NCHW" else mean(images, layout)


def reads_blue_first(images, layout="NCHW"):
    return mean(images[..., ::-1] if layout == "NHWC" else images, layout)


def takes_the_whole_set(images, layout="NCHW"):
    return mean(images.base[: len(images)] if isinstance(images, Rows) else images, layout)


def looks_around(images, layout="NCHW"):
    found = mean(images, layout)
    return found - found.mean(axis=0) if "N" in layout else found - mean(IMAGES).mean(axis=0)


OFFENDERS = {
    "the layout changes nothing": reads_blue_first,
    "rows of a set are as good as a copy": takes_the_whole_set,
    "a row of finite floats for each image": partial(mean, change=lambda rows: rows.astype(np.float32)),
    "the kind of number changes nothing": wraps,
    "the images are not written": writes,
    "an image does not depend on its company": looks_around,
    "memory does not grow with the set": takes_all_at_once,
    "what is no image is refused by its name": trusts,
}


def test_every_contract_has_an_offender():
    assert {contract.name for contract in CONTRACTS} == OFFENDERS.keys()


@pytest.mark.parametrize("name", OFFENDERS)
def test_an_offender_breaks_its_contract(name):
    assert name in broken(CONTRACTS, OFFENDERS[name])


def test_the_right_one_breaks_none():
    assert broken(CONTRACTS, mean) == []
