from __future__ import annotations

from collections.abc import Callable

import pytest

from data_plane.curation import curate
from data_plane.retail import GOOD, HEADER, KEY, RETAIL
from datalake.contracts.curated import ORDERS, RETURNS, SALES
from raw_to_curated.sources import source_of
from raw_to_curated.sources.model import ReturnsRule, Source, SourceColumn


def test_source_of_a_key() -> None:
    assert source_of("online-retail/2010/12.csv") is RETAIL
    assert source_of("online-retail") is None
    assert source_of("online-retail-2/a.csv") is None
    assert source_of("/online-retail/a.csv") is None


@pytest.mark.parametrize(
    "build",
    [
        lambda: Source("Upper", RETAIL.table, RETAIL.columns, "GBP"),
        lambda: Source("x", RETAIL.table, RETAIL.columns[1:], "GBP"),
        lambda: Source("x", SALES, RETAIL.columns, "GBP"),
        lambda: Source("x", RETAIL.table, RETAIL.columns, "GBP", delimiter=";;"),
        lambda: Source(
            "x", RETAIL.table, (*RETAIL.columns, SourceColumn("Again", "country")), "GBP"
        ),
    ],
)
def test_a_wrong_mapping_is_refused(build: Callable[[], Source]) -> None:
    with pytest.raises(ValueError, match="source"):
        build()


def test_another_delimiter_is_a_matter_of_the_mapping() -> None:
    source = Source(
        "semicolons",
        ORDERS,
        RETAIL.columns,
        "EUR",
        returns=ReturnsRule(RETURNS, "[Cc].*"),
        delimiter=";",
    )
    text = (HEADER + GOOD).replace(",", ";")
    assert curate(source, KEY, text.encode()).tables[ORDERS]["currency"].to_list() == ["EUR"]
