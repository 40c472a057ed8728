from __future__ import annotations

import numpy as np
import pytest

from shop.parameters import Parameters
from shop.sales import CATEGORIES, DISCOUNTS, sales_months

PARAMETERS = Parameters(lines=100_000, months=5)
MONTHS = list(sales_months(PARAMETERS))


def test_there_is_a_tenth_of_the_lines_in_equal_months() -> None:
    assert [len(sales.amount) for _, sales in MONTHS] == [2_000] * 5
    assert [month.index for month, _ in MONTHS] == list(range(5))


def test_profit_is_what_margin_and_discount_leave() -> None:
    margin = np.array([margin for _, _, margin in CATEGORIES])
    for _, sales in MONTHS:
        cost = (1 - margin[sales.category]) / (1 - sales.discount) * sales.amount
        assert np.allclose(sales.profit, sales.amount - cost, atol=0.51)
        assert sales.amount.min() > 0
        assert sales.quantity.min() == 1


def test_discounts_have_their_shares() -> None:
    discount = np.concatenate([sales.discount for _, sales in MONTHS])

    shares = [(discount == value).mean() for value in DISCOUNTS]

    assert shares == pytest.approx([0.5, 0.2, 0.2, 0.1], abs=0.02)
