import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.data.augmentation import RandomFlip, RandomShift
from layerwise.data.batch import Batches, InOrder, in_order, index_batches
from layerwise.data.preprocessing import Preprocessing
from layerwise.data.rows import Rows

X = np.random.default_rng(0).integers(0, 256, (23, 2, 3), dtype=np.uint8)
Y = np.arange(23)


def batches(X=X, y=Y, seed=0, **options):
    return Batches(X, y, rng=np.random.default_rng(seed), **{"batch_size": 5, **options})


def taken(source, count):
    return [(a.copy(), b.copy()) for a, b in (source.next() for _ in range(count))]


@given(
    seed=st.integers(0, 99),
    size=st.integers(1, 22),
    dtype=st.sampled_from([np.float32, np.float64]),
    kind=st.sampled_from(["u8", "f8", "F", "Rows"]),
)
def test_a_batch_is_the_preprocessed_rows_of_its_labels(seed, size, dtype, kind):
    base = {"u8": X, "f8": X.astype(float), "F": np.asfortranarray(X), "Rows": Rows(X[::-1].copy(), np.arange(22, -1, -1))}[kind]
    preprocessing = Preprocessing.fit(["center", "standardize", "flatten", "bias_column"], base)
    source = batches(base, seed=seed, batch_size=size, dtype=dtype, preprocessing=preprocessing)
    for a, labels in taken(source, 4):
        assert a.dtype == dtype
        np.testing.assert_array_equal(a, preprocessing.apply(np.asarray(base)[labels], dtype))


def test_an_epoch_has_no_row_twice_and_drops_what_fills_no_batch():
    source = batches()
    assert source.steps_per_epoch == 4
    epochs = [np.concatenate([y for _, y in taken(source, 4)]) for _ in range(3)]
    assert all(len(set(epoch)) == 20 for epoch in epochs)
    assert not np.array_equal(epochs[0], epochs[1])


def test_a_short_batch_is_preprocessed_augmented_and_weighted_as_any_other():
    weights = np.arange(23) + 1.0
    flipped = np.array(X[:, None])  # (23, 1, 2, 3)
    source = batches(flipped, sampling="every", weights=weights, preprocessing=Preprocessing.fit(["center"], flipped), dtype=np.float64)
    *_, (last, y) = taken(source, 5)
    np.testing.assert_allclose(last, flipped[y] - flipped.mean(0))
    np.testing.assert_array_equal(source.batch_weights, weights[y])
    mirrored = batches(flipped, sampling="every", augmentation=(RandomFlip(1.0),))
    *_, (last, y) = taken(mirrored, 5)
    np.testing.assert_array_equal(last, flipped[y][..., ::-1])


def test_ordered_batches_are_in_the_order_of_the_set_in_every_epoch():
    source = batches(sampling="ordered")
    for _ in range(2):
        np.testing.assert_array_equal(np.concatenate([y for _, y in taken(source, 5)]), np.arange(23))
    assert source.sizes == [5, 5, 5, 5, 3]


def test_the_order_is_the_generators_permutation():
    rng = np.random.default_rng(7)
    source = batches(seed=7)
    for _ in range(2):
        order = rng.permutation(23)
        np.testing.assert_array_equal(np.concatenate([y for _, y in taken(source, 4)]), order[:20])


def test_a_draw_with_replacement_may_be_larger_than_the_set():
    source = Batches(np.arange(3.0)[:, None], np.arange(3), batch_size=5, rng=np.random.default_rng(0), sampling="replacement")
    X, y = source.next()
    assert X[:, 0].tolist() == y.tolist() == np.random.default_rng(0).choice(3, 5).tolist()
    assert source.steps_per_epoch == 1


def test_draws_with_replacement_are_the_generators_choice():
    rng = np.random.default_rng(7)
    source = batches(seed=7, sampling="replacement")
    for _, y in taken(source, 9):
        np.testing.assert_array_equal(y, rng.choice(23, 5))


def test_the_legacy_generator_serves_as_well():
    np.random.seed(3)
    source = Batches(X, Y, batch_size=5, rng=np.random)
    seen = taken(source, 1)[0][1]
    np.random.seed(3)
    np.testing.assert_array_equal(seen, np.random.permutation(23)[:5])
    assert source.state()[0]["rng"] is None


@pytest.mark.parametrize("size", [23, 24, 1000])
def test_a_batch_of_all_rows_is_the_set_in_order_built_once(size):
    source = batches(batch_size=size)
    first, y = source.next()
    np.testing.assert_array_equal(first, X)
    np.testing.assert_array_equal(y, Y)
    assert source.next()[0] is first
    assert source.steps_per_epoch == 1
    with pytest.raises(ValueError, match="read-only"):
        first[...] = 0


def test_the_buffer_is_reused_and_the_set_untouched():
    before = X.copy()
    source = batches()
    first, _ = source.next()
    assert source.next()[0] is first
    np.testing.assert_array_equal(X, before)


def test_floats_that_need_nothing_are_gathered_straight_into_the_batch():
    source = batches(X.astype(np.float32))
    a, y = source.next()
    np.testing.assert_array_equal(a, X[y])


def test_weights_go_with_their_rows():
    source = batches(weights=np.arange(23) / 10)
    for _ in range(5):
        _, y = source.next()
        np.testing.assert_array_equal(source.batch_weights, y / 10)
    assert batches().batch_weights is None


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("size", [5, 23])
def test_augmented_batches_are_changed_images_of_an_unchanged_set(dtype, size):
    base = np.pad(X[:, None], ((0, 0), (0, 0), (1, 1), (1, 1))).astype(dtype)
    before = base.copy()
    source = batches(base, batch_size=size, augmentation=[RandomShift(1)], preprocessing=Preprocessing.fit(["center", "flatten"], base))
    seen = {y: set() for y in range(23)}
    for a, labels in taken(source, 60):
        raw = source.preprocessing.invert(a).round().astype(dtype)
        for image, label in zip(raw, labels, strict=True):
            seen[int(label)].add(image.tobytes())
            assert image.sum() == base[label].sum()  # what leaves the frame is black
    assert min(map(len, seen.values())) > 3
    np.testing.assert_array_equal(base, before)


def test_targets_may_be_images():
    a, y = batches(y=Rows(X, np.arange(23))).next()
    np.testing.assert_array_equal(a, y)


GENERATORS = [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64]


def test_every_keeps_the_rows_that_fill_no_batch_in_a_last_shorter_one():
    source = batches(sampling="every")
    assert source.steps_per_epoch == 5
    epochs = [taken(source, 5), taken(source, 5)]
    for epoch in epochs:
        assert [len(a) for a, _ in epoch] == [5, 5, 5, 5, 3]
        assert sorted(np.concatenate([labels for _, labels in epoch])) == list(range(23))
    assert not np.array_equal(epochs[0][0][1], epochs[1][0][1])
    shuffled = batches(sampling="shuffle")
    np.testing.assert_array_equal(taken(shuffled, 1)[0][1], epochs[0][0][1])  # the same seed draws the same order


def test_in_order_is_the_order_that_is_there():
    source = Batches(X, Y, batch_size=20, rng=InOrder(), sampling="every")
    assert [labels.tolist() for _, labels in taken(source, 2)] == [list(range(20)), [20, 21, 22]]


def test_the_rows_of_an_epochs_batches_are_all_rows_once():
    parts = index_batches(23, 5, np.random.default_rng(0))
    assert [len(rows) for rows in parts] == [5, 5, 5, 5, 3]
    assert sorted(np.concatenate(parts)) == list(range(23))
    with pytest.raises(ValueError, match="batches of 0 out of 3"):
        index_batches(3, 0, np.random.default_rng(0))


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("sampling", ["shuffle", "every", "ordered", "replacement"])
@pytest.mark.parametrize("steps", [0, 1, 4, 6])
@pytest.mark.parametrize("augmentation", [(), (RandomFlip(), RandomShift(1))])
def test_restored_batches_go_on_bit_equal_from_mid_epoch(generator, sampling, steps, augmentation):
    def make(seed):
        rng = np.random.Generator(generator(seed))
        return Batches(X[:, None], Y, batch_size=5, rng=rng, sampling=sampling, augmentation=augmentation)

    source = make(1)
    taken(source, steps)
    state, arrays = source.state()
    state, arrays = json.loads(json.dumps(state)), {name: a.copy() for name, a in arrays.items()}
    expected = taken(source, 11)
    resumed = make(2)
    taken(resumed, 3)
    resumed.restore(state, arrays)
    for (a, y), (b, z) in zip(taken(resumed, 11), expected, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(y, z)


def test_a_state_taken_earlier_is_not_changed_by_later_batches():
    source = batches()
    source.next()
    state, arrays = source.state()
    kept = json.dumps(state), arrays["order"].copy()
    taken(source, 9)
    assert json.dumps(state) == kept[0]
    np.testing.assert_array_equal(arrays["order"], kept[1])


@pytest.mark.parametrize(
    "change", [{"batch_size": 4}, {"sampling": "replacement"}, {"augmentation": [RandomFlip()]}, {"X": X[:20], "y": Y[:20]}]
)
def test_a_state_of_other_batches_is_refused(change):
    source = batches()
    source.next()
    with pytest.raises(ValueError, match="resume with the same data and settings"):
        batches(**{"X": X[:, None], **change}).restore(*source.state())


def test_a_damaged_order_is_refused():
    source = batches()
    source.next()
    state, arrays = source.state()
    arrays["order"][0] = arrays["order"][1]
    with pytest.raises(ValueError, match="order of examples is damaged"):
        batches().restore(state, arrays)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampling": "random"}, '"shuffle", "every", "ordered" or "replacement"'),
        ({"batch_size": 0}, "must be at least 1"),
        ({"X": X[:0], "y": Y[:0]}, "out of 0 examples"),
        ({"y": Y[:9]}, "X has 23 examples, but y has 9"),
        ({"weights": np.ones(3)}, "but weights has 3"),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        batches(**options)


@pytest.mark.parametrize("size", [1, 5, 23, 100])
@pytest.mark.parametrize("kind", ["u8", "f4", "Rows"])
def test_in_order_gives_every_row_once(size, kind):
    base = {"u8": X, "f4": X.astype(np.float32), "Rows": Rows(X, np.arange(23))}[kind]
    preprocessing = Preprocessing.fit(["center", "flatten"], base)
    for chosen in (None, preprocessing):
        found = np.concatenate([a.copy() for a in in_order(base, size, np.float32, chosen)])
        np.testing.assert_array_equal(
            found, (chosen or Preprocessing()).apply(X) if kind != "f4" else (chosen or Preprocessing()).apply(base)
        )


def test_every_row_comes_as_often_as_every_other():
    counts = Counter(int(label) for _, y in taken(batches(), 400) for label in y)
    assert min(counts.values()) > 0.7 * 2000 / 23
    assert max(counts.values()) <= 100
