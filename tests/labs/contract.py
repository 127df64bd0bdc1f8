"""What every lab's folder must hold: a function that lists what is amiss."""

from layerwise.labs.compare import compare
from layerwise.labs.goal import QUICK, VERDICTS
from layerwise.labs.lab import done, read_lab

KEYS = {"name", "published", "goal", "run", "file", "field", "measured", "verdict"}


def amiss(folder):
    """Sentences, one per broken promise; none for a lab that keeps them all."""
    lab = read_lab(folder)
    found = []
    for section in lab["sections"]:
        if not section["text"] or not (section["rows"] or section["figures"]):
            found.append(f"{section['title']}: tells or shows nothing")
        found += [f"{run}: not complete" for run in section["runs"] if not done(folder / run)]
        found += [f"{run}: has no settings" for run in section["runs"] if not (folder / run / "config.toml").is_file()]
        found += [f"{figure}: is not there" for figure in section["figures"] if not (folder / figure).is_file()]
        for row in section["rows"]:
            if KEYS - row.keys():
                found.append(f"{row['name']}: lacks {KEYS - row.keys()}")
            if row["verdict"] not in VERDICTS or (row["verdict"] == QUICK) != (lab["quick"] and not row["always"]):
                found.append(f"{row['name']}: a verdict {row['verdict']} in a {'quick' if lab['quick'] else 'full'} run")
            if row["run"] not in section["runs"]:
                found.append(f"{row['name']}: read from {row['run']}, which is no run of its section")
    found += [f"{row['name']}: reads differently now" for row in compare(folder) if row["changed"]]
    names = [row["name"] for section in lab["sections"] for row in section["rows"]]
    return found + [f"{name}: named twice" for name in {*names} if names.count(name) > 1]
