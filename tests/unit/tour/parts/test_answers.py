from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from datalake.contracts.prod import CUSTOMER_DAYS, PRODUCT_MONTHS
from tour.demo import Demo
from tour.parts import answers
from tour.parts.answers import best_sellers, bought_again, returned
from unit.tour.conftest import printed


def months(*rows: tuple[str, str, int, float, str]) -> pl.DataFrame:
    """Product, month, revenue, returned amount, currency; ten units each."""
    made = [
        {
            "product_id": product, "description": f"THE  {product}", "month": month, "units": 10,
            "returned_units": 1, "net_revenue": Decimal(revenue) - Decimal(back),
            "last_day": date.fromisoformat(f"{month}-09"), "revenue": Decimal(revenue),
            "returned_amount": Decimal(back), "currency": currency,
        }
        for product, month, revenue, back, currency in rows
    ]  # fmt: skip
    schema: Any = {**PRODUCT_MONTHS.schema, "month": pl.String}
    return pl.DataFrame(made, schema=schema)


def test_best_sellers_are_of_the_last_month_and_were_not_sent_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [(f"P{n}", "2011-12", 100 * n, 0, "GBP") for n in range(1, 6)]
    others = [("OLD", "2011-11", 9_999, 0, "GBP"), ("BACK", "2011-12", 9_999, 9_999, "GBP")]

    text = printed(capsys, best_sellers(months(*others, *rows)))

    first, _, *table = text.splitlines()
    assert first == "Best-selling products of 2011-12, up to 2011-12-09:"
    assert [line.split() for line in table] == [
        ["THE", f"P{n}", "10", "1", f"{100 * n}.00", "GBP"] for n in (5, 4, 3)
    ]


def test_returns_are_a_share_of_the_revenue_in_the_main_currency() -> None:
    rows = months(
        ("A", "2011-11", 1_500, 10, "GBP"),
        ("A", "2011-12", 300, 15, "GBP"),
        ("B", "2011-12", 200, 20, "GBP"),
        ("C", "2011-12", 1_000, 900, "EUR"),
    )
    assert returned(rows) == (
        "Returns: 2.2% of the revenue of 2,000.00 GBP. Most returned: THE A, 25.00 GBP."
    )


def test_a_product_without_a_name_has_its_id() -> None:
    rows = months(("A[1]", "2011-12", 10, 1, "GBP")).with_columns(description=None)

    assert r"Most returned: A\[1], 1.00 GBP." in returned(rows)


def days(*purchases: tuple[str, date], orders: int = 1) -> pl.DataFrame:
    rows = [{"customer_id": customer, "day": day, "orders": orders} for customer, day in purchases]
    schema: Any = {**CUSTOMER_DAYS.schema, "month": pl.String}
    return pl.DataFrame(rows, schema=schema)


def cohort(month: int, size: int, again: int, after: int = 90) -> list[tuple[str, date]]:
    """Customers of a month, of whom some bought again that many days later."""
    first = date(2011, month, 1)
    names = [f"{month}-{n}" for n in range(size)]
    return [
        *((name, first) for name in names),
        *((name, first + timedelta(after)) for name in names[:again]),
    ]


LATE = ("late", date(2011, 12, 1))


def test_months_with_enough_customers_are_compared() -> None:
    found = bought_again(
        days(*cohort(1, 20, 10), *cohort(2, 40, 10), *cohort(3, 19, 19), *cohort(4, 1, 1, 91), LATE)
    )
    assert found == (
        "Bought again within 90 days of the first purchase: 49% of 80 customers; "
        "at best 50% (first in 2011-01), at worst 25% (2011-02)."
    )


def test_one_month_has_nothing_to_be_compared_with() -> None:
    assert bought_again(days(*cohort(1, 2, 1), LATE)) == (
        "Bought again within 90 days of the first purchase: 50% of 2 customers."
    )


def test_who_came_late_or_only_returned_something_is_left_out() -> None:
    returns = days(("returns", date(2011, 1, 1)), orders=0)

    found = bought_again(pl.concat([returns, days(LATE, ("a", date(2011, 11, 1)))]))

    assert found == "No customer has been known for 90 days."


def test_without_any_rows_there_still_is_an_answer(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, answers.show(demo)).splitlines() == [
        "Nothing was sold.",
        "Nothing was returned.",
        "No customer has been known for 90 days.",
    ]
