"""Medians of members, chosen by rolling origin: on forecasts of the past, made from before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from forecasting.matrix import Floats, Mask, mean_known
from forecasting.measures import naive_scale
from forecasting.members import BASELINE, Panel, boosted, forecasts, statistical

_ORIGINS = 3
_MOST_MEMBERS = 4
_LEAST_VALUES = 8  # of a history before the first origin


@dataclass(frozen=True)
class Backtest:
    """Forecasts from origins of the past; arrays are (series, origins x horizon)."""

    actual: Floats
    scale: Floats
    """Of errors (series,): mean naive error before the first origin, or mean size without any."""
    forecasts: Mapping[str, Floats]

    def errors(self, forecast: Floats) -> Floats:
        """Mean absolute scaled error of each series; NaN where nothing is known."""
        return mean_known(np.abs(self.actual - forecast)) / self.scale


def scale_of(history: Floats) -> Floats:
    """The size of one-step naive errors; where there are none, of the values; else 1 (series,)."""
    scale = naive_scale(history)
    size = mean_known(np.abs(history))
    return np.where(scale > 0, scale, np.where(size > 0, size, 1.0))


def backtest(history: Floats, panel: Panel) -> Backtest | None:
    """Forecast the last horizons again, from before each; None where the history is too short.

    Boosting is fitted before the first of them, and not again.
    """
    columns, horizon = history.shape[1], panel.horizon
    number = min(_ORIGINS, (columns - _LEAST_VALUES) // horizon)
    if number < 1:
        return None
    ends = [columns - horizon * back for back in range(number, 0, -1)]
    first = history[:, : ends[0]]
    members = {**statistical(panel), **boosted(first, panel)}
    found = [forecasts(members, history[:, :end]) for end in ends]
    actual = np.concatenate([history[:, end : end + horizon] for end in ends], axis=1)
    joined = {name: np.concatenate([one[name] for one in found], axis=1) for name in members}
    return Backtest(actual, scale_of(first), joined)


def median(members: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    """The median of the members named."""
    combined: Floats = np.median([members[name] for name in names], axis=0)
    return combined


def choose(past: Backtest, names: Sequence[str]) -> tuple[str, ...]:
    """The members whose median has the least mean absolute scaled error; of equals, the fewest."""
    candidates = [
        chosen
        for size in range(1, min(_MOST_MEMBERS, len(names)) + 1)
        for chosen in combinations(sorted(names), size)
    ]
    losses = [
        np.nan_to_num(mean_known(past.errors(median(past.forecasts, one))[None])[0], nan=np.inf)
        for one in candidates
    ]
    return candidates[int(np.argmin(losses))]


def baseline_wins(past: Backtest, names: Sequence[str]) -> Mask:
    """Whether the seasonal naive forecast beat the combination in the past (series,)."""
    ours = past.errors(median(past.forecasts, names))
    wins: Mask = past.errors(past.forecasts[BASELINE]) < ours
    return wins
