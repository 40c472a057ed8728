"""The members that a combination can choose from: each forecasts all series of a panel.

Members of levels and trends work on the series without season. Boosting members are fitted once,
and forecast from later ends of the history, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from forecasting.boosting import Boosting, Loss, Scaling, Settings
from forecasting.decomposition import Season
from forecasting.exponential import holt, ses
from forecasting.intermittent import sba, tsb
from forecasting.matrix import Floats
from forecasting.naive import seasonal_naive
from forecasting.theta import theta

Member: TypeAlias = Callable[[Floats], Floats]
"""From a history (series, time) to a forecast (series, horizon)."""

BASELINE = "seasonal naive"
BOOSTING_LEVEL, BOOSTING_CHANGE = "boosting of levels", "boosting of changes"
BOOSTING_MEAN = "boosting of the mean"
_RECENT_CYCLES = 13
_MOST_LAGS = 60


@dataclass(frozen=True)
class Panel:
    """What is forecast: the horizon and the periods of seasons, the shortest first.

    `known` (series, time + horizon, features) is known ahead of the whole history; only boosting
    reads it. Without `has_boosting` nothing imports xgboost.
    """

    horizon: int
    periods: tuple[int, ...] = ()
    is_demand: bool = False
    known: Floats | None = None
    has_boosting: bool = True

    @property
    def period(self) -> int:
        """The first season, or 1."""
        return self.periods[0] if self.periods else 1

    @property
    def lags(self) -> int:
        """Lags of boosting: two cycles of the season, a long one once."""
        return min(max(26, 2 * self.period), max(_MOST_LAGS, self.period))


def statistical(panel: Panel) -> dict[str, Member]:
    """Members that need no fit beyond each series itself."""
    horizon = panel.horizon
    members: dict[str, Member] = {
        BASELINE: partial(seasonal_naive, horizon=horizon, period=panel.period),
        "level": _adjusted(panel, lambda rest: ses(rest).forecast(horizon)),
        "damped trend": _adjusted(panel, lambda rest: holt(rest).forecast(horizon)),
        "theta": _adjusted(panel, partial(theta, horizon=horizon)),
    }
    if panel.is_demand:
        members["TSB"] = _adjusted(panel, partial(tsb, horizon=horizon))
        members["SBA"] = _adjusted(panel, partial(sba, horizon=horizon))
        members["recent median"] = _adjusted(panel, partial(_recent_median, horizon=horizon))
    return members


def boosted(history: Floats, panel: Panel) -> dict[str, Member]:
    """Boosting members, fitted to a history: for the median two, for the mean of demand one."""
    if not panel.has_boosting:
        return {}
    recipes = {
        BOOSTING_CHANGE: Settings(scaling=Scaling.CHANGE, lags=panel.lags),
        BOOSTING_LEVEL: Settings(scaling=Scaling.LEVEL, lags=panel.lags),
    }
    if panel.is_demand:
        recipes[BOOSTING_MEAN] = Settings(Loss.DEMAND, Scaling.LEVEL, panel.lags)
    found: dict[str, Member] = {}
    for name, settings in recipes.items():
        model = Boosting.fit(history, panel.horizon, panel.periods, settings, panel.known)
        if model is not None:
            found[name] = partial(model.forecast, known=panel.known)
    return found


def forecasts(members: Mapping[str, Member], history: Floats) -> dict[str, Floats]:
    """Each member's forecast from the end of a history on."""
    return {name: member(history) for name, member in members.items()}


def _adjusted(panel: Panel, method: Callable[[Floats], Floats]) -> Member:
    def forecast(history: Floats) -> Floats:
        season = Season.of(history, panel.period)
        return season.added(method(season.removed(history)))

    return forecast


def _recent_median(history: Floats, horizon: int) -> Floats:
    recent = history[:, -_RECENT_CYCLES:]
    middle = np.full(len(history), np.nan)
    known = ~np.isnan(recent).all(axis=1)
    middle[known] = np.nanmedian(recent[known], axis=1)
    return np.repeat(middle[:, None], horizon, axis=1)
