import pytest

from layerwise.jobs.kind import choice, number, options, text, texts, whole, wholes


@pytest.mark.parametrize(
    ("kind", "value", "result"),
    [
        (text(), " a b ", "a b"),
        (text(), 3, "3"),
        (choice("a", "b"), "b", "b"),
        (number(above=0), "1e-3", 1e-3),
        (number(least=0), 0, 0.0),
        (number(or_name=True), "he_normal", "he_normal"),
        (number(or_name=True), "0.5", 0.5),
        (whole(least=0), "12345678901234567890", 12345678901234567890),
        (whole(least=0), 1e3, 1000),
        (texts(), "a, b", ["a", "b"]),
        (texts(), ["a", 2], ["a", "2"]),
        (wholes(least=1), "100, 50", [100, 50]),
        (wholes(least=1), "[100, 50]", [100, 50]),
        (wholes(least=1), 7, [7]),
        (wholes(least=1), "", []),
        (options(), {"beta1": 0.5}, {"beta1": 0.5}),
    ],
)
def test_a_kind_reads_plain_values_and_texts(kind, value, result):
    read = kind(value)
    assert read == result
    assert type(read) is type(result)


@pytest.mark.parametrize(
    ("kind", "values", "needed"),
    [
        (text(), ["", " ", True, [1]], "some text"),
        (choice("class", "number"), ["klass"], '"class" or "number". Did you mean "class"?'),
        (choice("class", "number"), [None, 3], '"class" or "number".'),
        (number(), ["abc", "nan", "inf", True, None, []], "a number"),
        (number(above=0), [0, -1, "0"], "a number above 0"),
        (number(least=0, below=1), [1, -0.1], "a number from 0 to below 1"),
        (number(least=0, or_name=True), [-1, ""], "a number from 0 up, or a name"),
        (whole(least=1), [0, 1.5, "1.5", "x"], "a whole number from 1 up"),
        (texts(), ["a,,b", True], "texts with commas between them"),
        (wholes(least=1), ["100,,50", "0", -5, "a", [0]], "whole numbers from 1 up, with commas between them: 100,50"),
        (options(), [3, "a"], "options by name: --set rule_options.beta1=0.8"),
    ],
)
def test_a_kind_says_what_it_needs(kind, values, needed):
    for value in values:
        with pytest.raises(ValueError, match="^" + needed.replace("?", r"\?").replace(".", r"\.") + "$"):
            kind(value)
