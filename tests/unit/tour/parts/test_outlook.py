from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from datalake.contracts.insights import DEMAND_FORECASTS, DEMAND_SERIES, STOCK_ADVICE
from datalake.contracts.prod import PRODUCT_MONTHS
from tour.demo import Demo
from tour.parts import outlook
from unit.tour.conftest import printed


def months(**revenue: int) -> pl.DataFrame:
    rows = [
        {
            "product_id": product, "currency": "GBP", "description": f"GOOD  {product}",
            "net_revenue": Decimal(amount),
        }
        for product, amount in revenue.items()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=PRODUCT_MONTHS.schema)


def series(*products: str, **more: Any) -> pl.DataFrame:
    rows = [
        {
            "level": "product", "name": product, "currency": "GBP", "members": "theta, TSB",
            "is_baseline": False, "error": 0.6, "baseline_error": 0.8, **more,
        }
        for product in products
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=DEMAND_SERIES.schema)


def forecasts(product: str, weeks: int) -> pl.DataFrame:
    rows = [
        {
            "level": "product", "name": product, "currency": "GBP", "week": date(2011, 12, week),
            "mean": 31.2, "q05": 10.4, "q50": 1_030.2, "q95": 2_000.0, "baseline": 7.0,
        }
        for week in range(1, weeks + 1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=DEMAND_FORECASTS.schema)


def advice(*products: str) -> pl.DataFrame:
    rows = [
        {
            "name": product, "currency": "GBP", "lead_weeks": 2, "service": 0.953,
            "reorder_point": 1_200 * number, "order_up_to": 1_201 * number,
        }
        for number, product in enumerate(products, start=1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=STOCK_ADVICE.schema)


def test_the_product_that_earned_most_is_shown_with_its_interval(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = outlook.best_product(
        months(A=5, B=7, C=9), series("A", "B"), forecasts("B", 9), advice("A", "B")
    )

    text = printed(capsys, found)

    assert "Demand for GOOD B, forecast by the median of theta, TSB; error 25% below" in text
    assert re.search(r"2011-12-01 +1,030 +10 to 2,000 +31 +7", text)
    assert "2011-12-04" in text
    assert "2011-12-05" not in text
    assert "With 2 weeks" in text
    assert "order up to 2,402 when 2,400 or fewer are in stock" in text
    assert "enough in 95% of weeks." in text


def test_the_baseline_is_named_where_nothing_beats_it(capsys: pytest.CaptureFixture[str]) -> None:
    only = series("A", is_baseline=True, members="seasonal naive")

    text = printed(capsys, outlook.best_product(months(A=5), only, forecasts("A", 1), advice()))

    assert "forecast by seasonal naive:" in text


def test_nothing_is_shown_of_products_without_a_forecast(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "No product has a forecast." in printed(capsys, outlook.show(demo))
