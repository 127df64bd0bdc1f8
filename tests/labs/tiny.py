"""A lab of a few seconds on the digits, which come with the package."""

from layerwise.labs.lab import Lab, Screen, Worksheet
from layerwise.storage.run_folder import RunFolder


def tiny(lab):
    lab.section("Training", "A softmax for one epoch.")
    run = lab.train("softmax", model="softmax", lr=0.1, epochs=1)
    lab.row("steps", run, "steps", published=11, goal="exactly 11")
    lab.row("test accuracy", run, "test_acc", published=0.5, goal="at least 0.1")
    sums(lab)


def sums(lab):
    lab.section("By hand", "Nothing is trained.")
    run = lab.record("sums", {"numbers": [1, 2]}, lambda notes: {"sum": 3, "note": notes.row(part=1)})
    lab.row("sum", run, "sum", published=3, goal="exactly 3", always=True)
    lab.row("parts", run, "count(part)")


TINY = Worksheet("tiny", "A tiny lab", "no worksheet", "digits", 1, tiny)
SUMS = Worksheet("tiny", "A lab that trains nothing", "no worksheet", "digits", 1, sums)


def run_tiny(path, sheet=TINY, quick=False, said=None):
    folder = RunFolder.create("tiny", path) if not path.exists() else RunFolder(path)
    folder.write_config({"lab": "tiny"})
    lab = Lab(sheet, folder, quick, screen=Screen(say=(said if said is not None else []).append))
    sheet.run(lab)
    lab.write()
    return lab
