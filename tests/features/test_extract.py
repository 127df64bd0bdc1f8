from functools import partial

import numpy as np
import pytest
from tests.features.picture import photographs

from layerwise.data import Dataset, Rows
from layerwise.features import course_hog, extract_features, hog, hue_histogram

IMAGES = photographs(25)


def brightest(image):
    """A learner's own: one image (H, W, 3) at a time."""
    assert image.shape == (32, 32, 3)
    assert image.dtype == np.float64
    return image.max(axis=(0, 1))


def test_features_stand_side_by_side_in_the_order_they_were_named():
    found = extract_features(IMAGES, ["hog", partial(hue_histogram, nbin=25), brightest, course_hog])
    expected = [hog(IMAGES), hue_histogram(IMAGES, nbin=25), IMAGES.max(axis=(2, 3)), course_hog(IMAGES)]
    np.testing.assert_array_equal(found, np.concatenate(expected, axis=1))
    np.testing.assert_array_equal(extract_features(IMAGES, "hog"), expected[0])
    np.testing.assert_array_equal(extract_features(IMAGES, brightest), expected[2])


def test_a_learners_own_function_sees_grey_images_without_an_axis_of_colours():
    np.testing.assert_array_equal(extract_features(IMAGES[:, :1], lambda image: image[0]), IMAGES[:, 0, 0])
    np.testing.assert_array_equal(extract_features(IMAGES[:, 0], lambda image: image[0], layout="NHW"), IMAGES[:, 0, 0])


def test_a_learners_own_function_may_subtract_bytes():
    found = extract_features(IMAGES, lambda image: (image[0] - image[31]).ravel())
    assert found.min() < 0


def test_pieces_and_layouts_and_rows_change_nothing(monkeypatch):
    functions = ["course_hog", "hue_histogram", brightest]
    expected = extract_features(IMAGES, functions)
    monkeypatch.setattr("layerwise.features.extract.PIECE", 4)
    np.testing.assert_array_equal(extract_features(IMAGES, functions), expected)
    floats = IMAGES.transpose(0, 2, 3, 1).astype(float)
    np.testing.assert_allclose(extract_features(floats, functions, layout="NHWC"), expected, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(extract_features(Rows(IMAGES, np.arange(25)[::-1]), functions), expected[::-1])
    assert extract_features(IMAGES, functions, dtype=np.float32).dtype == np.float32


def test_a_mapped_file_is_read_in_pieces(tmp_path):
    np.save(tmp_path / "images.npy", IMAGES)
    np.testing.assert_array_equal(extract_features(np.load(tmp_path / "images.npy", mmap_mode="r"), ["hog"]), hog(IMAGES))


def test_progress_is_told_by_lines_or_to_a_function(monkeypatch, capsys):
    monkeypatch.setattr("layerwise.features.extract.PIECE", 2)
    seen = []
    extract_features(IMAGES, brightest, verbose=lambda done, count: seen.append((done, count)))
    assert seen == [(min(n, 25), 25) for n in range(2, 27, 2)]
    assert capsys.readouterr().out == ""
    extract_features(IMAGES, brightest, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "features of 4 of 25 images"
    assert lines[-1] == "features of 25 of 25 images"
    assert 9 <= len(lines) <= 11


def data():
    y = np.arange(25) % 3
    return Dataset(IMAGES[:15], y[:15], IMAGES[15:20], y[15:20], IMAGES[20:], y[20:], name="pictures")


def test_a_data_set_of_features_is_standardised_by_its_training_part():
    found = data().with_augmentation("flip").with_preprocessing("scale").with_features(partial(extract_features, functions=["course_hog"]))
    assert found.preprocessing.transforms == found.augmentation == ()
    assert (found.name, found.full_scale, found.class_names) == ("pictures", None, ("0", "1", "2"))
    found = found.with_preprocessing("standardize", "bias_column")
    rows = course_hog(IMAGES[:15])
    deviation = rows.std(axis=0)
    expected = (course_hog(IMAGES[20:]) - rows.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    np.testing.assert_allclose(found.preprocessing.apply(found.X_test, np.float64)[:, :-1], expected, atol=1e-9)
    assert found.preprocessing.output_shape(found.X_test.shape) == (5, 145)


@pytest.mark.parametrize(
    ("functions", "text"),
    [
        (["hogg"], 'unknown feature "hogg". Did you mean "hog"?'),
        ([], "extract_features: no feature is named. Known: course_hog, hog, hue_histogram."),
        ([lambda image: image], r"gave float64 of shape (32, 32, 3) for image 0, but must give a vector of numbers (F,). Use np.ravel."),
        ([np.mean], "mean gave float64 of shape () for image 0"),
        ([lambda image: np.ones(3 + (image[0, 0, 0] != IMAGES[0, 0, 0, 0]))], "every image needs as many"),
        ([lambda image: ["a"]], "gave <U1 of shape (1,)"),
    ],
)
def test_what_gives_no_vectors_is_refused(functions, text):
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the text is looked at below
        extract_features(IMAGES, functions)
    assert text in str(raised.value)


def test_a_thousand_and_first_image_of_another_length_is_refused(monkeypatch):
    monkeypatch.setattr("layerwise.features.extract.PIECE", 5)
    lengths = iter([3] * 10 + [4] * 5)
    with pytest.raises(ValueError, match="images from 10 on have 4 features, but those before have 3"):
        extract_features(IMAGES, lambda image: np.ones(next(lengths)))


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="7 is neither a feature's name nor a function"):
        extract_features(IMAGES, ["hog", 7])
    with pytest.raises(ValueError, match=r"""layout "HWC" is of one image"""):
        extract_features(IMAGES[0].transpose(1, 2, 0), ["hog"], layout="HWC")


def test_the_error_of_a_learners_function_says_which_image_it_was_given():
    def fails(image):
        raise KeyError("edges")

    with pytest.raises(KeyError) as raised:
        extract_features(IMAGES, fails)
    assert raised.value.__notes__ == ["extract_features: fails was given image 0"]
