"""Whether an error in a notebook is the learner's open TODO, or a failure."""

import pytest

from layerwise.courses.outcome import FAILED, NOT_DONE, RAN, Cell, first_line, follows, left_empty, names_bound, not_done

BANNER = "# TODO: choose\n# ...\npass\n# END OF YOUR CODE\n"
NONE = "'NoneType' object has no attribute 'predict'"


def judged(sources, error, text, outcomes=None):
    cells = [Cell(i, "", outcome) for i, outcome in enumerate(outcomes or [RAN] * (len(sources) - 1), 1)]
    return not_done(sources, len(sources) - 1, error, text, cells)


@pytest.mark.parametrize(
    ("sources", "error", "text"),
    [
        (["best = None\n" + BANNER, "best.predict(X)"], "AttributeError", NONE),
        (["best = None\n" + BANNER + "best.predict(X)"], "AttributeError", NONE),
        (["best = None\n# TODO: choose\nprint('%f' % best)"], "TypeError", "must be real number, not NoneType"),
        (["best = None\n# TODO: choose\nprint('%s' % best)", "best.predict(X)"], "AttributeError", NONE),
        ([BANNER, "solver.train()"], "NameError", "name 'solver' is not defined"),
        (["scores = {}\n" + BANNER + "for k in sorted(scores): print(k)", "for k in [1, 2]:\n    scores[k]"], "KeyError", "1"),
        (["scores = {}\n# TODO: fill", "max(scores)"], "ValueError", "max() iterable argument is empty"),
        (["x = 1", "from mine import f\nf()"], "NotImplementedError", ""),
    ],
)
def test_what_comes_of_an_open_todo_is_not_done_yet(sources, error, text):
    assert judged(sources, error, text)


def test_the_name_that_was_to_be_filled_is_told_before_others_of_its_cell():
    sources = ["found = {}\n" + BANNER + "for k in found:\n    accuracy = found[k]", "found[1]\nplt.title('accuracy')"]
    assert judged(sources, "KeyError", "1") == "found is not there yet, for the TODO of cell 1 is open"


def test_what_comes_of_what_is_not_done_is_not_done_either():
    sources = [BANNER + "solver = make(best)", "solver.train()"]
    assert judged(sources, "NameError", "name 'solver' is not defined", [NOT_DONE]) == "it needs solver of cell 1, which is not done yet"


@pytest.mark.parametrize(
    ("sources", "error", "text"),
    [
        (["best = None", "best.predict(X)"], "AttributeError", NONE),
        (["best = None\n# TODO: choose\nbest = 3\n# END OF YOUR CODE", "best.predict(X)"], "AttributeError", NONE),
        (["best = None\n" + BANNER, "1 / 0"], "ZeroDivisionError", "division by zero"),
        (["scores = {}\n" + BANNER, "other[1]"], "KeyError", "1"),
        (["best = None\n" + BANNER, "assert best_of(X) > 0"], "AssertionError", ""),
        (["x = 1", "y"], "NameError", "name 'y' is not defined"),
        (["x = f()", BANNER, "x"], "NameError", "name 'x' is not defined"),
    ],
)
def test_any_other_error_is_a_failure(sources, error, text):
    assert judged(sources, error, text) is None


def test_a_failure_names_the_cell_it_follows_from():
    cells = [Cell(1, "", FAILED)]
    assert follows(["x = f()", "x"], 1, "name 'x' is not defined", cells) == " (x is from cell 1, which failed)"
    assert follows(["z = f()", "x"], 1, "name 'x' is not defined", cells) == ""


def test_a_module_of_another_course_is_told_with_the_course():
    assert follows(["import cs231n"], 0, "No module named 'cs231n'", []) == " (the course cs231n has it: --as cs231n)"
    assert follows(["import x"], 0, "No module named 'torch'", []) == ""
    inner = "No module named 'keras.layers.convolutional'"
    assert follows(["from keras.layers.convolutional import MaxPooling2D"], 0, inner, []) == " (it is not in Layerwise's keras)"


def test_names_that_a_cell_binds():
    assert names_bound("import a.b, c as d\nfrom e import f\nx, (y, z) = 1, (2, 3)\ndef g(): pass\nfor i in x: pass\n!ls") == set(
        "adfxyzgi"
    )
    assert names_bound("x = = 1\ny = 2") == {"x", "y"}


def test_names_left_empty():
    assert left_empty("best = None\nresults = {}\n# TODO") == {"best", "results"}
    assert left_empty("best = None\nresults = {}\n# TODO\nresults[1] = 2\nbest = 1") == set()
    assert left_empty("best = None") == set()


def test_the_first_line_that_says_something():
    assert first_line("\n# words\nx = 1") == "x = 1"
    assert first_line("# only words") == "# only words"
    assert first_line("") == ""
