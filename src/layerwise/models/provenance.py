"""Where a model comes from: told in its file, for people; nothing is computed with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from layerwise.storage.array_file import cut, expect_fields


@dataclass(frozen=True)
class Provenance:
    """What made a model, as far as it is known.

    layerwise is the version that trained it; started the time in UTC at which its run began; settings are those of the run, as plain JSON;
    data, data_source, data_licence and data_sha256 (of a single file) say what it was trained on.

    >>> Provenance("0.1.0", data="digits", settings={"lr": 0.001}).config()["settings"]
    {'lr': 0.001}
    """

    layerwise: str = ""
    started: str = ""
    data: str = ""
    data_source: str = ""
    data_licence: str = ""
    data_sha256: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def config(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        return asdict(self)

    @classmethod
    def load(cls, config: dict[str, Any], where: str) -> Provenance:
        """The provenance whose config() this is; `where` is for errors."""
        if not isinstance(config, dict):
            raise TypeError(f"the provenance is {cut(repr(config))}, but must be a JSON object or null")
        expect_fields(config, [f.name for f in fields(cls)], f"{where}, provenance")
        for name, value in config.items():
            if not isinstance(value, dict if name == "settings" else str):
                raise TypeError(
                    f"provenance: {name} is {cut(repr(value))}, but must be {'a JSON object' if name == 'settings' else 'text'}"
                )
        return cls(**config)
