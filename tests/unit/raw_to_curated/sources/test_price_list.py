from __future__ import annotations

from decimal import Decimal

from data_plane.curation import curate
from data_plane.sources import PRICES


def test_decimal_commas_and_groups() -> None:
    rows = ["A;;;1.234,50", "B;;;2,55", "C;;;7", "D;;;2.55", "E;;;1.23,4", "F;;;1,234.50"]
    text = "\n".join(["Stock Code;Description;Category;List Price", *rows])
    curated = curate(PRICES, "price-list/a.csv", text.encode())
    (frame,) = curated.tables.values()
    assert frame["list_price"].to_list() == [Decimal("1234.5"), Decimal("2.55"), Decimal("7")]
    assert curated.quarantine["line_number"].to_list() == [5, 6, 7]
