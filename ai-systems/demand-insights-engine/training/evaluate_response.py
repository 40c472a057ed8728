"""How well elasticities, seasons and customers' drop-out of the made-up shop are recovered.

The truth is that of a shop whose seed no method was tried on. Prices are those of lines sold, as a
product has them: prices of days without sales are filled in like everywhere. Nobody knows the truth
of a file of retail lines: what is measured there is how many products respond significantly, to
their own prices and to those of another time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import lines as retail
import numpy as np
from made_up_shop import SEED, Truth, made_up_shop
from numpy.typing import NDArray

from demand_insights_engine.customers import bgnbd
from demand_insights_engine.customers.transactions import histories
from demand_insights_engine.response.elasticity import Response, estimate
from demand_insights_engine.response.prices import fill
from demand_insights_engine.response.season import seasonal_factors

Floats = NDArray[np.float64]

_WEEK = 7
_YEAR = np.arange(0.0, 365, 7)


def evaluate(file: Path | None = None, seed: int = SEED) -> dict[str, Any]:
    """All measures on a file of retail lines, or of the truth recovered from a made-up shop.

    Raises LinesError.
    """
    if file is not None:
        return {"elasticities": _of_lines(retail.daily(retail.read(file)))}
    truth = made_up_shop(seed)
    return {
        "seed": seed,
        "elasticities": _elasticities(truth),
        "seasons": _seasons(truth),
        "drop-out": _drop_out(truth),
    }


def _elasticities(truth: Truth) -> dict[str, Any]:
    """By group and product; the baseline is the regression of logarithms on days with sales. The
    placebo gives each product the prices of another time, to which nobody responded."""
    units, price = truth.demand.units, fill(truth.demand.price)
    products, groups = estimate(units, price, truth.group)
    placebo, _ = estimate(units, _of_another_time(price), truth.group)
    known = np.array([not np.isnan(one.elasticity) for one in products])
    found = np.array([one.elasticity for one in products])[known]
    error = found - truth.elasticity[known]
    reach = 1.96 * np.array([one.standard_error for one in products])[known]
    baseline = _log_log(units, truth.demand.price)
    usable = known & ~np.isnan(baseline)
    return {
        "groups": {
            name: _recovered(response, float(truth.elasticity[truth.group == at].mean()))
            for at, (name, response) in enumerate(zip(truth.groups, groups, strict=True))
        },
        "products": int(known.sum()),
        "rmse": round(float(np.sqrt((error**2).mean())), 3),
        "rmse of log-log regression": round(
            float(np.sqrt(((baseline - truth.elasticity)[usable] ** 2).mean())), 3
        ),
        "95 % intervals with the truth": _share(np.abs(error) <= reach),
        "significant": _share(np.array([one.is_significant() for one in products])),
        "placebo significant": _share(np.array([one.is_significant() for one in placebo])),
    }


def _of_lines(demand: retail.Demand) -> dict[str, Any]:
    """All products are one group: the lines name no other."""
    price = fill(demand.price)
    together = np.zeros(len(price), dtype=np.int64)
    products, (all_of_them,) = estimate(demand.units, price, together)
    known = [one for one in products if not np.isnan(one.elasticity)]
    if not known:
        raise retail.LinesError("no product has a price that varies")
    placebo, _ = estimate(demand.units, _of_another_time(price), together)
    return {
        "products": len(known),
        "of all": round(all_of_them.elasticity, 3),
        "standard error": round(all_of_them.standard_error, 3),
        "significant": _share(np.array([one.is_significant() for one in known])),
        "placebo significant": _share(np.array([one.is_significant() for one in placebo])),
    }


def _of_another_time(price: Floats) -> Floats:
    return np.asarray(np.roll(price, price.shape[1] // 2, axis=1), dtype=np.float64)


def _recovered(response: Response, truth: float) -> dict[str, Any]:
    low, high = response.interval()
    return {
        "truth": round(truth, 3),
        "estimate": round(response.elasticity, 3),
        "standard error": round(response.standard_error, 3),
        "holds the truth": bool(low <= truth <= high),
    }


def _log_log(units: Floats, price: Floats) -> Floats:
    """Least squares of log units on log prices, a product; nan where its price never varies."""
    known = np.nan_to_num(units) > 0
    x, y = (np.where(known, np.log(np.where(known, v, 1)), 0) for v in (price, units))
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    x, y = (np.where(known, v - v.sum(axis=1, keepdims=True) / count, 0) for v in (x, y))
    square = (x**2).sum(axis=1)
    slope = np.divide((x * y).sum(axis=1), square, out=np.full(len(x), np.nan), where=square > 1e-6)
    return np.asarray(slope, dtype=np.float64)


def _seasons(truth: Truth) -> dict[str, Any]:
    """Weekly factors of each group relative to the whole shop, which is what the shop's law says:
    root mean squared error of their logarithms. The baseline is the mean share of each week of the
    year in the shop."""
    weeks = truth.expected.shape[1] // _WEEK
    day = np.arange(weeks) * _WEEK + 3.0
    sold = np.where(truth.has_season[:, None], np.nan_to_num(truth.demand.units), 0)
    total = _weekly(sold.sum(axis=0), weeks)
    shop = seasonal_factors(total, day, _YEAR)
    pick = _log_season(truth.expected.sum(axis=0), weeks)
    found = {}
    for at, name in enumerate(truth.groups):
        true = _log_season(truth.expected[at], weeks) - pick
        units = _weekly(sold[truth.group == at].sum(axis=0), weeks)
        season = seasonal_factors(units, day, _YEAR)
        error = _centred(np.log(season.factor / shop.factor) - true)
        reach = 1.96 * np.hypot(season.log_error, shop.log_error)
        share = np.array([(units / total)[week::52].mean() for week in range(52)])
        naive = _centred(np.log(np.maximum(share, 1e-9)) - true[:52])
        found[name] = {
            "rmse": round(float(np.sqrt((error**2).mean())), 3),
            "rmse of weekly means": round(float(np.sqrt((naive**2).mean())), 3),
            "95 % intervals with the truth": _share(np.abs(error) <= reach),
        }
    return found


def _centred(logarithms: Floats) -> Floats:
    """Less their mean: a factor of the year as a whole is no season."""
    return np.asarray(logarithms - logarithms.mean(), dtype=np.float64)


def _log_season(expected: Floats, weeks: int) -> Floats:
    """The season of what is known exactly, with more harmonics than an estimate has."""
    weekly = _weekly(expected, weeks)
    day = 3.0 + _WEEK * np.arange(float(weeks))
    scaled = np.asarray(1e6 * weekly / weekly.mean(), dtype=np.float64)
    factor = seasonal_factors(scaled, day, _YEAR, harmonics=4).factor
    return np.asarray(np.log(factor), dtype=np.float64)


def _weekly(daily: Floats, weeks: int) -> Floats:
    return np.asarray(daily[: weeks * _WEEK].reshape(weeks, _WEEK).sum(axis=1), dtype=np.float64)


def _drop_out(truth: Truth) -> dict[str, Any]:
    """The mean probability to leave after a repeat purchase, a / (a + b), by BG/NBD."""
    last = truth.purchases["day"].sort()[-1]
    customers = histories(truth.purchases, last)
    sample = bgnbd.sample(customers)
    model = bgnbd.fit(sample).model
    a, b = truth.dropout
    return {
        "customers": len(customers),
        "truth": round(a / (a + b), 4),
        "estimate": round(model.a / (model.a + model.b), 4),
        "a": [round(a, 3), round(model.a, 3)],
        "b": [round(b, 3), round(model.b, 3)],
    }


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 3)


def lines(found: Mapping[str, Any]) -> Iterable[str]:
    """What `evaluate` found as text."""
    prices = found["elasticities"]
    if "seed" not in found:
        yield (
            f"of all products: {prices['of all']:.2f} ± {1.96 * prices['standard error']:.2f}; "
            f"of {prices['products']:,} products {prices['significant']:.1%} respond "
            f"significantly, with the prices of another time {prices['placebo significant']:.1%}"
        )
        return
    left = found["drop-out"]
    yield f"made-up shop, seed {found['seed']}: recovered truth"
    yield ""
    yield f"{'group':<12}{'elasticity':>11}{'estimate':>18}{'season, rmse':>14}{'weekly means':>14}"
    for name, group in prices["groups"].items():
        season = found["seasons"][name]
        estimate = f"{group['estimate']:.2f} ± {1.96 * group['standard error']:.2f}"
        yield (
            f"{name:<12}{group['truth']:>11.2f}{estimate:>18}{season['rmse']:>14.3f}"
            f"{season['rmse of weekly means']:>14.3f}"
        )
    yield ""
    for name in (
        "products",
        "rmse",
        "rmse of log-log regression",
        "95 % intervals with the truth",
        "significant",
        "placebo significant",
    ):
        yield f"elasticities of products, {name}: {prices[name]:,}"
    yield (
        f"drop-out after a repeat purchase: {left['truth']:.3f}, estimate {left['estimate']:.3f} "
        f"from {left['customers']:,} customers"
    )
