"""How a download shows itself: lines, a bar on a terminal, or nothing."""

import os
import subprocess
import sys

import pytest
from tests.cli.command import environment

from layerwise.cli.download import DownloadProgress

STEPS = (("images.gz", 0, 2_000_000), ("images.gz", 1_000_000, 2_000_000), ("labels.gz", 10, None), ("images.gz", 2_000_000, 2_000_000))


def test_off_a_terminal_each_file_has_one_line(capsys):
    with DownloadProgress(hidden=False) as progress:
        for step in STEPS:
            progress(*step)
    assert capsys.readouterr().out == "fetching images.gz (2.0 MB)\nfetching labels.gz\n"


def test_nothing_is_shown_where_it_is_not_wanted(capsys):
    with DownloadProgress(hidden=True) as progress:
        assert progress is None
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_terminal_shows_a_bar_for_each_file():
    import pty

    program = f"from layerwise.cli.download import DownloadProgress\nwith DownloadProgress(hidden=False) as p:\n [p(*s) for s in {STEPS}]"
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", program], env=environment(TERM="xterm"), stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux's way to say that the other end is closed
        pass
    os.close(ours)
    assert process.wait(60) == 0
    assert b"images.gz" in shown
    assert b"2.0/2.0 MB" in shown
    assert b"labels.gz" in shown
    assert "━".encode() in shown
