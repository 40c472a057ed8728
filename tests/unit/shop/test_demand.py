from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shop.demand import demand
from shop.parameters import Parameters, ProductLaws
from shop.periods import months
from shop.products import products

PARAMETERS = Parameters(lines=100_000)
PRODUCTS = products(PARAMETERS)
DEMANDS = [demand(PARAMETERS, PRODUCTS, month) for month in months(PARAMETERS)]
SHARE = np.concatenate([d.share for d in DEMANDS])
PRICE = np.concatenate([d.price for d in DEMANDS])
OCCURS = np.concatenate([d.occurs for d in DEMANDS])
DATES = np.concatenate([d.month.dates for d in DEMANDS])
# On sale all the time, at full demand.
STEADY = ~PRODUCTS.is_intermittent & (PRODUCTS.launch < 0) & (PRODUCTS.end > len(SHARE) + 59)


def test_shares_of_a_day_are_a_distribution_without_intermittent_products() -> None:
    assert SHARE.sum(axis=1) == pytest.approx(1)
    assert SHARE[:, PRODUCTS.is_intermittent].max() == 0


def test_regression_on_season_and_trend_finds_the_parameters() -> None:
    """Of pairs of products, as shares know no common level."""
    laws = PARAMETERS.products
    steady = np.flatnonzero(STEADY)
    day = np.arange(len(SHARE))
    phase = 2 * np.pi * ((DATES - DATES.astype("datetime64[Y]")).astype(int) + 1) / 365.25
    design = np.column_stack([np.ones(len(day)), day / 365.25, np.cos(phase), np.sin(phase)])
    for a, b in zip(steady[:20], steady[20:40], strict=True):
        (_, trend, cosine, sine), *_ = np.linalg.lstsq(
            design, np.log(SHARE[:, a] / SHARE[:, b]), rcond=None
        )
        assert trend == pytest.approx(PRODUCTS.trend[a] - PRODUCTS.trend[b])
        wave = [
            laws.groups[PRODUCTS.group[p]].season
            * np.exp(2j * np.pi * laws.groups[PRODUCTS.group[p]].peak / 365.25)
            for p in (a, b)
        ]
        assert cosine + 1j * sine == pytest.approx(wave[0] - wave[1])


def test_products_are_sold_from_launch_to_end_only() -> None:
    day = np.arange(len(SHARE))[:, None]
    lives = (day >= PRODUCTS.launch) & (day < PRODUCTS.end)
    regular = ~PRODUCTS.is_intermittent

    assert np.array_equal(SHARE[:, regular] > 0, lives[:, regular])
    assert not OCCURS[~lives].any()


def test_intervals_of_intermittent_demand_have_their_mean() -> None:
    lives = (PRODUCTS.launch < 0) & (PRODUCTS.end > len(SHARE))
    found = np.flatnonzero(PRODUCTS.is_intermittent & lives)
    rate = 1 / PRODUCTS.interval[found]
    expected, count = rate.sum() * len(SHARE), OCCURS[:, found].sum()

    assert count == pytest.approx(expected, abs=4 * np.sqrt(expected))
    often = found[np.argmax(rate)]
    gaps = np.diff(np.flatnonzero(OCCURS[:, often]))
    interval = PRODUCTS.interval[often]
    assert gaps.mean() == pytest.approx(interval, abs=4 * interval / np.sqrt(len(gaps)))
    assert gaps.std() == pytest.approx(np.sqrt(interval * (interval - 1)), rel=0.4)


def test_promotions_lower_prices_and_revisions_change_them_in_january() -> None:
    promoted = np.concatenate([d.is_promoted for d in DEMANDS])
    base = PRICE / PRODUCTS.list_price

    assert promoted.any(axis=0).all()
    assert (base[:365][~promoted[:365]] == 1).all()
    assert base[:365][promoted[:365]].max() < 0.92
    revised = np.round(PRODUCTS.list_price * PRODUCTS.revision[:, 1])
    assert np.array_equal(PRICE[-1][~promoted[-1]], revised[~promoted[-1]])


def test_units_follow_the_price_by_the_elasticity() -> None:
    units = np.concatenate([d.units for d in DEMANDS])

    change = np.log(units / PRODUCTS.units)

    assert np.allclose(change, PRODUCTS.elasticity * np.log(PRICE / PRODUCTS.list_price))


def test_a_shop_without_anything_to_sell_is_refused() -> None:
    nothing = replace(PARAMETERS, products=ProductLaws(intermittent=1))

    with pytest.raises(ValueError, match="none is sold on some day of 2023-01"):
        demand(nothing, products(nothing), next(months(nothing)))
