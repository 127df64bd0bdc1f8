"""Small notebooks in the style of the courses', kept as text: cells between lines that begin with "# %%"."""

import json
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "notebooks"
EXPECTED = json.loads((Path(__file__).parents[1] / "expected.json").read_text(encoding="utf-8"))
SEEDS = {"cs231n": 231, "cse493g1": 493}


def cells(name, package=""):
    """The cells' text, for a course whose package has this name: PKG, SEED and EXPECTED are filled in."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    if package:
        text = text.replace("PKG", package).replace("SEED", str(SEEDS[package]))
    text = re.sub(r"EXPECTED\[\"(\w+)\"\]", lambda found: json.dumps(EXPECTED[found[1]]), text)
    return [cell.partition("\n")[2] for cell in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]]
