"""The first weeks of products."""

from datetime import date

import polars as pl

from datalake.contracts.insights import PRODUCT_STARTS
from demand_insights_engine.demand.history import History
from demand_insights_engine.demand.starts import descriptions, rows
from demand_weeks import demand_weeks, demand_weeks_of

EARLY = [9, 0, 3, 4, 5, 6, 7, 8]


def starts(*parts, names=None):
    return rows(History.of(pl.concat([demand_weeks(weeks=20), *parts])), names or {})[
        PRODUCT_STARTS
    ]


def new(product, units, price=3.0):
    return demand_weeks_of(product, [0] * (20 - len(units)) + units, price=price)[-len(units) :]


def test_a_new_product_has_its_first_weeks():
    names = {("NW-1", "EUR"): "RED CUP"}

    [found] = starts(new("NW-1", [*EARLY, 100, 100]), names=names).to_dicts()

    assert [found[f"week_{week}"] for week in range(1, 9)] == EARLY
    assert (found["name"], found["group"]) == ("NW-1", "NW")
    assert (found["description"], found["price"]) == ("RED CUP", 3.0)


def test_products_of_the_first_week_are_not_new():
    assert starts().is_empty()


def test_products_without_all_first_weeks_tell_nothing_yet():
    assert starts(new("NW-1", EARLY[1:])).is_empty()


def test_what_is_not_known_of_a_product_is_null():
    [found] = starts(new("NW-1", EARLY, price=None)).to_dicts()

    assert (found["description"], found["price"]) == (None, None)


def test_without_demand_there_are_no_starts():
    nothing = rows(History.of(demand_weeks(weeks=0)), {})[PRODUCT_STARTS]

    assert nothing.is_empty()


def test_the_latest_description_counts():
    months = pl.DataFrame(
        {
            "product_id": ["A", "A", "B"],
            "currency": "EUR",
            "last_day": [date(2024, 2, 1), date(2024, 1, 1), date(2024, 1, 1)],
            "description": ["NEW", "OLD", None],
        }
    )

    assert descriptions(months) == {("A", "EUR"): "NEW", ("B", "EUR"): None}
