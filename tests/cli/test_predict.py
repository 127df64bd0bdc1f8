"""`layerwise predict`, as a newcomer runs it on files of one's own."""

import csv
import json

import numpy as np
import pytest
from PIL import Image
from tests.cli.command import QUICK, layerwise, write_digits, write_insects, write_prices, write_rows

from layerwise.data import load_digits


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Runs on digits, insects and prices, in a folder whose name has a space and letters beyond ASCII."""
    folder = tmp_path_factory.mktemp("mein Ordner 数")
    write_insects(folder / "insects.csv")
    write_prices(folder / "prices.csv")
    quick = ("--no-figures", "--quiet", "--epochs", "30", "--output")
    layerwise("train", "digits", *quick, "digits run", folder=folder)
    layerwise("train", "insects.csv", "--label", "kind", *quick, "insects", folder=folder)
    layerwise("train", "prices.csv", "--label", "price", "--target", "number", *quick, "prices", folder=folder)
    return folder


@pytest.fixture(scope="module")
def pictures(place):
    """Twelve digits as PNG files of 80 × 80 pixels, a file that is broken and one that is no image; gives their labels."""
    data = load_digits()
    (place / "pictures").mkdir()
    for i in range(12):
        large = np.asarray(data.X_test[i])[0].repeat(10, 0).repeat(10, 1) * 15
        Image.fromarray(large.astype(np.uint8)).save(place / "pictures" / f"digit {i:02d}.png")
    (place / "pictures" / "broken.png").write_bytes(b"\x89PNG")
    (place / "pictures" / "notes.txt").write_text("mine")
    return data.y_test[:12]


def test_a_folder_of_images_gets_a_line_each_and_a_broken_one_is_told(place, pictures):
    out, err = layerwise("predict", "digits run", "pictures", folder=place)
    rows = [line.split("  ") for line in out.splitlines() if line.strip().startswith("digit")]
    assert [row[1].strip() for row in rows] == [f"digit {i:02d}.png" for i in range(12)]
    assert np.mean([int([cell for cell in row if cell.strip()][1]) for row in rows] == pictures) > 0.8
    assert "Note: pictures: 1 file with other endings left out" in out
    assert "Note: stretched to the model's 8 × 8 pixels: digit 00.png (80 × 80)" in out
    assert err == f"layerwise: {place.joinpath('pictures/broken.png').relative_to(place)}: is not an image, or of a kind that is not read\n"


def test_nothing_but_broken_images_is_an_error(place, pictures):
    out, err = layerwise("predict", "digits run", "pictures/broken.png", folder=place, code=3)
    assert out == ""
    assert "broken.png: is not an image" in err


def test_known_answers_are_compared_and_a_long_list_is_cut(place):
    _, y = write_digits(place / "some.npz")
    out, _ = layerwise("predict", "digits run", "some.npz", "--top", "2", folder=place)
    lines = out.splitlines()
    assert lines[1].split() == ["name", "class", "probability", "then", "label"]
    assert sum(line.strip().startswith("row") for line in lines) == 20
    assert f"… and {len(y) - 20} more (all with --json or --output FILE.csv)" in lines
    assert float(lines[-1].removeprefix("accuracy: ")) > 0.85


def test_json_holds_every_example_and_nothing_else_is_printed(place):
    _, y = write_digits(place / "some.npz")
    out, err = layerwise("predict", "digits run", "some.npz", "--json", folder=place)
    found = json.loads(out)
    assert err == ""
    assert found["examples"] == len(found["predictions"]) == len(y)
    first = found["predictions"][0]
    assert first["name"] == "row 1"
    assert first["label"] == str(y[0])
    assert [first["class"], first["probability"]] == list(first["top"][0].values())
    assert len(first["top"]) == 3
    right = np.mean([row["class"] == row["label"] for row in found["predictions"]])
    assert found["accuracy"] == right


def test_a_csv_file_holds_every_example_with_every_class(place):
    X, y = write_digits(place / "some.npz")
    layerwise("predict", "digits run", "some.npz", "--output", "out ü.csv", "--quiet", folder=place)
    with (place / "out ü.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["name", "class", "probability", *(f"probability of {k}" for k in range(10)), "label"]
    assert len(rows) == 1 + len(X)
    figures = np.array([row[3:13] for row in rows[1:]], np.float64)
    np.testing.assert_allclose(figures.sum(axis=1), 1, rtol=1e-5)
    assert [row[1] for row in rows[1:]] == [str(k) for k in figures.argmax(axis=1)]
    assert [row[-1] for row in rows[1:]] == [str(k) for k in y]
    _, err = layerwise("predict", "digits run", "some.npz", "--output", "out ü.csv", folder=place, code=3)
    assert "out ü.csv is there already. Name another file, or replace it with --overwrite." in err
    layerwise("predict", "digits run", "some.npz", "--output", "out ü.csv", "--overwrite", "-q", folder=place)


def test_a_table_is_read_by_the_names_of_its_columns_with_or_without_the_answers(place):
    write_rows(place / "new.csv", [["width", "note", "colour", "length"], ["-4", "x", "red", "8"], ["0", "y", "blue", ""]])
    out, _ = layerwise("predict", "insects", "new.csv", "--top", "1", folder=place)
    assert next(line.split()[:3] for line in out.splitlines() if line.strip().startswith("row")) == ["row", "1", "cat"]
    assert "label" not in out
    out, _ = layerwise("predict", "insects/model", "insects.csv", folder=place)  # a model's stem will do for a run
    assert float(out.splitlines()[-1].removeprefix("accuracy: ")) > 0.9


def test_numbers_are_predicted_in_their_own_units(place):
    out, _ = layerwise("predict", "prices", "prices.csv", "--json", folder=place)
    found = json.loads(out)
    assert found["r2"] > 0.95
    assert 2000 < found["rmse"] < 20_000
    assert abs(found["predictions"][0]["value"] - found["predictions"][0]["label"]) < 30_000


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["nothing", "prices.csv"], 3, "nothing: there is no run and no model here. Give the folder that `layerwise train` named."),
        (["insects", "gone.csv"], 3, "gone.csv: there is no such file or folder."),
        (["insects", "insect.csv"], 3, 'Did you mean "insects.csv"?'),
        (["insects", "prices.csv"], 3, 'has no column "length", which the model was trained on. Known: area, price, rooms.'),
        (["digits run", "prices.csv"], 3, "the model was not trained on a table, but on examples of shape (1, 8, 8)"),
        (["insects", "prices.csv", "insects.csv"], 2, "only images can be several"),
        (["insects", "insects.csv", "--invert"], 2, "--invert is for image files"),
        (["insects", "insects.csv", "--label", "kin"], 3, 'has no column "kin". Did you mean "kind"?'),
        (["insects", "insects.csv", "--overwrite"], 2, "--overwrite has no effect without --output FILE.csv"),
        (["insects", "insects.csv", "--output", "."], 2, "is a folder. Name a file, such as predictions.csv"),
    ],
)
def test_what_cannot_be_predicted_is_told_in_a_sentence(place, arguments, code, text):
    out, err = layerwise("predict", *arguments, folder=place, code=code)
    assert out == ""
    assert text in err
    assert len(err.splitlines()) == 1


def test_a_run_without_a_model_says_how_to_go_on(place):
    layerwise(*QUICK, "--quiet", "--output", "half", folder=place)
    (place / "half" / "model.json").unlink()
    _, err = layerwise("predict", "half", "prices.csv", folder=place, code=3)
    assert "half: this run has no model yet. Go on with it: layerwise train --resume half" in err


def test_a_folder_of_several_runs_says_which_there_are(place):
    layerwise(*QUICK, "--quiet", "--output", "lab/small", folder=place)
    _, err = layerwise("predict", "lab", "prices.csv", folder=place, code=3)
    assert err == "layerwise: lab: holds several runs, each with a model of its own: name one of small in it.\n"
