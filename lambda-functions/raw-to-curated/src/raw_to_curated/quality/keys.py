"""When two codes are the same."""

from __future__ import annotations

import polars as pl


def same_code(column: str) -> pl.Expr:
    """A code as it is compared: tills write 85123A and 85123a for one product."""
    return pl.col(column).str.strip_chars().str.to_uppercase()


PRODUCT = same_code("product_id")
