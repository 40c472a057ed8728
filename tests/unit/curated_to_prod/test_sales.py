from __future__ import annotations

from decimal import Decimal

import polars as pl

from curated_to_prod.sales import SOLD, goods, outer, ratio, zeros
from data_plane.small_shop import line, sales
from datalake.contracts.prod import AMOUNT

LINES = sales(
    [
        line("1", "A", "2011-01-05T23:59"),
        line("1", "A", "2011-01-06"),
        line("2", "POST", "2011-01-06", line_type="postage"),
    ]
)["orders"]


def test_only_goods_count_each_on_its_day() -> None:
    sold = goods(LINES).group_by("day").agg(SOLD).sort("day").collect()
    assert sold.select("orders", "units", "revenue").rows() == [(1, 2, Decimal(3))] * 2


def test_a_group_that_one_side_lacks_has_zeros() -> None:
    amounts = {"group": pl.String, "units": pl.Int64, "revenue": AMOUNT}
    sold = pl.LazyFrame([("a", 1, Decimal("1.5"))], schema=amounts, orient="row")
    returned = pl.LazyFrame({"group": ["b"], "returns": [2]})
    both = outer(sold, returned, ["group"]).collect().sort("group")
    assert both.rows() == [("a", 1, Decimal("1.5"), 0), ("b", 0, Decimal(0), 2)]
    assert zeros(pl.LazyFrame({"rate": [None, 0.5]})).collect()["rate"].to_list() == [None, 0.5]


def test_a_ratio_to_nothing_is_unknown() -> None:
    frame = pl.DataFrame({"above": [Decimal(1), Decimal(1)], "below": [Decimal(4), Decimal(0)]})
    assert frame.select(ratio("above", "below")).to_series().to_list() == [0.25, None]
