"""The table of transforms, and how a saved one comes back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from layerwise.arrays import Array
from layerwise.data.pca import PCA
from layerwise.data.transform import BiasColumn, Center, Flatten, Scale, Standardize, StandardizeChannels, Transform
from layerwise.errors import look_up

TRANSFORMS: dict[str, type[Transform]] = {
    "scale": Scale,
    "center": Center,
    "standardize": Standardize,
    "standardize_channels": StandardizeChannels,
    "pca": PCA,
    "flatten": Flatten,
    "bias_column": BiasColumn,
}


def transform_from(config: Mapping[str, Any], arrays: Mapping[str, Array]) -> Transform:
    """The transform whose config() and arrays() these are."""
    settings = dict(config)
    cls = look_up(TRANSFORMS, settings.pop("kind", ""), "transform")
    if "shape" in settings and settings["shape"] is not None:
        settings["shape"] = tuple(settings["shape"])  # JSON has lists alone
    known = {f.name for f in fields(cls)} - set(cls.learned)
    if settings.keys() != known or arrays.keys() != set(cls.learned):
        raise ValueError(
            f"{cls.kind}: saved with settings {sorted(settings)} and arrays {sorted(arrays)}, "
            f"but has settings {sorted(known)} and arrays {sorted(cls.learned)}"
        )
    return cls(**settings, **arrays)
