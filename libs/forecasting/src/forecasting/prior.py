"""Beliefs about forecasts of a series whose own past tells too little, learned from others.

A class of series has a belief: how much sets of members err there, relative to the baseline, and
how errors are distributed. It counts like past errors of the series: in the choice of its members,
and in its intervals. With many series at hand their own past says more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecasting.combination import Backtest, Members
from forecasting.matrix import Floats, Mask, lengths
from forecasting.members import BASELINE
from forecasting.profile import Kind

OTHER = "other"
"""The class of series that are not demand."""
FEW = 20
"""Judged series of a panel, from which on it goes by them alone."""

_SHORT = 32  # values
_CHOICE_WEIGHT = 4.0  # origins that a belief counts in a choice
_SIZE_WEIGHT = 8.0  # errors that it counts in the size of a series' own errors


@dataclass(frozen=True)
class Belief:
    """How well sets of members do in a class of series.

    `candidates` have, by the power of errors, sets of members with their error relative to the
    baseline's, the best first. `size` is the mean absolute error of the first step relative to the
    size of a series' errors; it grows with a power of the step, `growth`. `errors` are quantiles of
    errors as multiples of it, at equal distances: as many as they count in a distribution.
    """

    candidates: Mapping[int, Mapping[Members, float]]
    size: float
    growth: float
    errors: tuple[float, ...]


@dataclass(frozen=True)
class Prior:
    """Beliefs by name of the class."""

    beliefs: Mapping[str, Belief]

    def of(self, history: Floats, classes: Sequence[str], *, is_demand: bool) -> list[Belief]:
        """The belief of each series; `classes` are those of demand."""
        return [self.beliefs[name] for name in class_names(history, classes, is_demand=is_demand)]

    def to_json(self) -> bytes:
        """The prior as JSON; equal priors have equal bytes."""
        content = {
            name: {
                "candidates": {
                    str(power): [[list(members), error] for members, error in sets.items()]
                    for power, sets in belief.candidates.items()
                },
                "size": belief.size,
                "growth": belief.growth,
                "errors": list(belief.errors),
            }
            for name, belief in self.beliefs.items()
        }
        return (json.dumps(content, separators=(",", ":")) + "\n").encode()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """The prior that `to_json` wrote."""
        return cls({name: _belief(one) for name, one in json.loads(content).items()})


def class_names(history: Floats, classes: Sequence[str], *, is_demand: bool) -> list[str]:
    """The name of each series' class: its class of demand, and whether it is short."""
    return [
        kind
        if is_demand and kind == Kind.NONE
        # Without demand no length tells more than another.
        else f"{'short' if length < _SHORT else 'long'} {kind if is_demand else OTHER}"
        for length, kind in zip(lengths(history), classes, strict=True)
    ]


def choose(
    beliefs: Sequence[Belief], past: Backtest, power: int, chosen: Sequence[Members]
) -> list[Members]:
    """The members of each series: `chosen` where the panel has enough judged series to tell.

    Otherwise those candidates of the belief that err least, in it and in the series' own past.
    """
    judged = past.judged
    is_known = judged if judged.sum() >= FEW else np.zeros_like(judged)
    return [
        members if known else _best(belief, past, row, power)
        for row, (belief, members, known) in enumerate(zip(beliefs, chosen, is_known, strict=True))
    ]


def _best(belief: Belief, past: Backtest, row: int, power: int) -> Members:
    series: Mask = np.arange(len(past.scale)) == row

    def errors(members: Members) -> Floats:
        return past.errors(past.combined(members, series), series, power)

    baseline = errors((BASELINE,))
    count = int((~np.isnan(baseline)).sum())
    usual = float(np.nansum(baseline))

    def error(members: Members) -> float:
        own = float(np.nansum(errors(members))) / usual * count if usual else 0.0
        return own + belief.candidates[power][members] * _CHOICE_WEIGHT

    return min(belief.candidates[power], key=error)


def quantiles(
    beliefs: Sequence[Belief],
    centre: Floats,
    size: Floats,
    errors: Floats,
    levels: Sequence[float],
) -> Floats:
    """Quantiles (series, steps, levels) about a centre (series, steps).

    Past errors of each series (series, origins, steps) join those of its belief; `size` (series,)
    is what errors of a series are like.
    """
    found = np.empty((*centre.shape, len(levels)))
    steps = np.arange(1.0, centre.shape[1] + 1)
    for row, belief in enumerate(beliefs):
        unit = size[row] * steps**belief.growth
        own = errors[row] / unit
        known = own[~np.isnan(own)]
        usual = (np.abs(known).sum() + belief.size * _SIZE_WEIGHT) / (known.size + _SIZE_WEIGHT)
        pool = np.r_[known, usual * np.asarray(belief.errors)]
        found[row] = centre[row, :, None] + unit[:, None] * np.quantile(pool, levels)
    return found


def _belief(content: Mapping[str, Any]) -> Belief:
    return Belief(
        {
            int(power): {tuple(members): error for members, error in sets}
            for power, sets in content["candidates"].items()
        },
        content["size"],
        content["growth"],
        tuple(content["errors"]),
    )
