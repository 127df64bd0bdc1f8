"""The courses, by the names that --as takes: the folder that goes first on the path, and what their notebooks expect around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from layerwise.errors import look_up

ROOM = Path(__file__).parent


@dataclass(frozen=True)
class Overlay:
    """What one assignment has otherwise: a folder that goes before the course's own, and names that only its notebooks use."""

    folder: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """One course as data.

    title       for people
    folder      below courses/; it goes first on the path
    packages    what can then be imported: top-level packages and modules
    datasets    data set -> the paths by which notebooks call its folder, seen from the notebook
    overlays    assignment -> what it has otherwise
    given       modules that come with the course, and need more than Python: they are ours whatever a learner has
    by_method   classes that keep nothing but what their course says: of these, single methods may be the learner's
    shared      package -> the folder below courses/ whose files it has, where that is not its own
    """

    title: str
    folder: str
    packages: tuple[str, ...]
    datasets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    overlays: Mapping[int, Overlay] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    by_method: tuple[str, ...] = ()
    shared: Mapping[str, str] = field(default_factory=dict)

    def folders(self, assignment: int | None = None) -> list[Path]:
        """What goes on the path, first to last; a ValueError for an assignment that the course has not."""
        if assignment is not None and assignment < 1:
            raise ValueError(f"{self.title}: there is no assignment {assignment}; they are counted from 1")
        overlay = self.overlays.get(assignment or 0)
        return [*([ROOM / overlay.folder] if overlay else []), ROOM / self.folder]

    def homes(self, folder: Path, package: str) -> list[Path]:
        """Where a package's files are: in the folder, and where that is one of ours, in that of the course it shares them with."""
        shared = [ROOM / self.shared[package]] if package in self.shared and folder in self.folders() else []
        return [folder / package, *shared]

    def assignment_of(self, text: str) -> int | None:
        """The assignment whose own names are in a notebook's text; None where no overlay is called for."""
        return next((number for number, one in self.overlays.items() if any(mark in text for mark in one.marks)), None)


GIVEN = ("data_utils", "fast_layers", "features", "gradient_check", "im2col", "im2col_cython", "setup", "solver", "vis_utils")
BY_METHOD = ("KNearestNeighbor", "LinearClassifier")

COURSES: dict[str, Course] = {
    "cs231n": Course(
        title="Stanford CS231n, assignments 1 and 2, 2018 to 2026",
        folder="cs231n",
        packages=("cs231n",),
        datasets={"cifar10": ("cs231n/datasets/cifar-10-batches-py",)},
        given=GIVEN,
        by_method=BY_METHOD,
    ),
    "cse493g1": Course(
        title="UW CSE493G1, assignments 1 to 3",
        folder="cse493g1",
        packages=("cse493g1",),
        datasets={"cifar10": ("cse493g1/datasets/cifar-10-batches-py",)},
        given=GIVEN,
        by_method=BY_METHOD,
        shared={"cse493g1": "cs231n/cs231n"},
    ),
    "book": Course(
        title="《深度学习实战》, chapter 2",
        folder="book",
        packages=("classifiers", "utils"),
        datasets={"cifar10": ("datasets/cifar-10-batches-py",)},
        given=("data_utils", "gradient_check"),
    ),
    "dlcourse": Course(
        title="dlcourse.ai, assignments 1 to 3",
        folder="dlcourse",
        packages=("dataset", "gradient_check", "knn", "layers", "linear_classifer", "metrics", "model", "optim", "trainer"),
        datasets={"svhn": ("data",)},
        overlays={
            3: Overlay("dlcourse/assignment3", ("ConvolutionalLayer", "MaxPoolingLayer", "Flattener", "ConvNet")),
        },
        by_method=("KNN",),
    ),
    "keras1": Course(
        title="Keras 1, as far as the MNIST lab uses it",
        folder="keras1",
        packages=("keras",),
    ),
}


def course_with(package: str) -> str | None:
    """The first course that has a package or module of that name.

    >>> course_with("cs231n"), course_with("numpy")
    ('cs231n', None)
    """
    return next((name for name, row in COURSES.items() if package in row.packages), None)


def course(name: str) -> Course:
    """The course of that name; a ValueError that lists them otherwise.

    >>> course("dlcuorse")
    Traceback (most recent call last):
    ValueError: unknown course "dlcuorse". Did you mean "dlcourse"? Known: ...
    """
    return look_up(COURSES, name, "course")
