"""Dropout's promise: as much as is dropped, so much larger is what is kept."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from layerwise.gradcheck import match
from layerwise.gradcheck.match import Match
from layerwise.gradcheck.recipe_dense import dropped
from layerwise.gradcheck.report import Finding
from layerwise.gradcheck.subject import CRASHES, Subject

VALUES = 6000  # that are dropped or kept, to see how many
SURE = 5.0  # standard deviations of the share of so many
HABIT = "the setting is the share dropped, not kept"


def share_finding(
    subject: Subject, found: Match, args: Sequence[Any], told: float | None, rng: np.random.Generator
) -> Finding | str | None:
    """What is wrong with the share kept or the scale; or which convention they follow; None if they do as they are told.

    told is keep_prob; None if nobody told it, and then the share and the scale are only held against each other.
    """
    kept = _kept(subject, found, args, rng)
    if kept is None:
        return None
    share, scale, count = kept
    if found.recipe.infer is None:  # while predicting
        return _wrong("drops values while predicting, where it should return x itself", "x") if share < 1 else None
    agrees = {
        p: abs(share - p) <= SURE * math.sqrt(max(p * (1 - p), 1e-9) / count) for p in (1 / scale, told or 1 / scale, 1 - (told or 0))
    }
    if told is None:
        if agrees[1 / scale]:
            return None
        name = (
            f"keeps a share of {share:.2f}, but is scaled by {scale:.4g}: inverted dropout divides what it keeps by the share that it keeps"
        )
        return _wrong(name)
    by_keep, by_drop = (math.isclose(scale, 1 / p, rel_tol=1e-6) for p in (told, 1 - told)) if told < 1 else (scale == 1, False)
    if by_keep and not agrees[told]:
        if agrees[1 - told]:
            return _wrong("keeps the share 1 − keep_prob (keep taken for drop in the mask), but divides by keep_prob")
        return _wrong(f"keeps a share of {share:.2f}, where keep_prob is {told:.4g}: the mask is wrong")
    if by_drop and not by_keep:
        if agrees[told] and not agrees[1 - told]:
            return _wrong("keeps the share keep_prob, but divides by 1 − keep_prob, the share dropped: keep taken for drop in the scale")
        return HABIT
    return None


def _wrong(name: str, formula: str = "x * (rng.random(x.shape) < keep_prob) / keep_prob") -> Finding:
    return Finding("out", False, "share", name, "the kept values", formula, f"it should be {formula}")


def _kept(subject: Subject, found: Match, args: Sequence[Any], rng: np.random.Generator) -> tuple[float, float, int] | None:
    """The share kept, the scale, and of how many values: of many drawn ones, or of those given if it takes no others."""
    place = found.slots["x"]
    rows = max(2, VALUES // max(1, args[place][:1].size))
    drawn = match.drawn(found, args, rng, {"N": rows})
    for tried in (drawn, args):
        if tried is None:
            continue
        try:
            out = np.asarray(subject.value(tried), np.float64)
        except CRASHES:
            continue
        applied = dropped(tried[place], out) if out.shape == tried[place].shape else None
        if applied:
            mask, scale = applied
            return float(mask.mean()), scale, mask.size
    return None
