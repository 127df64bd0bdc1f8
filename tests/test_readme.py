"""What the README shows runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
PYTHON = [code for kind, code in BLOCKS if kind == "python"]
COMMANDS = [line for kind, code in BLOCKS if kind == "sh" for line in code.splitlines() if line.startswith("layerwise ")]

IRIS = "length,width,species\n" + "".join(f"{5 + i % 3 / 10},{1 + i % 2},{'rose' if i % 2 else 'tulip'}\n" for i in range(60))


@pytest.mark.parametrize("code", PYTHON)
def test_python_blocks_run_and_print_what_their_comments_say(code: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = re.findall(r"print\(.*\)  # (\(?[\w,]+\)?)", code)
    assert done.stdout.splitlines()[: len(expected)] == expected


def test_commands_on_data_that_is_here_run(tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_text(IRIS)
    (tmp_path / "new_flowers.csv").write_text("length,width\n5.1,2\n")
    shutil.copytree(README.parent / "docs" / "examples", tmp_path / "docs" / "examples")
    ran = 0
    for command in COMMANDS:
        if "FOLDER" in command:  # needs MNIST
            continue
        words = command.replace("RUN", next((str(p) for p in tmp_path.glob("runs/*flowers*")), "RUN")).split()[1:]
        done = subprocess.run([sys.executable, "-m", "layerwise", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == (1 if "check" in words else 0), f"{command}\n{done.stderr}"  # 1: the file has a mistake
        ran += 1
    assert ran == 7


def test_the_picture_is_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README.read_text(encoding="utf-8")):
        assert (README.parent / target).exists(), target
