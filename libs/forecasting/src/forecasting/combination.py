"""Medians of members, chosen by rolling origin: on forecasts of the past, made from before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np

from forecasting.matrix import Floats, Mask, lengths, mean_known
from forecasting.measures import naive_scale
from forecasting.members import BASELINE, Member, Panel, boosted, forecasts, statistical

_ORIGINS = 4
_MOST_MEMBERS = 3
_LEAST_VALUES = 8  # of a series before an origin
_SHARED_BY = 20  # series of a class that choose for themselves

Members: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Backtest:
    """Forecasts from origins of the past, a horizon apart.

    Arrays are (series, origins, horizon), and NaN where a series was too short at an origin;
    `scale` (series,) is what errors are relative to.
    """

    actual: Floats
    scale: Floats
    forecasts: Mapping[str, Floats]

    @property
    def judged(self) -> Mask:
        """Series that have a past to be judged by (series,)."""
        known: Mask = np.any(~np.isnan(self.actual), axis=(1, 2))
        return known

    def combined(self, members: Members, series: Mask | slice = slice(None)) -> Floats:
        """The median of members (series, origins, horizon)."""
        return median({name: self.forecasts[name][series] for name in members}, members)

    def errors(
        self, forecast: Floats, series: Mask | slice = slice(None), power: int = 1
    ) -> Floats:
        """Mean of absolute scaled errors to a power, of each series at each origin."""
        scaled = np.abs(self.actual[series] - forecast) / self.scale[series][:, None, None]
        return mean_known(scaled**power, axis=2)


def scale_of(history: Floats) -> Floats:
    """The size of one-step naive errors; where there are none, of the values; else 1 (series,)."""
    scale = naive_scale(history)
    size = mean_known(np.abs(history))
    return np.where(scale > 0, scale, np.where(size > 0, size, 1.0))


def backtest(history: Floats, panel: Panel) -> Backtest:
    """Forecast the last horizons again by all members, each from earlier values only.

    Deep boosting is fitted before the first of them, and not again.
    """
    first = next(iter(_origins(history, panel.horizon)), 0)
    fitted = boosted(history[:, :first], panel) if first else {}
    return replayed({**statistical(panel), **fitted}, history, panel.horizon)


def replayed(members: Mapping[str, Member], history: Floats, horizon: int) -> Backtest:
    """Forecast the last horizons again by the members given."""
    origins = _origins(history, horizon)
    shape = (len(history), len(origins), horizon)
    actual = np.full(shape, np.nan)
    found = {name: np.full(shape, np.nan) for name in members}
    for index, origin in enumerate(origins):
        before = history[:, :origin]
        enough = lengths(before) >= _LEAST_VALUES
        actual[enough, index] = history[enough, origin : origin + horizon]
        for name, forecast in forecasts(members, before).items():
            found[name][enough, index] = forecast[enough]
    return Backtest(actual, scale_of(history), found)


def _origins(history: Floats, horizon: int) -> range:
    """Columns that past forecasts begin at."""
    columns = history.shape[1]
    number = min(_ORIGINS, max(0, columns - _LEAST_VALUES) // horizon)
    return range(columns - horizon * number, columns, horizon)


def median(members: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    """The median of the members named, one to three; that of two is their mean."""
    chosen = [members[name] for name in names]
    if len(chosen) < 3:
        return np.asarray(sum(chosen[1:], chosen[0]) / len(chosen), dtype=np.float64)
    # By comparing pairs: several times as fast as sorting.
    one, two, three = chosen
    low, high = np.minimum(one, two), np.maximum(one, two)
    return np.asarray(np.maximum(low, np.minimum(high, three)), dtype=np.float64)


def choose(
    past: Backtest, classes: Sequence[str], names: Sequence[str], power: int
) -> list[Members]:
    """For each series the members whose median has the least errors, to a power, in its class.

    A class with few series takes the members that are best for all. Medians of demand have the
    least absolute errors, means the least squared ones. The baseline stands for series without a
    past.
    """
    judged = past.judged
    everybody = _best(past, names, judged, power)
    members: list[Members] = [(BASELINE,)] * len(classes)
    for kind in sorted(set(classes)):
        inside = judged & np.array([one == kind for one in classes])
        best = _best(past, names, inside, power) if inside.sum() >= _SHARED_BY else everybody
        for row in np.flatnonzero(inside):
            members[row] = best
    return members


def baseline_wins(past: Backtest, members: Sequence[Members]) -> Mask:
    """Series whose past the baseline forecast better than their members, at every origin.

    One origin tells too little: of it, chance decides.
    """
    baseline = past.errors(past.forecasts[BASELINE])
    wins = np.zeros(len(members), dtype=bool)
    for chosen in sorted(set(members)):
        rows = np.array([one == chosen for one in members])
        ours = past.errors(past.combined(chosen, rows), rows)
        known = ~np.isnan(ours) & ~np.isnan(baseline[rows])
        worse = ~known | (ours > baseline[rows])
        wins[rows] = (known.sum(axis=1) > 1) & np.all(worse, axis=1)
    return wins


def _best(past: Backtest, names: Sequence[str], series: Mask, power: int) -> Members:
    if not series.any():
        return (BASELINE,)
    candidates = [
        chosen
        for size in range(1, min(_MOST_MEMBERS, len(names)) + 1)
        for chosen in combinations(names, size)
    ]

    def error(members: Members) -> float:
        errors = past.errors(past.combined(members, series), series, power)
        return float(np.nan_to_num(mean_known(errors.reshape(1, -1)), nan=np.inf)[0])

    return min(candidates, key=error)
