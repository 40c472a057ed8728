"""The front door: probabilistic forecasts of a panel of series, with what they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from forecasting.combination import Backtest, Members, backtest, baseline_wins, choose, median
from forecasting.decomposition import Season, of_future
from forecasting.exponential import holt
from forecasting.matrix import Floats, Mask, lengths, mean_known
from forecasting.members import BASELINE, BOOSTING_MEAN, Panel, boosted, forecasts, statistical
from forecasting.prior import FEW, Belief, Prior
from forecasting.prior import choose as choose_by_belief
from forecasting.prior import quantiles as believed_quantiles
from forecasting.profile import profile
from forecasting.quantiles import LEVELS, conformal, error_size

_LARGEST = 1e15  # beyond it sums of squares soon leave the range of floats
_FADING = 0.5  # weight of an origin against the next one in the bias of the mean
_MOST_RATIO = 3.0  # of a class's demand to its forecasts; more is no bias, but another demand

NO_VALUES = "no value is known, and nothing can be forecast"
SHORT = "the history is too short to compare methods: the seasonal naive, its interval a guess"
SHORT_BUT_BELIEVED = (
    "the history is too short to compare methods: method and interval are those of other series "
    "of its class"
)
GAPS = "values are missing: the forecast rests on the others"


@dataclass(frozen=True)
class Components:
    """What a forecast stands on: states at the end (series,), the season ahead (series, steps)."""

    level: Floats
    trend: Floats
    season: Floats
    """Factor of demand, offset of other series."""
    last_error: Floats


@dataclass(frozen=True)
class Past:
    """What the chosen members forecast at earlier origins, a horizon apart, and what came.

    Arrays are (series, origins, steps), and NaN where a series was too short at an origin.
    """

    actual: Floats
    median: Floats
    baseline: Floats

    @property
    def errors(self) -> Floats:
        """Actual value less forecast."""
        return self.actual - self.median


@dataclass(frozen=True)
class Forecast:
    """Forecasts (series, steps); NaN of a series without any value."""

    median: Floats
    mean: Floats
    """The expected value, which sums and orders need."""
    quantiles: Floats
    """(series, steps, levels)."""
    levels: tuple[float, ...]
    baseline: Floats
    """The seasonal naive forecast."""
    baseline_wins: Mask
    """Series whose answer is the baseline, as nothing beat it in the past."""
    members: tuple[Members, ...]
    """Of each series the methods whose median the forecast is."""
    classes: tuple[str, ...]
    """Pattern of each series (Syntetos and Boylan)."""
    error: Floats
    """Mean absolute scaled error of the answer at earlier origins (series,)."""
    baseline_error: Floats
    past: Past
    components: Components
    warnings: tuple[str, ...]
    """What each forecast could not rest on, or ""."""


def forecast(
    history: Floats,
    horizon: int,
    periods: Sequence[int] = (),
    levels: Sequence[float] = LEVELS,
    *,
    is_demand: bool = True,
    known: Floats | None = None,
    has_boosting: bool = True,
    prior: Prior | None = None,
) -> Forecast:
    """Forecast every series of a history (series, time), NaN where nothing is known.

    `periods` are those of seasons, the shortest first. Demand is never negative; its median and its
    mean are two answers. `known` (series, time + horizon, features) is known ahead, and read by
    boosting. A `prior` tells what series too short or too few to judge methods by do not. Raises
    ValueError for a horizon below 1, levels that do not ascend within 0 and 1,
    infinite values or ones above 1e15, and negative demand.
    """
    history = np.asarray(history, dtype=float)
    _check(history, horizon, levels, is_demand)
    panel = Panel(horizon, tuple(periods), is_demand, known, has_boosting)
    classes = tuple(str(kind) for kind in profile(history).kinds)
    past = backtest(history, panel)
    now = forecasts({**statistical(panel), **boosted(history, panel)}, history)
    names = [name for name in past.forecasts if name in now and name != BASELINE]
    of_median = [name for name in names if name != BOOSTING_MEAN]
    beliefs = prior.of(history, classes, is_demand=is_demand) if prior else None
    members = _chosen(past, classes, of_median, 1, beliefs)
    wins = baseline_wins(past, members) | np.array([one == (BASELINE,) for one in members])
    members = [(BASELINE,) if is_won else one for one, is_won in zip(members, wins, strict=True)]
    centre, before = _combined(now, members), _combined(past.forecasts, members)
    if is_demand:
        centre, before = np.maximum(centre, 0), np.maximum(before, 0)
    errors = past.actual - before
    size, spread = error_size(history), (*levels, 0.5)
    if beliefs and past.judged.sum() < FEW:
        quantiles = believed_quantiles(beliefs, centre, size, errors, spread)
    else:
        quantiles = conformal(centre, size, errors, classes, spread)
    if is_demand:
        quantiles = np.maximum(quantiles, 0)
        mean = _mean_of_demand(past, now, classes, names, beliefs)
    else:
        mean = centre + np.nan_to_num(mean_known(errors.reshape(len(errors), -1)))[:, None]
    return Forecast(
        quantiles[:, :, -1], mean, quantiles[:, :, :-1], tuple(levels), now[BASELINE], wins,
        tuple(members), classes, mean_known(past.errors(before)),
        mean_known(past.errors(past.forecasts[BASELINE])),
        Past(past.actual, before, past.forecasts[BASELINE]), _components(history, panel),
        _warnings(history, past, has_prior=prior is not None),
    )  # fmt: skip


def _check(history: Floats, horizon: int, levels: Sequence[float], is_demand: bool) -> None:
    if history.ndim != 2:
        raise ValueError(f"a history is series x time; this one has {history.ndim} dimensions")
    if horizon < 1:
        raise ValueError(f"a horizon is 1 step or more, not {horizon}")
    ascends = all(a < b for a, b in pairwise(levels))
    if not ascends or not all(0 < level < 1 for level in levels):
        raise ValueError(f"levels must ascend between 0 and 1: {', '.join(map(str, levels))}")
    large = np.any(np.abs(history) > _LARGEST, axis=1)
    if large.any():
        series = int(large.argmax())
        raise ValueError(
            f"series {series} has the value {np.nanmax(np.abs(history[series])):g}; sizes up to "
            f"{_LARGEST:g} can be forecast"
        )
    if is_demand and (history < 0).any():
        raise ValueError(
            f"series {(history < 0).any(axis=1).argmax()} has a negative value; net of returns it "
            "is not demand: forecast with is_demand=False"
        )


def _chosen(
    past: Backtest,
    classes: Sequence[str],
    names: Sequence[str],
    power: int,
    beliefs: Sequence[Belief] | None,
) -> list[Members]:
    members = choose(past, classes, names, power)
    return choose_by_belief(beliefs, past, power, members) if beliefs else members


def _combined(found: Mapping[str, Floats], members: Sequence[Members]) -> Floats:
    """The median of the members of each series."""
    combined = np.full_like(found[BASELINE], np.nan)
    for chosen in sorted(set(members)):
        rows = np.array([one == chosen for one in members])
        combined[rows] = median({name: found[name][rows] for name in chosen}, chosen)
    return combined


def _mean_of_demand(
    past: Backtest,
    now: Mapping[str, Floats],
    classes: Sequence[str],
    names: Sequence[str],
    beliefs: Sequence[Belief] | None,
) -> Floats:
    """Expected demand: members with the least squared errors, times the demand of the past over
    what they forecast of it, pooled over the series of a class. All series grow and shrink
    together, so the latest origin tells most."""
    members = _chosen(past, classes, names, 2, beliefs)
    centre, before = _combined(now, members), _combined(past.forecasts, members)
    known = ~np.isnan(past.actual) & ~np.isnan(before)
    weights = _FADING ** np.arange(known.shape[1])[::-1, None]
    asked, expected = (
        (np.where(known, one, 0.0) * weights).sum(axis=(1, 2)) for one in (past.actual, before)
    )
    ratios = np.ones(len(classes))
    for kind in sorted(set(classes)):
        rows = np.array([one == kind for one in classes])
        total = expected[rows].sum()
        if asked[rows].sum() > 0 and total > 0:
            ratios[rows] = np.clip(asked[rows].sum() / total, 1 / _MOST_RATIO, _MOST_RATIO)
    return np.maximum(centre, 0) * ratios[:, None]


def _warnings(history: Floats, past: Backtest, *, has_prior: bool) -> tuple[str, ...]:
    length = lengths(history)
    gaps = length > (~np.isnan(history)).sum(axis=1)
    short = SHORT_BUT_BELIEVED if has_prior else SHORT
    return tuple(
        NO_VALUES if not size else short if not is_judged else GAPS if has_gap else ""
        for size, is_judged, has_gap in zip(length, past.judged, gaps, strict=True)
    )


def _components(history: Floats, panel: Panel) -> Components:
    season = Season.of(history, panel.period)
    smoothed = holt(season.removed(history))
    last = smoothed.errors[:, -1] if history.shape[1] else np.full(len(history), np.nan)
    known = np.any(lengths(history)[:, None] > 0, axis=1)
    factors = of_future(season.factors, panel.horizon)
    offsets = of_future(season.offsets, panel.horizon)
    ahead = np.where((season.offsets != 0).any(axis=1)[:, None], offsets, factors)
    return Components(smoothed.level, smoothed.trend, np.where(known[:, None], ahead, np.nan), last)
