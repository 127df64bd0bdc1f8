"""Metrics against numbers done by hand, loops, and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.metrics import accuracy, confusion_matrix, f1, precision, recall, target_accuracy, top_k_accuracy

# Three classes; class 2 is never predicted, and of class 0 two of three are found.
Y = np.array([0, 0, 0, 1, 1, 2])
Y_PRED = np.array([0, 0, 1, 1, 0, 1])


def random_case(seed, n, k, leading=()):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 4, size=(*leading, n, k)).astype(float), rng.integers(0, k, size=n)  # few values: many ties


cases = given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 30), k=st.integers(2, 5))


def test_confusion_matrix_by_hand_has_a_row_per_true_class():
    np.testing.assert_array_equal(confusion_matrix(Y_PRED, Y, 3), [[2, 1, 0], [1, 1, 0], [0, 1, 0]])


def test_precision_recall_and_f1_by_hand():
    np.testing.assert_allclose(precision(Y_PRED, Y, 3), [2 / 3, 1 / 3, 0])
    np.testing.assert_allclose(recall(Y_PRED, Y, 3), [2 / 3, 1 / 2, 0])
    np.testing.assert_allclose(f1(Y_PRED, Y, 3), [2 / 3, 2 / 5, 0])


def test_averages_by_hand():
    assert precision(Y_PRED, Y, 3, average="macro") == pytest.approx(1 / 3)
    assert precision(Y_PRED, Y, 3, average="weighted") == pytest.approx((3 * 2 / 3 + 2 / 3) / 6)
    assert recall(Y_PRED, Y, 3, average="weighted") == pytest.approx(3 / 6)
    assert f1(Y_PRED, Y, 3, average="macro") == pytest.approx((2 / 3 + 2 / 5) / 3)
    for metric in (precision, recall, f1):
        assert metric(Y_PRED, Y, 3, average="micro") == accuracy(Y_PRED, Y) == 0.5


@cases
def test_accuracy_is_the_share_that_a_loop_counts(seed, n, k):
    scores, y = random_case(seed, n, k)
    hits = sum(int(list(row).index(max(row)) == label) for row, label in zip(scores, y, strict=True))
    assert accuracy(scores, y) == pytest.approx(hits / n)
    assert accuracy(scores.argmax(1), y) == pytest.approx(hits / n)


@cases
def test_top_k_is_the_share_that_a_loop_over_sorted_classes_counts(seed, n, k):
    scores, y = random_case(seed, n, k)
    for top in range(1, k + 1):
        hits = sum(int(label in sorted(range(k), key=lambda j: -row[j])[:top]) for row, label in zip(scores, y, strict=True))
        assert top_k_accuracy(scores, y, top) == pytest.approx(hits / n)
    assert top_k_accuracy(scores, y, 1) == accuracy(scores, y)
    assert top_k_accuracy(scores, y, k) == 1


@cases
def test_each_member_of_a_population_has_the_figure_it_has_alone(seed, n, k):
    scores, y = random_case(seed, n, k, leading=(2, 3))
    for metric in (accuracy, lambda s, y: top_k_accuracy(s, y, 2)):
        together = metric(scores, y)
        assert together.shape == (2, 3)
        np.testing.assert_array_equal(together, [[metric(member, y) for member in row] for row in scores])


@cases
def test_every_example_is_counted_once_in_the_confusion_matrix(seed, n, k):
    scores, y = random_case(seed, n, k)
    matrix = confusion_matrix(scores.argmax(1).astype(np.uint64), y.astype(np.uint8), k)
    assert matrix.sum() == n
    np.testing.assert_array_equal(matrix.sum(1), [np.sum(y == label) for label in range(k)])


def test_of_equal_scores_the_first_counts():
    scores = np.array([[1.0, 1.0, 0.0]])
    assert accuracy(scores, np.array([0])) == 1
    assert accuracy(scores, np.array([1])) == 0
    assert top_k_accuracy(scores, np.array([1]), 1) == 0
    assert top_k_accuracy(scores, np.array([1]), 2) == 1


def test_an_example_with_nan_scores_is_a_top_k_miss_and_touches_no_other():
    scores = np.array([[np.nan, 0.0, 1.0], [0.0, np.nan, 1.0], [0.0, 0.0, 1.0]])
    assert top_k_accuracy(scores, np.array([0, 2, 2]), 3) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: accuracy(np.zeros((4, 3)), np.zeros(5, int)), ValueError, r"scores \(4, 3\) need labels \(4,\).* shape \(5,\)"),
        (lambda: accuracy(np.zeros((4, 1)), np.zeros(4, int)), ValueError, "one column, whose argmax is always class 0"),
        (lambda: accuracy(np.zeros((0, 3)), np.zeros(0, int)), ValueError, "no examples"),
        (lambda: accuracy(np.zeros(3), np.zeros((3, 1))), ValueError, r"predictions have shape \(3,\) and labels \(3, 1\)"),
        (lambda: top_k_accuracy(np.zeros((2, 3)), np.zeros(2, int), 4), ValueError, "k is 4, but there are 3 classes; give 1 to 3"),
        (lambda: top_k_accuracy(np.zeros((2, 3)), np.array([0, 3]), 1), ValueError, "labels go from 0 to 3"),
        (
            lambda: confusion_matrix(np.array([0, 3]), np.array([0, 1]), 3),
            ValueError,
            "y_pred goes from 0 to 3; with num_classes=3 labels are 0 to 2",
        ),
        (lambda: confusion_matrix(np.array([0.5]), np.array([0]), 3), TypeError, "y_pred holds float64 numbers; give class labels"),
        (lambda: precision(Y_PRED, Y, 3, average="marco"), ValueError, 'unknown average "marco". Did you mean "macro"?'),
    ],
)
def test_a_bad_call_is_told_what_came_and_what_was_needed(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.peer
@cases
def test_scikit_learn_agrees(seed, n, k):
    from sklearn import metrics as peer

    scores, y = random_case(seed, n, k)
    y_pred, labels = scores.argmax(1), range(k)
    np.testing.assert_array_equal(confusion_matrix(y_pred, y, k), peer.confusion_matrix(y, y_pred, labels=labels))
    for average in (None, "macro", "weighted", "micro"):
        options = {"labels": labels, "average": average, "zero_division": 0}
        np.testing.assert_allclose(precision(y_pred, y, k, average=average), peer.precision_score(y, y_pred, **options), atol=1e-12)
        np.testing.assert_allclose(recall(y_pred, y, k, average=average), peer.recall_score(y, y_pred, **options), atol=1e-12)
        np.testing.assert_allclose(f1(y_pred, y, k, average=average), peer.f1_score(y, y_pred, **options), atol=1e-12)
    distinct = scores + np.random.default_rng(seed).permutation(scores.size).reshape(scores.shape) / (
        2 * scores.size
    )  # the peer breaks ties otherwise
    if k > 2:
        assert top_k_accuracy(distinct, y, 2) == pytest.approx(peer.top_k_accuracy_score(y, distinct, k=2, labels=labels))


def test_target_accuracy_compares_where_the_largest_are():
    scores = np.array([[0.2, 0.5, 0.3], [0.9, 0.0, 0.1], [0.1, 0.2, 0.7]])
    targets = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.2, 0.2, 0.6]])
    assert target_accuracy(scores, targets) == 2 / 3
    np.testing.assert_array_equal(target_accuracy(np.stack([scores, targets]), targets), [2 / 3, 1])
