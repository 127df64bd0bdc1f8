"""Which files a data set is made of, and where they are looked for."""

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from layerwise.arrays import Array
from layerwise.data.cache import cache_folder
from layerwise.errors import DataError, MissingDataError

SYSTEM = Path("/usr/share/datasets")  # where Debian's packages of data sets put them


@dataclass(frozen=True)
class Layout:
    """One way a data set is laid out: its files by key, the folders that may hold them, and what parses them."""

    files: Mapping[str, str]
    parse: Callable[[Mapping[str, Path]], Iterable[tuple[str, Array]]]
    folders: tuple[str, ...]

    def find(self, folder: Path) -> dict[str, Path]:
        """The files that are there, by key: as named, gzipped, or with a dot where MNIST's names have a dash."""
        found = {}
        for key, name in self.files.items():
            names = (f"{name}.gz", name, f"{name.replace('-idx', '.idx')}.gz", name.replace("-idx", ".idx"))
            if path := next((folder / n for n in names if (folder / n).is_file()), None):
                found[key] = path
        return found


def find(name: str, layouts: Sequence[Layout], folder: str | Path | None = None) -> tuple[Layout, dict[str, Path]]:
    """The layout whose files are all there, and the files; MissingDataError says where to put which file.

    They are looked for in `folder`, else in LAYERWISE_DATA, else in the package's cache folder and in the system's
    folder of data sets; in each directly, or in a folder named after the data set.
    """
    chosen = folder or os.environ.get("LAYERWISE_DATA")
    places = [Path(chosen).expanduser()] if chosen else [cache_folder(), SYSTEM]
    best: tuple[Layout, dict[str, Path], Path] = (layouts[0], {}, places[0])
    for layout in layouts:
        for place in (root / sub for root in places for sub in ("", *layout.folders)):
            found = layout.find(place)
            if len(found) == len(layout.files):
                return layout, found
            if len(found) > len(best[1]):
                best = layout, found, place
    layout, found, place = best
    missing = [file for key, file in layout.files.items() if key not in found]
    if found:
        raise MissingDataError(
            f"{name}: {place} has {len(found)} of its {len(layout.files)} files. Put {_listed(missing)} there too, or fetch all: layerwise data get {name}"
        )
    raise MissingDataError(
        f"{name}: its files are not in {' or '.join(map(str, places))}, nor in a folder {_listed(layout.folders, 'or')} there. "
        f"Put {_listed(missing)} there (.gz or not), or name the folder that holds them with --data or LAYERWISE_DATA, "
        f"or fetch them: layerwise data get {name}"
    )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Every failure to read the file becomes a DataError that names it."""
    try:
        yield
    except DataError:
        raise
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read ({error}). Is it complete? Fetch the file again.") from error


def _listed(names: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))
