"""Intermittent demand: Croston's method and its heirs, and a bootstrap of sample paths.

Sources: Croston (1972); Syntetos and Boylan (2005), the approximation SBA; Teunter, Syntetos and
Babai (2011), TSB; Willemain, Smart and Schwarz (2004), the bootstrap. Each forecast is the mean of
demand a period, the same at every step. Parameters of each series are those of a grid with the
least squared one-step errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import numpy as np

from forecasting.matrix import Floats, Mask, last_known, lengths, mean_known

_SMOOTHING = (0.02, 0.05, 0.1, 0.2, 0.3)

_Run = Iterator[tuple[Floats, Floats]]
"""After each column: the forecast of the next one, and the one-step error."""


def croston(history: Floats, horizon: int) -> Floats:
    """Croston's method: size over interval, both smoothed when demand occurs."""
    return _best(history, horizon, partial(_croston, history, False))


def sba(history: Floats, horizon: int) -> Floats:
    """Croston's method without its bias, as Syntetos and Boylan approximate it."""
    return _best(history, horizon, partial(_croston, history, True))


def tsb(history: Floats, horizon: int) -> Floats:
    """TSB: size times probability of demand, which falls in each period without demand."""
    return _best(history, horizon, partial(_tsb, history))


def bootstrap(history: Floats, horizon: int, samples: int, seed: int) -> Floats:
    """Sample paths of demand (series, samples, horizon); sums of them are demand over a lead time.

    Demand occurs by a Markov chain of two states with the series' own rates, and a size is drawn
    from its past ones, jittered so that sizes not yet seen occur. The same seed draws the same.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    known, occurs = ~np.isnan(history), history > 0
    rates = np.stack([_rate_after(occurs, known, state) for state in (False, True)])
    counts = occurs.sum(axis=1)
    sizes = -np.sort(-np.where(occurs, history, 0.0), axis=1)
    shape = (len(history), samples)
    state = np.repeat(_last_occurs(occurs, known)[:, None], samples, axis=1)
    paths = np.zeros((*shape, horizon))
    rows = np.arange(len(history))[:, None]
    for step in range(horizon):
        state = random.random(shape) < np.where(state, rates[1][:, None], rates[0][:, None])
        drawn = (random.random(shape) * counts[:, None]).astype(np.intp)
        size = sizes[rows, drawn] if history.shape[1] else np.zeros(shape)
        jittered = np.rint(size + np.sqrt(size) * random.standard_normal(shape))
        paths[:, :, step] = np.where(state, np.where(jittered > 0, jittered, size), 0.0)
    return paths


def _rate_after(occurs: Mask, known: Mask, state: bool) -> Floats:
    """Probability of demand after a period with or without; half a period each stands for prior."""
    before = (occurs[:, :-1] == state) & known[:, :-1] & known[:, 1:]
    overall = occurs.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    rate: Floats = ((before & occurs[:, 1:]).sum(axis=1) + overall) / (before.sum(axis=1) + 1)
    return rate


def _last_occurs(occurs: Mask, known: Mask) -> Mask:
    last: Mask = last_known(np.where(known, occurs, np.nan)) == 1
    return last


def _best(history: Floats, horizon: int, run: Callable[[Floats, Floats], _Run]) -> Floats:
    grid = list(product(_SMOOTHING, _SMOOTHING))
    squares = np.zeros((len(grid), len(history)))
    last = np.full(squares.shape, np.nan)
    for forecast, error in run(*np.array(grid).T[:, :, None]):
        squares += error**2
        last = forecast
    best = last[squares.argmin(axis=0), np.arange(len(history))]
    return np.repeat(np.where(lengths(history) > 0, best, np.nan)[:, None], horizon, axis=1)


def _croston(history: Floats, unbiased: bool, alpha: Floats, beta: Floats) -> _Run:
    size, probability = _beginning(history)
    interval, waited = 1 / probability, np.ones(len(history))
    factor = 1 - beta / 2 if unbiased else 1.0
    forecast = factor * size / interval
    for value in history.T:
        error = np.nan_to_num(value - forecast)
        occurs = value > 0
        size = np.where(occurs, size + alpha * (value - size), size)
        interval = np.where(occurs, interval + beta * (waited - interval), interval)
        waited = np.where(occurs, 1.0, waited + ~np.isnan(value))
        forecast = factor * size / interval
        yield forecast, error


def _tsb(history: Floats, alpha: Floats, beta: Floats) -> _Run:
    size, probability = _beginning(history)
    forecast = size * probability
    for value in history.T:
        error = np.nan_to_num(value - forecast)
        occurs = value > 0
        size = np.where(occurs, size + alpha * (value - size), size)
        moved = probability + beta * (occurs - probability)
        probability = np.where(np.isnan(value), probability, moved)
        forecast = size * probability
        yield forecast, error


def _beginning(history: Floats) -> tuple[Floats, Floats]:
    """Mean size of demand, 0 without any, and its probability, half an occurrence added."""
    size = np.nan_to_num(mean_known(np.where(history > 0, history, np.nan)))
    known = (~np.isnan(history)).sum(axis=1)
    return size, ((history > 0).sum(axis=1) + 0.5) / (known + 1)
