from __future__ import annotations

import polars as pl

from raw_to_curated.quality.keys import PRODUCT, same_code


def test_case_and_surrounding_spaces_do_not_matter() -> None:
    frame = pl.DataFrame({"product_id": ["85123a", " 85123A ", "85123B", None]})
    assert frame.select(PRODUCT).to_series().to_list() == ["85123A", "85123A", "85123B", None]
    assert frame.select(same_code("product_id")).equals(frame.select(PRODUCT))
