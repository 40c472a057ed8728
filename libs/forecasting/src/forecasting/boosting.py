"""One gradient boosting of all series: scaled lags in, the scaled value some steps later out.

One model forecasts every step: a row of its training is a series at an origin and a step ahead, and
the step is a feature. Only this module imports xgboost, and only when a model is fitted. Equal
history and seed give the same bytes, as one thread trains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from forecasting.matrix import Floats, Integers, last_known, mean_known

SEED = 13
_ROWS = 160_000  # of training: enough for M4's weekly series; more change no error
_STEPS_EACH = 4  # rows of an origin, each of a random step
_BINS = 64  # of a feature
_REACH = 400  # origins before the last one that rows come from
_LEAST = 4  # values before an origin
_RECENT = 13  # values whose mean size scales a level
_AROUND = (-1, 0, 1)  # steps around the same season of earlier cycles


class Scaling(StrEnum):
    """What a window of lags is scaled by."""

    LEVEL = "level"
    """Divided by the mean size of its last values."""
    CHANGE = "change"
    """Less the last value, and divided by the mean size of changes."""


class Loss(StrEnum):
    """The loss, by xgboost's name."""

    MEDIAN = "reg:absoluteerror"
    HUBER = "reg:pseudohubererror"
    """Of asinh of the scaled value, which bends large sizes as the logarithm does: a centre of
    skewed demand between its median and its mean, in half the time that absolute errors take."""
    DEMAND = "reg:tweedie"
    """For means of values that are never negative; for Scaling.LEVEL."""


@dataclass(frozen=True)
class Settings:
    """How a model is fitted."""

    loss: Loss = Loss.MEDIAN
    scaling: Scaling = Scaling.LEVEL
    lags: int = 26
    rounds: int = 300
    depth: int = 7
    least: int = 10
    """Weight of the rows in a leaf."""
    seed: int = SEED

    @classmethod
    def shallow(cls, loss: Loss, lags: int) -> Settings:
        """For demand, of which chance is most: few and small trees of many rows each."""
        return cls(loss, Scaling.LEVEL, lags, rounds=150, depth=4, least=50)


@dataclass(frozen=True)
class _Windows:
    """Lags that end at origins, scaled; an origin is the column before the first one forecast."""

    rows: Integers
    origins: Integers
    lags: Floats
    anchor: Floats
    scale: Floats

    @classmethod
    def of(cls, history: Floats, rows: Integers, origins: Integers, settings: Settings) -> _Windows:
        lags = _at(history, rows[:, None], origins[:, None] - np.arange(settings.lags)[::-1])
        last = last_known(lags)
        if settings.scaling is Scaling.LEVEL:
            anchor, scale = np.zeros(len(rows)), mean_known(np.abs(lags[:, -_RECENT:]))
        else:
            anchor, scale = last, mean_known(np.abs(np.diff(lags, axis=1)))
        fallback = np.where(np.abs(last) > 0, np.abs(last), 1.0)
        return cls(rows, origins, lags, anchor, np.where(scale > 0, scale, fallback))

    def scaled(self, values: Floats) -> Floats:
        shape = (-1,) + (1,) * (values.ndim - 1)
        scaled: Floats = (values - self.anchor.reshape(shape)) / self.scale.reshape(shape)
        return scaled

    def features(
        self, history: Floats, steps: Integers, periods: Sequence[int], known: Floats | None
    ) -> Floats:
        """(rows, features): step, lags, the same season before, and features known ahead."""
        columns = [steps[:, None].astype(float), self.scaled(self.lags)]
        columns.append((np.log1p(np.abs(self.anchor)) - np.log1p(self.scale))[:, None])
        for period in periods:
            before = -(-steps // period) * period
            for cycle in (0, period):
                around = (self.origins + steps - before - cycle)[:, None] + np.array(_AROUND)
                around = np.where(around > self.origins[:, None], -1, around)
                columns.append(self.scaled(_at(history, self.rows[:, None], around)))
            columns.append(self.scaled(_at(history, self.rows, self.origins - period))[:, None])
        if known is not None:
            columns.append(known[self.rows, self.origins + steps])
        return np.concatenate(columns, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Boosting:
    """A fitted model."""

    booster: Any
    settings: Settings
    periods: tuple[int, ...]
    horizon: int

    @classmethod
    def fit(
        cls,
        history: Floats,
        horizon: int,
        periods: Sequence[int] = (),
        settings: Settings | None = None,
        known: Floats | None = None,
    ) -> Boosting | None:
        """Fit to all series; None where no series has a value to learn from.

        `known` (series, time + horizon, features) is known ahead: calendar, holidays, price,
        promotion. `periods` are those of seasons.
        """
        import xgboost

        settings = settings or Settings()
        rows, origins, steps = _sample(history, horizon, settings.seed)
        if not len(rows):
            return None
        windows = _Windows.of(history, rows, origins, settings)
        target = windows.scaled(history[rows, origins + steps])
        if settings.loss is Loss.HUBER:
            target = np.arcsinh(target)
        data = xgboost.QuantileDMatrix(
            windows.features(history, steps, periods, known), target, nthread=1, max_bin=_BINS
        )
        parameters = {
            "objective": settings.loss.value,
            "eta": 0.08,
            "max_depth": settings.depth,
            "subsample": 0.7,
            "colsample_bytree": 0.6,
            "min_child_weight": settings.least,
            "max_bin": _BINS,
            "nthread": 1,
            "seed": settings.seed,
        }
        booster = xgboost.train(parameters, data, settings.rounds)
        return cls(booster, settings, tuple(periods), horizon)

    def forecast(self, history: Floats, known: Floats | None = None) -> Floats:
        """From the end of a history on (series, horizon); NaN of a series without a value."""
        rows = np.arange(len(history))
        origins = np.full(len(history), history.shape[1] - 1)
        windows = _Windows.of(history, rows, origins, self.settings)
        scaled = [
            self.booster.inplace_predict(
                windows.features(history, np.full(len(rows), step), self.periods, known)
            )
            for step in range(1, self.horizon + 1)
        ]
        found = np.stack(scaled, axis=1).astype(np.float64)
        if self.settings.loss is Loss.HUBER:
            found = np.sinh(found)
        forecast: Floats = found * windows.scale[:, None]
        return forecast + np.where(np.isnan(last_known(history)), np.nan, windows.anchor)[:, None]


def _at(history: Floats, rows: Integers, columns: Integers) -> Floats:
    """Values at rows and columns, which broadcast; NaN before the first column."""
    values: Floats = history[rows, np.maximum(columns, 0)]
    return np.where(columns < 0, np.nan, values)


def _sample(history: Floats, horizon: int, seed: int) -> tuple[Integers, Integers, Integers]:
    """Series, origins and steps of the rows to learn from; value and target are known."""
    random = np.random.Generator(np.random.PCG64(seed))
    known = ~np.isnan(history)
    enough = known & (np.cumsum(known, axis=1) >= _LEAST)
    enough[:, : max(history.shape[1] - _REACH, 0)] = False
    rows, origins = np.nonzero(enough[:, :-1])
    most = _ROWS // _STEPS_EACH
    if len(rows) > most:
        chosen = np.sort(random.choice(len(rows), most, replace=False))
        rows, origins = rows[chosen], origins[chosen]
    rows, origins = np.tile(rows, _STEPS_EACH), np.tile(origins, _STEPS_EACH)
    steps = random.integers(1, horizon + 1, len(rows))
    inside = origins + steps < history.shape[1]
    rows, origins, steps = rows[inside], origins[inside], steps[inside]
    target = ~np.isnan(history[rows, origins + steps])
    return rows[target], origins[target], steps[target]
