"""The front door: probabilistic forecasts of a panel of series, with what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from forecasting.combination import Backtest, backtest, baseline_wins, choose, median, scale_of
from forecasting.decomposition import Season, of_future
from forecasting.exponential import holt
from forecasting.matrix import Floats, Mask, lengths
from forecasting.members import BASELINE, BOOSTING_MEAN, Panel, boosted, forecasts, statistical
from forecasting.quantiles import LEVELS, conformal

_MOST_RATIO = 1.5  # of the correction of the mean, and its inverse
_OF_MEAN = ("level", "TSB", BOOSTING_MEAN)


@dataclass(frozen=True)
class Components:
    """What a forecast stands on: states at the end (series,), the season ahead (series, steps)."""

    level: Floats
    trend: Floats
    season: Floats
    """Factor of demand, offset of other series."""
    last_error: Floats


@dataclass(frozen=True)
class Forecast:
    """Forecasts (series, steps); NaN of a series without any value."""

    median: Floats
    mean: Floats
    quantiles: Floats
    """(series, steps, levels)."""
    levels: tuple[float, ...]
    baseline: Floats
    """The seasonal naive forecast."""
    baseline_wins: Mask
    """Series whose answer is the baseline, as nothing beat it in the past."""
    members: tuple[str, ...]
    components: Components
    warnings: tuple[str, ...]


def forecast(
    history: Floats,
    horizon: int,
    periods: Sequence[int] = (),
    levels: Sequence[float] = LEVELS,
    *,
    is_demand: bool = True,
    known: Floats | None = None,
) -> Forecast:
    """Forecast every series of a history (series, time), NaN where nothing is known.

    `periods` are those of seasons, the shortest first. Demand is never negative; its median and its
    mean are two answers. `known` (series, time + horizon, features) is known ahead.
    Raises ValueError for a horizon below 1, levels that do not ascend within 0 and 1, infinite
    values, and negative demand.
    """
    history = np.asarray(history, dtype=float)
    _check(history, horizon, levels, is_demand)
    panel = Panel(horizon, tuple(periods), is_demand, known)
    past = backtest(history, panel)
    members = forecasts({**statistical(panel), **boosted(history, panel)}, history)
    baseline = members[BASELINE]
    names, wins, warnings = _chosen(past, members)
    middle = np.where(wins[:, None], baseline, median(members, names))
    average = middle
    errors = np.empty((0, horizon))
    if past is not None:
        past_middle = median(past.forecasts, names)
        past_middle = np.where(wins[:, None], past.forecasts[BASELINE], past_middle)
        errors = ((past.actual - past_middle) / past.scale[:, None]).reshape(-1, horizon)
        average = _mean(past, members, panel, middle, errors, scale_of(history))
    if is_demand:
        middle, average = np.maximum(middle, 0), np.maximum(average, 0)
    quantiles = conformal(middle, scale_of(history), errors, levels, is_demand)
    return Forecast(
        middle, average, quantiles, tuple(levels), baseline, wins, names,
        _components(history, panel), warnings,
    )  # fmt: skip


def _check(history: Floats, horizon: int, levels: Sequence[float], is_demand: bool) -> None:
    if history.ndim != 2:
        raise ValueError(f"a history is series x time; this one has {history.ndim} dimensions")
    if horizon < 1:
        raise ValueError(f"a horizon is 1 step or more, not {horizon}")
    ascends = all(a < b for a, b in pairwise(levels))
    if not ascends or not all(0 < level < 1 for level in levels):
        raise ValueError(f"levels must ascend between 0 and 1: {', '.join(map(str, levels))}")
    if np.isinf(history).any():
        raise ValueError(f"series {np.isinf(history).any(axis=1).argmax()} has an infinite value")
    if is_demand and (history < 0).any():
        raise ValueError(
            f"series {(history < 0).any(axis=1).argmax()} has a negative value; net of returns it "
            "is not demand: forecast with is_demand=False"
        )


def _chosen(
    past: Backtest | None, members: dict[str, Floats]
) -> tuple[tuple[str, ...], Mask, tuple[str, ...]]:
    count = len(members[BASELINE])
    if past is None or np.isnan(past.actual).all():
        text = "the history is too short to compare methods; the answer is the seasonal naive"
        return (BASELINE,), np.ones(count, dtype=bool), (text,)
    names = choose(past, [name for name in members if name in past.forecasts])
    return names, baseline_wins(past, names), ()


def _mean(
    past: Backtest, members: dict[str, Floats], panel: Panel, middle: Floats, errors: Floats,
    scale: Floats,
) -> Floats:  # fmt: skip
    """The mean's forecast: of demand, members of the mean, times actual over forecast of the past.

    The ratio is one for the whole panel, of the latest origin. Of other series, the median plus the
    mean of past scaled errors.
    """
    if not panel.is_demand:
        shift = np.nan_to_num(np.nanmean(errors)) if np.isfinite(errors).any() else 0.0
        return middle + scale[:, None] * shift
    names = [name for name in _OF_MEAN if name in members and name in past.forecasts]
    found, before = (
        np.mean([one[name] for name in names], axis=0) for one in (members, past.forecasts)
    )
    latest = slice(-panel.horizon, None)
    actual, expected = past.actual[:, latest], before[:, latest]
    known = ~np.isnan(actual) & ~np.isnan(expected)
    total = expected[known].sum()
    ratio = actual[known].sum() / total if total > 0 else 1.0
    corrected: Floats = found * np.clip(ratio, 1 / _MOST_RATIO, _MOST_RATIO)
    return corrected


def _components(history: Floats, panel: Panel) -> Components:
    season = Season.of(history, panel.period)
    smoothed = holt(season.removed(history))
    last = smoothed.errors[:, -1] if history.shape[1] else np.full(len(history), np.nan)
    known = np.any(lengths(history)[:, None] > 0, axis=1)
    factors = of_future(season.factors, panel.horizon)
    offsets = of_future(season.offsets, panel.horizon)
    ahead = np.where((season.offsets != 0).any(axis=1)[:, None], offsets, factors)
    return Components(smoothed.level, smoothed.trend, np.where(known[:, None], ahead, np.nan), last)
