"""The package that the notebooks of CSE493G1 call `cse493g1`: CS231n's files, loaded under this name."""

from pathlib import Path

__path__.append(str(Path(__file__).resolve().parents[2].joinpath("cs231n", "cs231n")))
