"""Which lines are goods, and which are postage, fees and other entries of the accounts."""

from __future__ import annotations

import polars as pl

from raw_to_curated.quality.keys import PRODUCT
from raw_to_curated.quality.rules import QualityRules

GOODS = "product"


def line_type(rules: QualityRules) -> pl.Expr:
    """Line type by product code; what no pattern matches is a product."""
    expression = pl.lit(GOODS)
    for name, patterns in rules.codes.items():
        matches = PRODUCT.str.contains(rf"\A(?:{'|'.join(patterns)})\z")
        expression = pl.when(matches).then(pl.lit(name)).otherwise(expression)
    return expression.alias("line_type")
