"""save and load of the later years' models, in files that NumPy reads without pickle."""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.storage.atomic import replacing

PACKAGES = ("cs231n", "cse493g1")


class Saved:
    """Saves the arrays in params to a file in the folder `saved` of the course's package, beside the notebook."""

    params: Any

    def save(self, fname: str) -> None:
        """Write the parameters, under their names, as an .npz archive whatever the ending."""
        with replacing(_path(fname)) as temporary, temporary.open("wb") as file:
            np.savez(file, **dict(self.params))
        print(fname, "saved.")

    def load(self, fname: str) -> bool:
        """Read them back; False where there is no such file."""
        if not _path(fname).is_file():
            print(fname, "not available.")
            return False
        with np.load(_path(fname), allow_pickle=False) as arrays:
            self.params = dict(arrays)
        print(fname, "loaded.")
        return True


def _path(fname: str) -> Path:
    """In the package that the notebook imported: cs231n/saved/best_softmax.npy."""
    package = next((name for name in PACKAGES if name in sys.modules), PACKAGES[0])
    return Path(package, "saved", fname)
