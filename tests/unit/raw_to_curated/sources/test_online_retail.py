from __future__ import annotations

import pytest

from data_plane.retail import GOOD, retail
from datalake.contracts.curated import ORDERS, RETURNS


def test_a_leading_c_makes_a_credit_note() -> None:
    credit = GOOD.replace("536365", "c536365").replace(",6,", ",-6,")
    tables = retail(GOOD + credit).tables
    assert tables[ORDERS]["order_id"].to_list() == ["536365"]
    assert tables[RETURNS]["order_id"].to_list() == ["c536365"]


@pytest.mark.parametrize("number", ["A563185", "53636", "5363655"])
def test_other_numbers_are_not_an_invoices(number: str) -> None:
    (reasons,) = retail(GOOD.replace("536365", number)).quarantine["reasons"]
    assert reasons.to_list() == ["invalid_identifier"]


def test_customer_numbers_lose_the_zero_that_spreadsheets_add() -> None:
    tables = retail(GOOD.replace(",17850,", ",17850.0,")).tables
    assert tables[ORDERS]["customer_id"].to_list() == ["17850"]
