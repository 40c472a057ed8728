"""Daily market series with clusters of volatility, breaks and cross-correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shop.parameters import MarketLaws, Parameters
from shop.streams import Floats, Ints, Times, stream

TRADING_DAYS = 252
_MOST_LOG_RETURN = 0.5


@dataclass(frozen=True)
class Market:
    """Trading days by series, prices in cents; and the truth: `returns` are logs of close to close
    before rounding, `variance` their conditional variance, `breaks` indices of days from which
    another level of volatility holds."""

    days: Times
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    returns: Floats
    variance: Floats
    breaks: tuple[int, ...]


def market(parameters: Parameters) -> Market:
    """The series of `years` years up to the end of the period.

    They are as long whatever the size of the shop.
    """
    laws = parameters.market
    days = _weekdays(parameters, laws)
    count, series = len(days), len(laws.series)
    chance = stream(parameters.seed, "market")
    common = chance.standard_normal((count, 1))
    own = chance.standard_normal((count, series))
    shocks = np.sqrt(laws.correlation) * common + np.sqrt(1 - laws.correlation) * own
    breaks = tuple(round(part * count) for part, _ in laws.breaks)
    returns, variance = _garch(laws, shocks, breaks)
    close = np.exp(np.log(chance.uniform(2_000, 20_000, series)) + np.cumsum(returns, axis=0))
    # Within a day the price moves half as much again as from day to day.
    before = np.vstack([close[:1], close[:-1]])
    opened = before * np.exp(chance.normal(0, np.sqrt(variance) / 4))
    reach = np.abs(chance.normal(0, np.sqrt(variance) / 2, (2, count, series)))
    high = np.maximum(opened, close) * np.exp(reach[0])
    low = np.minimum(opened, close) * np.exp(-reach[1])
    volume = np.exp(chance.normal(13, 0.3, (count, series)) + 0.5 * np.abs(shocks))
    return Market(
        days=days,
        open=_cents(opened),
        high=_cents(high),
        low=_cents(low),
        close=_cents(close),
        volume=np.round(volume).astype(np.int64),
        returns=returns,
        variance=variance,
        breaks=breaks,
    )


def _weekdays(parameters: Parameters, laws: MarketLaws) -> Times:
    end = np.datetime64(parameters.start, "M") + np.timedelta64(parameters.months, "M")
    begin = end - np.timedelta64(12 * laws.years, "M")
    first, after = begin.astype("datetime64[D]"), end.astype("datetime64[D]")
    days = first + np.arange((after - first).astype(np.int64))
    return np.asarray(days[np.is_busday(days)])


def _garch(laws: MarketLaws, shocks: Floats, breaks: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Returns and their variances; the first day has the variance that it has in the long run."""
    omega = np.full(len(shocks), laws.volatility**2 / TRADING_DAYS * (1 - laws.arch - laws.garch))
    for day, (_, factor) in zip(breaks, laws.breaks, strict=True):
        omega[day:] *= factor
    variance = np.empty_like(shocks)
    returns = np.empty_like(shocks)
    h = np.full(shocks.shape[1], omega[0] / (1 - laws.arch - laws.garch))
    for day, z in enumerate(shocks):
        excess = np.clip(np.sqrt(h) * z, -_MOST_LOG_RETURN, _MOST_LOG_RETURN)
        variance[day], returns[day] = h, laws.drift + excess
        following = omega[min(day + 1, len(omega) - 1)]
        h = following + laws.arch * excess**2 + laws.garch * h
    return returns, variance


def _cents(price: Floats) -> Ints:
    return np.maximum(np.round(price), 1).astype(np.int64)
