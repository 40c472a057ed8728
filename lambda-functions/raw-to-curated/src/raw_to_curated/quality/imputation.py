"""Values that were not in the object, filled in where the source declares it, always flagged."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def impute(orders: pl.DataFrame, declared: Mapping[str, str]) -> pl.DataFrame:
    """Fill the nulls of the declared columns, and name them in `imputed_columns`.

    The most frequent value of the same key is taken; among equally frequent ones the first in
    alphabetical order. Where the object has none the null stays. All columns are filled from the
    values as they came, so that their order does not matter.
    """
    filled = {
        column: pl.col(column).is_null() & _most_frequent(column, key).is_not_null()
        for column, key in declared.items()
    }
    names = [pl.when(is_filled).then(pl.lit(column)) for column, is_filled in filled.items()]
    listed = pl.concat_list(names).list.drop_nulls().list.join(",") if names else pl.lit("")
    values = [
        pl.coalesce(pl.col(column), _most_frequent(column, key)).alias(column)
        for column, key in declared.items()
    ]
    return orders.with_columns(*values, listed.alias("imputed_columns"))


def _most_frequent(column: str, key: str) -> pl.Expr:
    most_frequent = pl.col(column).drop_nulls().mode().min().over(key)
    return pl.when(pl.col(key).is_not_null()).then(most_frequent)
