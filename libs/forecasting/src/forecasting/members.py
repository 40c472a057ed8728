"""The members that a combination can choose from: each forecasts all series of a panel.

Members of levels and trends work on the series without seasons.
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
BOOSTING_LONG = "boosting of changes (long memory)"
BOOSTING_MEAN = "boosting of the mean"
_RECENT = 8
_LAGS, _DEEP_LAGS, _LONG_LAGS = 26, 60, 104


@dataclass(frozen=True)
class Panel:
    """The task: the horizon and the periods of seasons, the shortest first.

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
    """Boosting members, for the median and, of demand, for the mean.

    Deep ones are fitted to the history given, once, as that takes most of the time. Shallow ones
    are fitted to whatever they forecast.
    """
    if not panel.has_boosting:
        return {}
    deep = {BOOSTING_CHANGE: Settings(scaling=Scaling.CHANGE, lags=_DEEP_LAGS)}
    if history.shape[1] > _LONG_LAGS:
        deep[BOOSTING_LONG] = Settings(scaling=Scaling.CHANGE, lags=_LONG_LAGS)
    found: dict[str, Member] = {}
    for name, settings in deep.items():
        model = _fitted(history, panel, settings)
        if model is None:
            return {}
        found[name] = partial(model.forecast, known=panel.known)
    found[BOOSTING_LEVEL] = partial(_refitted, panel, Settings.shallow(Loss.HUBER, _LAGS))
    if panel.is_demand:
        found[BOOSTING_MEAN] = partial(_refitted, panel, Settings.shallow(Loss.DEMAND, _LAGS))
    return found


def _fitted(history: Floats, panel: Panel, settings: Settings) -> Boosting | None:
    return Boosting.fit(history, panel.horizon, panel.periods, settings, panel.known)


def _refitted(panel: Panel, settings: Settings, history: Floats) -> Floats:
    model = _fitted(history, panel, settings)
    if model is None:
        return np.full((len(history), panel.horizon), np.nan)
    return model.forecast(history, panel.known)


def forecasts(members: Mapping[str, Member], history: Floats) -> dict[str, Floats]:
    """Each member's forecast from the end of a history on."""
    return {name: member(history) for name, member in members.items()}


def _adjusted(panel: Panel, method: Callable[[Floats], Floats]) -> Member:
    """A method of the series without its seasons, the shortest taken out first."""

    def forecast(history: Floats) -> Floats:
        seasons, rest = [], history
        for period in panel.periods:
            seasons.append(Season.of(rest, period))
            rest = seasons[-1].removed(rest)
        found = method(rest)
        for season in reversed(seasons):
            found = season.added(found)
        return found

    return forecast


def _recent_median(history: Floats, horizon: int) -> Floats:
    recent = history[:, -_RECENT:]
    middle = np.full(len(history), np.nan)
    known = ~np.isnan(recent).all(axis=1)
    middle[known] = np.nanmedian(recent[known], axis=1)
    return np.repeat(middle[:, None], horizon, axis=1)
