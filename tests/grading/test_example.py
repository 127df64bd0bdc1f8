"""The session in the documentation is what really happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "check.md", ROOT / "README.md"]
SESSIONS = [
    block for page in PAGES for block in re.findall(r"```console\n(\$ layerwise check .*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize("session", sorted(set(SESSIONS)), ids=lambda session: session.splitlines()[0])
def test_a_session_prints_what_the_page_says(session):
    command, _, printed = session.partition("\n")
    words = command.split()[2:]
    done = subprocess.run([sys.executable, "-m", "layerwise", *words], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert _without_digits(done.stdout) == _without_digits(printed)
    assert done.returncode == ("wrong" in printed)
    assert done.stderr == ""


def _without_digits(text: str) -> str:
    """The last places of numbers differ between machines."""
    return re.sub(r"\d[\d.e+-]*", "0", text)


def test_the_page_has_sessions():
    assert len(set(SESSIONS)) >= 3
