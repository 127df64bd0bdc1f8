"""CIFAR-10's python batches without trusting them: the only pickles that the package reads.

The four names that such a file may mention become inert records, not NumPy's own functions; its opcodes are looked
through first, so that none can build deep nesting, a giant memo or a call.
"""

import io
import pickle
import pickletools
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import DataError

CONTAINERS = frozenset({"EMPTY_DICT", "EMPTY_LIST", "LIST", "DICT", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "REDUCE"})
OPCODES = CONTAINERS | {
    *("PROTO", "FRAME", "STOP", "MARK", "EMPTY_TUPLE", "APPEND", "APPENDS", "SETITEM", "SETITEMS", "GLOBAL", "STACK_GLOBAL", "BUILD"),
    *("NONE", "NEWFALSE", "NEWTRUE", "BININT", "BININT1", "BININT2"),
    *("SHORT_BINSTRING", "BINSTRING", "SHORT_BINBYTES", "BINBYTES", "SHORT_BINUNICODE", "BINUNICODE"),
    *("BINPUT", "LONG_BINPUT", "MEMOIZE", "BINGET", "LONG_BINGET"),
}
MOST_CONTAINERS = 64  # a batch needs about ten
MOST_MEMO = 1_000_000
DAMAGE = (pickle.UnpicklingError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, OverflowError)


class PickledArray:
    """What a pickle says of an array: its arguments and its state, unexamined."""

    __slots__ = ("state",)

    def __init__(self, *arguments: Any) -> None:
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def array(self) -> Array:
        """The array, if the state is that of a two-axis uint8 array in C order and its bytes are all there."""
        _, shape, dtype, fortran, data = self.state
        data = data.encode("latin1") if isinstance(data, str) else data
        if not (isinstance(dtype, PickledDtype) and dtype.code in ("u1", b"u1") and fortran is False and type(data) is bytes):
            raise TypeError("the array is not of unsigned bytes in C order")
        rows, columns = (int(n) for n in shape)
        if rows < 1 or columns < 1 or rows * columns != len(data):
            raise ValueError(f"the array has shape {shape}, but {len(data)} bytes")
        return np.frombuffer(data, np.uint8).reshape(rows, columns)


class PickledDtype:
    """What a pickle says of a dtype: its code, such as "u1"."""

    __slots__ = ("code",)

    def __init__(self, code: Any = None, *arguments: Any) -> None:
        self.code = code

    def __setstate__(self, state: Any) -> None:
        """The state of a dtype of single bytes says nothing that matters."""


ADMITTED = {
    ("numpy", "ndarray"): PickledArray,
    ("numpy", "dtype"): PickledDtype,
    ("numpy.core.multiarray", "_reconstruct"): PickledArray,
    ("numpy._core.multiarray", "_reconstruct"): PickledArray,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return ADMITTED[module, name]
        except (KeyError, TypeError):
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no CIFAR-10 batch needs") from None


def read_pickle(data: bytes, where: str) -> dict[str, Any]:
    """The dict in a pickled CIFAR-10 batch, keys as text; DataError for anything else.

    >>> read_pickle(pickle.dumps({b"labels": [3, 1]}, 2), "batch")
    Traceback (most recent call last):
    layerwise.errors.DataError: batch: not a CIFAR-10 batch (it asks for _codecs.encode, which no CIFAR-10 batch needs)
    >>> read_pickle(pickle.dumps({b"labels": [3, 1]}, 4), "batch")
    {'labels': [3, 1]}
    """
    try:
        _look_through(data)
        found = _Unpickler(io.BytesIO(data), encoding="bytes").load()
        if type(found) is not dict:
            raise TypeError(f"it holds a {type(found).__name__}, not a dict")
        return {key.decode() if isinstance(key, bytes) else str(key): value for key, value in found.items()}
    except DAMAGE as error:
        raise DataError(f"{where}: not a CIFAR-10 batch ({error})") from error


def _look_through(data: bytes) -> None:
    """Refuse what no batch needs before anything is built."""
    containers = 0
    for opcode, argument, position in pickletools.genops(data):
        if opcode.name not in OPCODES:
            raise pickle.UnpicklingError(f"opcode {opcode.name} at byte {position}")
        containers += opcode.name in CONTAINERS
        if containers > MOST_CONTAINERS:
            raise pickle.UnpicklingError(f"more than {MOST_CONTAINERS} containers")
        if opcode.name in ("BINPUT", "LONG_BINPUT") and not 0 <= int(argument or 0) <= MOST_MEMO:
            raise pickle.UnpicklingError(f"memo entry {argument}")
