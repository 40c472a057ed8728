"""Lines that repeat another in all but spelling."""

from __future__ import annotations

import polars as pl

from raw_to_curated.quality.keys import PRODUCT, same_code

# Figures must agree; tills and exports differ in case and spaces of codes, and in names.
_CODES = ("order_id", "customer_id")
_FIGURES = ("quantity", "unit_price", "ordered_at")


def near_duplicate_of(orders: pl.DataFrame) -> pl.Series:
    """`line_number` of the first of the lines that agree, null for that first line itself.

    Lines agree that have order, customer, product, quantity, price and time in common, whatever
    the description: the code already says which product it is. Two lines of an order that differ
    in quantity do not agree: one product was picked twice, and both are sold.
    """
    keys = [*(same_code(name) for name in _CODES), PRODUCT, *(pl.col(name) for name in _FIGURES)]
    # Hardly any line has a partner. Equal hashes find the candidates in a tenth of the memory that
    # grouping all lines by six columns takes.
    hashes = [key.hash(seed) for seed, key in enumerate(keys)]
    fingerprint = hashes[0]
    for value in hashes[1:]:
        fingerprint = fingerprint.xor(value)
    is_candidate = orders.select(fingerprint).to_series().is_duplicated()
    first = pl.col("line_number").min().over(keys)
    later = (
        orders.filter(is_candidate)
        .select("line_number", first.alias("near_duplicate_of"))
        .filter(pl.col("near_duplicate_of") < pl.col("line_number"))
    )
    return orders.select("line_number").join(
        later, on="line_number", how="left", maintain_order="left"
    )["near_duplicate_of"]
