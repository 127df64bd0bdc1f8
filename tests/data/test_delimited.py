import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.data.delimited import column_names, read_table
from layerwise.errors import DataError

IRIS = "length,width,species\n5.1,3.5,setosa\n4.9,3,setosa\n7,3.2,versicolor\n6.4,3.2,versicolor\n"


def read(tmp_path, text, label=None, **options):
    path = tmp_path / "tabelle mit ü.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path, label, **options)


def refused(tmp_path, text, message, label="y", **options):
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, text, label, **options)
    assert "tabelle mit ü.csv" in str(caught.value)


def check_iris(table):
    np.testing.assert_array_equal(table.X, [[5.1, 3.5], [4.9, 3], [7, 3.2], [6.4, 3.2]])
    assert table.y.tolist() == [0, 0, 1, 1]
    assert table.class_names == ("setosa", "versicolor")


@pytest.mark.parametrize("label", ["species", 2, "2", -1, "-1"])
def test_the_label_is_named_or_counted(tmp_path, label):
    table = read(tmp_path, IRIS, label)
    check_iris(table)
    assert table.feature_names == ["length", "width"]


VARIANTS = {
    "byte order mark": b"\xef\xbb\xbf" + IRIS.encode(),
    "CRLF": IRIS.replace("\n", "\r\n"),
    "old Mac line ends": IRIS.replace("\n", "\r"),
    "semicolons": IRIS.replace(",", ";"),
    "decimal commas": IRIS.replace(",", ";").replace(".", ","),
    "tabs": IRIS.replace(",", "\t"),
    "bars": IRIS.replace(",", "|"),
    "spaces": IRIS.replace(",", ", "),
    "quoted": '"' + IRIS.strip().replace(",", '","').replace("\n", '"\n"') + '"\n',
    "blank lines": "\n" + IRIS.replace("\n", "\n\n"),
    "no line end": IRIS.strip(),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_way_of_writing_the_table_gives_the_same(tmp_path, variant):
    check_iris(read(tmp_path, VARIANTS[variant], "species"))


def test_without_a_header_columns_are_counted(tmp_path):
    table = read(tmp_path, IRIS.partition("\n")[2], -1)
    check_iris(table)
    assert table.feature_names == ["column 0", "column 1"]


def test_a_header_of_numbers_is_a_header_if_it_names_the_label_or_the_caller_says(tmp_path):
    text = "2020,2021\n1,0\n2,0\n3,1\n4,1\n"
    assert read(tmp_path, text, "2021").X[:, 0].tolist() == [1, 2, 3, 4]
    assert read(tmp_path, text, -1, header=True).feature_names == ["2020"]
    refused(tmp_path, text, "only example of its class", -1)


def test_a_quoted_field_keeps_its_delimiter_and_its_line_end(tmp_path):
    table = read(tmp_path, 'x,y\n1,"a,\nb"\n2,"a,\nb"\n3,c\n4,c\n', "y")
    assert table.class_names == ("a,\nb", "c")
    refused(tmp_path, 'x,y\n1,"a,\nb"\n2,"a,\nb"\n3,c\n4,c\noh,c\n', r'line 8, column "x": "oh" is not a finite number')


def test_texts_become_one_feature_per_level_in_sorted_order(tmp_path):
    table = read(tmp_path, "colour,size,y\nred,1,0\nblue,2,1\nred,3,0\n,4,1\n", "y")
    assert table.feature_names == ["colour=blue", "colour=red", "colour=(missing)", "size"]
    np.testing.assert_array_equal(table.X, [[0, 1, 0, 1], [1, 0, 0, 2], [0, 1, 0, 3], [0, 0, 1, 4]])


@pytest.mark.parametrize("mark", ["", "?", "NA", "nan", "NULL", "None"])
def test_a_missing_number_takes_the_mean_of_the_training_rows_alone(tmp_path, mark):
    table = read(tmp_path, f"x,y\n1,0\n3,0\n{mark},1\n100,1\n", "y")
    assert np.isnan(table.X[2, 0])
    filled = table.fill(np.array([0, 1, 2]))
    assert filled.X[:, 0].tolist() == [1, 3, 2, 100]
    assert filled.columns[0].fill == 2
    assert table.notes == ('missing numbers take their column\'s mean over the training examples: 1 in "x"',)
    assert filled.notes == ()
    assert np.isnan(table.X[2, 0])


def test_a_note_on_missing_numbers_names_the_first_columns_and_counts_the_rest(tmp_path):
    lines = [",".join([*(f"c{k}" for k in range(8)), "y"]), *(",".join([str(k)] * 8 + [str(k % 2)]) for k in range(4)), "," * 8 + "1"]
    table = read(tmp_path, "\n".join(lines), "y")
    assert table.notes[0].endswith('1 in "c0", 1 in "c1", 1 in "c2", 1 in "c3", 1 in "c4" and in 3 more columns')


def test_a_later_file_is_encoded_as_the_first_was_whatever_its_order_of_columns(tmp_path):
    columns = read(tmp_path, "c,x,y\nred,1,0\nblue,3,1\nred,1,0\nblue,3,1\n", "y").fill(np.arange(4)).columns
    later = read(tmp_path, "extra,x,c\n7,,blue\n8,5,red\n", columns=columns).fill()
    np.testing.assert_array_equal(later.X, [[1, 0, 2], [0, 1, 5]])
    assert later.y is None
    with pytest.raises(DataError, match=r'line 2, column "c": "green" was not among the training data\. Known: blue, red'):
        read(tmp_path, "x,c\n1,green\n", columns=columns)
    with pytest.raises(DataError, match='has no column "c"'):
        read(tmp_path, "x,z\n1,green\n", columns=columns)


def test_whole_number_labels_sort_as_numbers(tmp_path):
    table = read(tmp_path, "x,y\n1,10\n2,9\n3,9.0\n4,10\n5,-1\n6,-1\n", "y")
    assert table.class_names == ("-1", "9", "10")
    assert table.y.tolist() == [2, 1, 1, 2, 0, 0]


def test_a_target_that_is_a_number_stays_one(tmp_path):
    table = read(tmp_path, "x,y\n1,0.5\n2,-1e3\n", "y", target="number")
    assert (table.y.tolist(), table.class_names) == ([0.5, -1000.0], None)
    refused(tmp_path, "x,y\n1,0.5\n2,\n", r'line 3, column "y": "" is not a finite number, as a label must be', target="number")


def test_a_column_may_be_ignored(tmp_path):
    assert read(tmp_path, IRIS, "species", ignore=["width"]).feature_names == ["length"]


LONG_TEXTS = "name,y\n" + "".join(f"person {i},{i % 2}\n" for i in range(300))
REFUSED = {
    "empty": ("", "is empty"),
    "blank": ("\n\n", "is empty"),
    "header alone": ("x,y\n", "no rows below"),
    "one column": ("y\n1\n1\n2\n2\n", "no column to learn from besides the label"),
    "label not found": ("x,yy\n1,2\n", r'has no column "y"\. Did you mean "yy"\? Known: x, yy'),
    "a field too few": ("x,y\n1,2\n3\n", "line 3: has 1 fields, but the first line has 2"),
    "a field too many": ("x,y\n1,2\n3,4,5\n", "line 3: has 3 fields"),
    "a name twice": ("x,x,y\n1,2,3\n", 'line 1: 2 columns are called "x"'),
    "a slip in a number": ("x,y\n1,0\n2,0\n3o,1\n4,1\n", r'line 4, column "x": "3o" is not a finite number'),
    "an underscore": ("x,y\n1,0\n2,0\n3_0,1\n4,1\n", r'line 4, column "x": "3_0"'),
    "infinity": ("x,y\n1,0\n-inf,0\n3,1\n4,1\n", r'line 3, column "x": "-inf" is not a finite number'),
    "overflow": ("x,y\n1,0\n1e999,0\n3,1\n4,1\n", r'line 3, column "x": "1e999" is not a finite number'),
    "an empty column": ("x,z,y\n1,,0\n2,,0\n3,,1\n4,,1\n", 'column "z" is empty'),
    "a missing label": ("x,y\n1,a\n2,\n3,a\n", 'line 3, column "y": the label is missing'),
    "one class": ("x,y\n1,a\n2,a\n", 'every label is "a"'),
    "a class with one example": ("x,y\n1,a\n2,b\n3,a\n", 'line 3, column "y": "b" is the only example of its class'),
    "labels that are numbers": ("x,y\n1,0.5\n2,1.5\n", 'target="number"'),
    "a name for each row": (LONG_TEXTS, 'column "name" has 300 different texts in 300 rows'),
    "an open quote": ('x,y\n1,"a\n2,b\n', "Is a quote left open"),
    "latin-1": ("x,y\n1,ä\n".encode("latin-1"), "is not UTF-8 text"),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not UTF-8 text"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_told_with_file_line_and_column(tmp_path, case):
    refused(tmp_path, *REFUSED[case])


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.csv: cannot be read"):
        read_table(tmp_path / "nowhere.csv", "y")


def test_an_unknown_target_is_refused(tmp_path):
    with pytest.raises(ValueError, match='"class" or "number"'):
        read(tmp_path, IRIS, "species", target="klass")


@given(
    rows=st.lists(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
)
def test_numbers_come_back_to_the_bit(rows, delimiter, tmp_path_factory):
    text = "\n".join(delimiter.join(map(repr, row)) for row in [["a", "b", "c"], *rows]).replace("'", "")
    path = tmp_path_factory.mktemp("table") / "t.csv"
    path.write_text(text)
    np.testing.assert_array_equal(read_table(path).X, rows)


CELLS = ["1", "-2.5e3", " 7 ", "nan", "", "?", "1_0", "٣", "inf", "a", '"b"', '"c, d"', '"e""f"', '"line\nend"', "x y"]


@given(
    rows=st.lists(st.lists(st.sampled_from(CELLS), min_size=3, max_size=3), min_size=1, max_size=12),
    numbers=st.integers(0, 9),
    chunk=st.sampled_from([1, 40, 200]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_read_in_pieces_it_is_what_it_is_as_a_whole(rows, numbers, chunk, end, tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "t.csv"
    lines = ['"a\nb",c,d', *(["1,2,3"] * numbers), *map(",".join, rows)]
    path.write_bytes(end.join(lines).encode())

    def outcome():
        try:
            table = read_table(path, "c", target="class")
        except DataError as error:
            return str(error)
        return table.X.tobytes(), table.y.tolist(), table.class_names, table.columns

    whole = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("layerwise.data.delimited.CHUNK", chunk)
        assert outcome() == whole


def test_numbers_parsed_at_once_are_those_of_the_field_by_field_reader(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, 4)) * 10.0 ** rng.integers(-300, 300, (50, 4))
    text = "a,b,c,d\n" + "\n".join(",".join(map(repr, row)) for row in values.tolist())
    fast = read(tmp_path, text).X
    monkeypatch.setattr("layerwise.data.delimited._Piece._at_once", lambda *_: None)
    np.testing.assert_array_equal(read(tmp_path, text).X, fast)
    np.testing.assert_array_equal(fast, values)


@pytest.mark.parametrize("cell", ["3_0", "٣", "0x1f", "1e", "--1", "1 2", "1;2", "(3)", "1d5"])
def test_what_only_resembles_a_number_is_refused_wherever_it_stands(tmp_path, cell):
    for row in (1, 5):
        lines = [f"{k},{k % 2}" for k in range(8)]
        lines[row] = f"{cell},{row % 2}"
        refused(tmp_path, "x,y\n" + "\n".join(lines), f'line {row + 2}, column "x": "{re.escape(cell)}" is not a finite number')


def test_texts_that_come_late_in_a_long_file_are_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.data.delimited.CHUNK", 20)
    rows = [f"{k},{k},{k % 2}" for k in range(10)] + [f"red,{k},{k % 2}" for k in range(30)]
    table = read(tmp_path, "id,n,y\n" + "\n".join(rows), "y")
    assert table.columns[0].levels == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "red")
    assert table.X[:, 10].sum() == 30
    np.testing.assert_array_equal(table.X[:, 11], [*range(10), *range(30)])


def test_the_names_of_columns_are_read_without_the_rest(tmp_path):
    (tmp_path / "t.csv").write_bytes(b'"a",b,\n' + b"1,2,3\n" * 99999 + b"\xff")
    assert column_names(tmp_path / "t.csv") == ["a", "b", "column 2"]
    assert column_names(tmp_path / "t.csv", header=False) == ["column 0", "column 1", "column 2"]


def test_a_table_of_pixels_takes_little_more_than_two_floats_per_field(tmp_path):
    rng = np.random.default_rng(0)
    lines = [",".join(map(str, row)) for row in rng.integers(0, 256, (400, 500))]
    (tmp_path / "pixels.csv").write_text("\n".join(lines))
    tracemalloc.start()
    read_table(tmp_path / "pixels.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400 * 500 * 25
