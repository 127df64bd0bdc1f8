"""The page as text: complete, small, the same each time, asking for nothing, and with every text escaped."""

import json
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest
from tests.report.folder import SCRIPT, lab_folder, run_folder

from layerwise.jobs.report import commands_of
from layerwise.report.embed import pictures
from layerwise.report.page import classes, mistakes, page
from layerwise.report.record import Predictions, read_record

OWN = ("http://www.w3.org/2000/svg",)  # a name of a format, not an address that is asked


class Reader(HTMLParser):
    """Collects the texts by element, all attributes that could fetch something, and checks that elements are closed in order."""

    EMPTY = ("meta", "link", "img", "br", "input")

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.sources, self.scripts = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.sources += [value for name, value in attributes if name in ("src", "href", "action", "data", "poster")]
        assert not any(name.startswith("on") for name, _ in attributes)
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        (self.scripts if self.open[-1:] == ["script"] else self.texts).append(text)


def report(*folders):
    records = [read_record(folder) for folder in folders]
    return page(records, commands_of(records))


def words(text):
    return " ".join(" ".join(Reader(text).texts).split())


def test_a_runs_page_has_all_its_parts(tmp_path):
    text = report(run_folder(tmp_path, "drawn"))
    shown = words(text)
    for part in ("Run it again", "layerwise train digits", "--hidden 20", "Results", "test accuracy", "Learning curves", "Confusion",
                 "precision", "Mistakes", "taken for", "Layers over time", "Pictures", "All settings"):  # fmt: skip
        assert part in shown
    charts = json.loads(Reader(text).scripts[0])["charts"]
    assert [chart["title"] for chart in charts][:2] == ["Loss of the batches", "Accuracy after each epoch"]
    assert len(charts) == 5


def test_a_sweeps_page_has_its_settings_the_best_first(tmp_path):
    shown = words(report(run_folder(tmp_path, "sweep")))
    assert "layerwise sweep digits" in shown
    assert "--lr 0.01,0.1,1" in shown
    assert "chosen on validation lr = 1" in shown
    assert "6 (6 finished)" in shown


def test_a_comparison_names_the_settings_that_differ(tmp_path):
    shown = words(report(run_folder(tmp_path), run_folder(tmp_path, "softmax")))
    assert "Comparison of 2 runs" in shown
    assert re.search(r"run .*validation accuracy .*model .*hidden", shown)
    assert "softmax" in shown


def test_a_compared_sweep_shows_the_values_that_were_swept(tmp_path):
    shown = words(report(run_folder(tmp_path), run_folder(tmp_path, "sweep")))
    assert "0.01,0.1,1" in shown.partition("What came of the runs")[2].partition("Validation accuracy after each epoch")[0]


def test_a_labs_page_tells_its_story_and_a_quick_one_is_marked_in_the_title(tmp_path):
    lab = lab_folder(tmp_path)
    text = report(lab)
    assert "<title>QUICK: A tiny lab</title>" in text
    shown = words(text)
    assert "layerwise lab run tiny --quick" in shown
    assert "published goal measured verdict" in shown
    assert "train/metrics.jsonl, test_acc" in shown
    assert "QUICK" not in words(report(lab_folder(tmp_path / "full", quick=False)))


@pytest.mark.parametrize("kind", ["drawn", "sweep", "lab", "both"])
def test_a_page_asks_for_nothing_and_is_the_same_each_time(tmp_path, kind):
    if kind == "lab":
        folders = [lab_folder(tmp_path)]
    else:
        folders = [run_folder(tmp_path, one) for one in (("train", "sweep") if kind == "both" else (kind,))]
    text = report(*folders)
    assert text == report(*folders)
    reader = Reader(text)
    assert all(source.startswith(("data:", "#")) for source in reader.sources)
    assert [address for address in re.findall(r"https?://[^\"'\s)]+", text) if address not in OWN] == []
    assert "default-src 'none'" in text
    assert len(text) < 1_000_000


@pytest.mark.parametrize("name", ["<script>", "a&b 'c' \"d\"", "</script><script>"])
def test_names_are_text_wherever_they_come_from(tmp_path, name):
    folder = tmp_path / name.replace("/", "\N{DIVISION SLASH}")
    shutil.copytree(run_folder(tmp_path, "sweep"), folder)
    config = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(config.replace('data = "digits"', f"data = '''{SCRIPT}{name}'''"), encoding="utf-8")
    trials = (folder / "trials.jsonl").read_text(encoding="utf-8").replace('"reg"', json.dumps(f"{SCRIPT}{name}"))
    (folder / "trials.jsonl").write_text(trials, encoding="utf-8")
    text = report(folder)
    reader = Reader(text)
    assert len(reader.scripts) == 2  # the data and our own
    assert folder.name in reader.texts
    assert SCRIPT not in text


def test_a_labs_texts_and_pictures_cannot_run_anything(tmp_path):
    text = report(lab_folder(tmp_path))
    assert SCRIPT in words(text)
    assert "<script>document" not in text
    assert "alert(1)" not in text  # the picture's own script is within a data address, where it never runs


def test_the_lines_of_a_proof_stay_lines(tmp_path):
    lab = lab_folder(tmp_path)
    content = json.loads((lab / "lab.json").read_text())
    content["sections"][1]["text"] = "It needs\n  b < 0\x1b\n  w + b >= 0"
    (lab / "lab.json").write_text(json.dumps(content))
    assert "It needs\nb < 0\N{REPLACEMENT CHARACTER}\nw + b >= 0" in Reader(report(lab)).texts


def test_pictures_are_the_smaller_of_two_forms_until_there_is_no_room(tmp_path):
    (tmp_path / "a.svg").write_bytes(b"s" * 90)
    (tmp_path / "a.png").write_bytes(b"p" * 30)
    (tmp_path / "b_c.svg").write_bytes(b"s" * 300)
    first, second = pictures([tmp_path / "a", tmp_path / "b_c", tmp_path / "none"], room=100)
    assert first.source.startswith("data:image/png;base64,")
    assert second == ("b c", "")


def test_precision_and_recall_are_those_of_the_matrix():
    found = classes(Predictions("val", ["a", "b"], np.array([[3, 1], [2, 4]]), [], None))
    assert found["scores"] == [("a", "0.600", "0.750", "0.667", "4"), ("b", "0.800", "0.667", "0.727", "6")]
    assert (found["right"], found["examples"], found["part"]) == (7, 10, "validation")


def test_of_many_classes_the_most_confused_are_told():
    matrix = np.eye(60, dtype=int) * 9
    matrix[7, 5], matrix[5, 7] = 4, 2
    found = classes(Predictions("test", [f"k{i}" for i in range(60)], matrix, [], None))
    assert found["matrix"] == []
    assert found["pairs"] == [("k7", "k5", 4), ("k5", "k7", 2)]
    assert (len(found["scores"]), found["left_out"]) == (20, 40)
    assert {name for name, *_ in found["scores"][:2]} == {"k5", "k7"}


def test_without_examples_nothing_is_divided_by_zero():
    assert classes(Predictions("test", ["a"], np.zeros((1, 1), int), [], None))["scores"] == [("a", "0.000", "0.000", "0.000", "0")]


def test_of_many_mistakes_as_many_of_each_class_are_shown():
    found = [{"index": 10 * k + i, "true": 0, "predicted": k} for k in (1, 2, 3) for i in range(8)]
    shown = mistakes(Predictions("test", list("abcd"), np.zeros((4, 4), int), found, None), most=10)
    assert [(group["thought"], [one["index"] for one in group["examples"]]) for group in shown] == [
        ("b", [10, 11, 12]),
        ("c", [20, 21, 22]),
        ("d", [30, 31, 32]),
    ]
