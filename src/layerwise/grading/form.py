"""Verdicts in other people's formats: JUnit's XML for build servers, and Gradescope's results.json."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from typing import Any

from layerwise.grading.verdict import NOT_DONE, RIGHT, WRONG, Verdict

NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdicts: Sequence[Verdict], file: str, hint_level: int) -> str:
    """A test suite with a failure for each wrong function; what is not done is skipped.

    >>> print(junit([Verdict("sgd", "sgd", RIGHT)], "optim.py", 3))
    <?xml version="1.0" encoding="utf-8"?>
    <testsuites><testsuite name="optim.py" tests="1" failures="0" skipped="0" errors="0" time="0.000"><testcase ... /></testsuite></testsuites>
    """
    counts = {verdict: str(sum(v.verdict == verdict for v in verdicts)) for verdict in (RIGHT, WRONG, NOT_DONE)}
    seconds = f"{sum(v.seconds for v in verdicts):.3f}"
    everything = ElementTree.Element("testsuites")
    attributes = {"tests": str(len(verdicts)), "failures": counts[WRONG], "skipped": counts[NOT_DONE], "errors": "0", "time": seconds}
    suite = ElementTree.SubElement(everything, "testsuite", {"name": _clean(file), **attributes})
    for v in verdicts:
        case = ElementTree.SubElement(suite, "testcase", {"classname": _clean(file), "name": _clean(v.name), "time": f"{v.seconds:.3f}"})
        lines = [_clean(line) for line in v.told(hint_level)]
        if v.verdict != RIGHT:
            kind = "failure" if v.verdict == WRONG else "skipped"
            ElementTree.SubElement(case, kind, {"message": lines[0] if lines else v.verdict}).text = "\n".join(lines)
        elif lines:
            ElementTree.SubElement(case, "system-out").text = "\n".join(lines)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(everything, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return NOT_IN_XML.sub("\ufffd", text)


def gradescope(verdicts: Sequence[Verdict], hint_level: int) -> dict[str, Any]:
    """The content of results.json: one point for each function that is right.

    >>> gradescope([Verdict("sgd", "sgd", RIGHT)], 3)["tests"]
    [{'name': 'sgd', 'score': 1, 'max_score': 1, 'status': 'passed', 'output': 'right', 'visibility': 'visible'}]
    """
    tests = [
        {
            "name": v.name,
            "score": int(v.verdict == RIGHT),
            "max_score": 1,
            "status": "passed" if v.verdict == RIGHT else "failed",
            "output": "\n".join([v.verdict, *v.told(hint_level)]),
            "visibility": "visible",
        }
        for v in verdicts
    ]
    return {"score": sum(v.verdict == RIGHT for v in verdicts), "visibility": "visible", "tests": tests}
