"""One mapping over values that live in several places, so that an assignment reaches its owner."""

from collections.abc import Iterator, MutableMapping
from typing import Any


class Slots(MutableMapping[str, Any]):
    """Names for values that stay where they are: slots["W1"] = a replaces the layer's own array.

    entries: the name, the dict that owns the value, and its key there. Names cannot be added or removed.
    """

    def __init__(self, entries: dict[str, tuple[dict[str, Any], str]], what: str) -> None:
        self._entries, self._what = entries, what

    def __getitem__(self, name: str) -> Any:
        owner, key = self._entries[name]
        return owner[key]

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self._entries:
            raise KeyError(f"the model has no {self._what} {name!r}; it has {', '.join(self._entries) or 'none'}")
        owner, key = self._entries[name]
        owner[key] = value

    def __delitem__(self, name: str) -> None:
        raise TypeError(f"a {self._what} cannot be deleted from a model")

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def copy(self) -> dict[str, Any]:
        """The same names and values as a plain dict, as a dict's copy is."""
        return dict(self)

    def __repr__(self) -> str:
        shown = (f"{name!r}: {getattr(value, 'shape', value)}" for name, value in self.items())
        return f"{{{', '.join(shown)}}}"
