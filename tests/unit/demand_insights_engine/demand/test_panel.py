"""The demand of a currency at every level."""

import numpy as np
import polars as pl

from datalake.contracts.insights import DEMAND_BACKTESTS
from demand_insights_engine.demand.history import History
from demand_insights_engine.demand.panel import panels, together
from demand_weeks import demand_weeks, demand_weeks_of


def panel():
    rows = [
        demand_weeks_of("AB-1", [1, 2, 3], orders=[1, 1, 1]),
        demand_weeks_of("AB-2", [9, 9, 5], orders=[9, 9, 2])[2:],
        demand_weeks_of("CD-1", [9, 4, 4], price=3.0)[1:],
    ]
    [found] = panels(History.of(pl.concat(rows)))
    return found


def test_products_add_up_to_groups_and_these_to_the_total():
    found = panel()

    total, groups, products = found.levels
    assert found.names["name"].to_list() == ["all", "AB", "CD", "AB-1", "AB-2", "CD-1"]
    np.testing.assert_array_equal(found.units[total], [[1, 6, 12]])
    np.testing.assert_array_equal(found.units[groups], [[1, 2, 8], [np.nan, 4, 4]])
    np.testing.assert_array_equal(found.orders[total], [[1, 5, 7]])
    assert found.units[products].shape == found.price.shape == (3, 3)


def test_weeks_of_series_in_order():
    found = panel()

    rows = found.by_week({"units": found.units}, found.weeks)

    assert rows["units"][:3].to_list() == [1, 6, 12]
    assert rows["week"][:3].to_list() == list(found.weeks)


def test_a_panel_for_each_currency():
    history = History.of(pl.concat([demand_weeks("USD"), demand_weeks("EUR")]))

    assert [one.names["currency"][0] for one in panels(history)] == ["EUR", "USD"]
    assert list(panels(History.of(demand_weeks(weeks=0)))) == []


def test_unknown_numbers_are_null_in_tables():
    found = panel()
    columns = dict.fromkeys(("step", "actual", "forecast", "baseline"), found.units)

    rows = together(DEMAND_BACKTESTS, [found.by_week(columns, found.weeks)])

    assert rows.schema == DEMAND_BACKTESTS.frame([]).schema
    assert rows["actual"].null_count() == 4
    assert together(DEMAND_BACKTESTS, []).is_empty()
