"""The contracts of the tables of customers."""

import polars as pl
import pytest

from datalake.contracts.insights import CUSTOMER_CARDS, CUSTOMER_TABLES


@pytest.mark.parametrize("table", CUSTOMER_TABLES, ids=lambda table: table.name)
def test_a_table_without_rows_keeps_its_contract(table):
    table.check(pl.DataFrame(schema=table.schema))


def test_every_forecast_of_a_card_has_an_interval():
    for name in ("p_active", "purchases", "mean_amount", "spend", "p_leaves"):
        assert {name, f"{name}_lower", f"{name}_upper"} <= set(CUSTOMER_CARDS.schema)
