"""What the pages under docs/ show runs: each Python block by itself, and the commands of a page one after the other."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.courses.sheet import write_notebook
from tests.data.files import write_mnist

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("*.md"))


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def data_page(folder: Path) -> None:
    """The files that docs/data.md speaks of; those of MNIST lie where they are kept once they are fetched."""
    write_mnist(folder / "cache" / "mnist", num_train=600, num_test=100)
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (folder / "photos" / name).mkdir(parents=True)
        for k in range(20):
            Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(folder / "photos" / name / f"{k}.png")
    lines = [f"{5 + i % 7 / 10},{1 + i % 2},{'rose' if i % 2 else 'tulip'}" for i in range(60)]
    (folder / "flowers.csv").write_text("\n".join(["length,width,species", *lines]) + "\n")
    np.savez(folder / "faces.npz", X=rng.integers(0, 256, (60, 8, 8), dtype=np.uint8), y=np.arange(60) % 3)


def courses_page(folder: Path) -> None:
    """The notebook that docs/courses.md speaks of, and a learner's folder beside it."""
    cells = [
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "import numpy as np\nfrom gradient_check import check_gradient\nfrom linear_classifer import softmax, cross_entropy_loss",
        "def square(x):\n    return float(x * x), 2 * x\n\nassert check_gradient(square, np.array([3.0]))\n# TODO: now find the best classifier",
        "best.predict(X)",
    ]
    write_notebook(folder / "sheet.ipynb", cells)
    (folder / "solution").mkdir()
    mine = "import numpy as np\n\ndef softmax(z):\n    e = np.exp(z)\n    return e / e.sum(-1)\n"
    mine += "\ndef cross_entropy_loss(probs, target_index):\n    raise Exception('Not implemented!')\n"
    (folder / "solution" / "linear_classifer.py").write_text(mine)


FILES: dict[str, Callable[[Path], None]] = {"data.md": data_page, "courses.md": courses_page}


@pytest.fixture
def prepared(tmp_path: Path) -> Callable[[Path], Path]:
    """A folder with the files that a page speaks of."""

    def prepare(page: Path) -> Path:
        if page.name in FILES:
            FILES[page.name](tmp_path)
        return tmp_path

    return prepare


def run(folder: Path, *arguments: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAYERWISE_")}
    offline = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9") | {"no_proxy": "", "NO_PROXY": ""}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**kept, **offline, "LAYERWISE_CACHE": str(folder / "cache")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{shlex.join(arguments)}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(("page", "code"), [pytest.param(page, code, id=page.name) for page in PAGES for code in blocks(page, "python")])
def test_python_blocks_run_and_print_what_their_comments_say(page: Path, code: str, prepared: Callable[[Path], Path]) -> None:
    printed = run(prepared(page), "-W", "error", "-c", code).splitlines()
    expected = re.findall(r"print\(.*\)  # (.+)", code)
    assert printed[: len(expected)] == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_run_one_after_the_other(page: Path, prepared: Callable[[Path], Path]) -> None:
    folder = prepared(page)
    for line in "".join(blocks(page, "sh")).splitlines():
        if line.startswith("layerwise "):
            latest = max((path.name for path in folder.glob("runs/*")), default="RUN")
            run(folder, "-m", "layerwise", *(f"runs/{latest}" if word == "RUN" else word for word in shlex.split(line)[1:]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_page_on_courses_names_every_course_and_what_it_is() -> None:
    from layerwise.courses import COURSES

    text = (DOCS / "courses.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in text and f"`{row.packages[0]}`" in text for name, row in COURSES.items())


def test_the_page_on_data_names_every_set_and_every_random_change() -> None:
    from layerwise.data import AUGMENTATIONS, DATASETS

    text = (DOCS / "data.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in text for name in [*DATASETS, *AUGMENTATIONS])
    assert all(known.licence in text for known in DATASETS.values())
