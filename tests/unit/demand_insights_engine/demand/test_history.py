"""Weekly demand as a matrix."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from demand_insights_engine.demand.history import History

FIRST = date(2024, 1, 1)


def weeks(product: str, units: list[int], first: int = 0, days: int = 7) -> pl.DataFrame:
    """Weeks of a product; `days` are those of its last one."""
    return pl.DataFrame(
        {
            "product_id": product,
            "currency": "EUR",
            "week": [FIRST + timedelta(weeks=first + number) for number in range(len(units))],
            "days": [7] * (len(units) - 1) + [days],
            "units": units,
            "orders": [(one + 1) // 2 for one in units],
            "unit_price": [2.5 if one else None for one in units],
        },
        schema_overrides={"unit_price": pl.Float64},
    )


def test_a_product_is_a_row_and_a_week_a_column():
    history = History.of(pl.concat([weeks("b", [1, 2, 3]), weeks("a", [5, 6], first=1)]))

    assert history.products == (("a", "EUR"), ("b", "EUR"))
    assert history.weeks == (FIRST, FIRST + timedelta(weeks=1), FIRST + timedelta(weeks=2))
    np.testing.assert_array_equal(history.units, [[np.nan, 5, 6], [1, 2, 3]])


def test_orders_and_prices_lie_beside_units():
    history = History.of(pl.concat([weeks("a", [4, 0]), weeks("b", [3], first=1)]))

    np.testing.assert_array_equal(history.orders, [[2, 0], [np.nan, 2]])
    np.testing.assert_array_equal(history.price, [[2.5, np.nan], [np.nan, 2.5]])


def test_a_week_that_is_not_full_is_left_out():
    history = History.of(weeks("a", [1, 2, 3], days=4))

    assert len(history.weeks) == 2


def test_a_product_that_is_no_longer_offered_has_no_future():
    history = History.of(pl.concat([weeks("a", [1, 2]), weeks("b", [1, 2, 3])]))

    assert history.products == (("b", "EUR"),)


def test_weeks_without_an_offer_are_unknown():
    history = History.of(pl.concat([weeks("a", [1]), weeks("a", [2], first=3)]))

    np.testing.assert_array_equal(history.units, [[1, np.nan, np.nan, 2]])


def test_without_a_full_week_there_is_nothing():
    assert History.of(weeks("a", [1], days=3)).products == ()
