"""Quality columns of orders and returns: what a reader should know of a line before using it.

Nothing here drops a line or changes a value that was there. Equal lines get equal columns, in
whatever order and with however many threads they are processed. What is learned (prices,
quantities, names) is learned from the object alone, so its columns do not depend on what arrived
before.

- `line_type`: product, or postage, fee, discount, adjustment, test, other, by product code
  (rules.py; case and surrounding spaces do not matter). Demand is counted over products.
- `is_outlier`, `outlier_score`: how implausible price and quantity are for the product, 0 to 1;
  from 0.5 on the line is an outlier. Lines other than products are not scored and have 0: their
  price is an amount. The score adds the surprise at the price or quantity, given the product's
  other lines, to an IsolationForest's score of how far both are from the usual (outliers.py).
- `near_duplicate_of`: line number of the first line with the same order, customer, product,
  quantity, price and time, where only spelling or description differ. Lines that differ in
  quantity are not meant: of one product picked twice, both are sold.
- `imputed_columns`: what was filled in, comma-separated. Only what the source declares: for Online
  Retail the description, from the product's most frequent one in the object.
- `matched_order_id`, `matched_line_number` of a return: the latest order line in the object of the
  same customer, product and price, written no later, with at least the returned quantity left.
  Null where the object has none: the order is in an earlier object, the customer is unknown, or
  the return spans several lines.

`Summary` gives the figures of one object for its report, `history.drift` compares the objects of
a source by these figures, `html.render` shows a report.
"""

from __future__ import annotations

import polars as pl

from raw_to_curated.quality.imputation import impute
from raw_to_curated.quality.line_types import GOODS, line_type
from raw_to_curated.quality.near_duplicates import near_duplicate_of
from raw_to_curated.quality.outliers import THRESHOLD, scores
from raw_to_curated.quality.returns import match
from raw_to_curated.quality.rules import COMMON, QualityRules
from raw_to_curated.quality.summary import Summary

__all__ = ["Summary", "assess"]


def assess(
    orders: pl.DataFrame, returns: pl.DataFrame | None, *, rules: QualityRules = COMMON
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Fill the quality columns of one object's orders and, if it has any, returns.

    The frames have the other columns of their contracts; quality columns that are there already
    are replaced. Rows, their order and all other values stay, but for what `rules.impute` declares.
    """
    typed = orders.with_columns(line_type(rules), near_duplicate_of(orders))
    goods = typed.filter(pl.col("line_type") == GOODS)
    scored = goods.select("line_number", pl.Series("outlier_score", scores(goods), pl.Float64))
    score = (
        typed.select("line_number")
        .join(scored, on="line_number", how="left", maintain_order="left")["outlier_score"]
        .fill_null(0.0)
    )
    assessed = impute(
        typed.with_columns((score >= THRESHOLD).alias("is_outlier"), score), rules.impute
    )
    if returns is None:
        return assessed, None
    return assessed, match(orders, returns.with_columns(line_type(rules)))
