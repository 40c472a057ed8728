from __future__ import annotations

import gzip
from decimal import Decimal

from data_plane.curation import curate
from data_plane.retail import SUPERSTORE, SUPERSTORE_HEADER, SUPERSTORE_ROW
from datalake.contracts.curated import SALES


def test_superstore_fills_sales_not_orders() -> None:
    body = gzip.compress((SUPERSTORE_HEADER + SUPERSTORE_ROW).encode())
    curated = curate(SUPERSTORE, "superstore/a.csv.gz", body)
    assert list(curated.tables) == [SALES]
    row = curated.tables[SALES].row(0, named=True)
    assert (row["sales_amount"], row["quantity"]) == (Decimal("261.9600"), 2)
    assert (row["discount"], row["profit"]) == (Decimal("0.20000000"), Decimal("-41.9136"))
    assert (row["currency"], row["postal_code"]) == ("USD", "42420")
