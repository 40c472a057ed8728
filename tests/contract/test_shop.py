"""raw-to-curated takes the files of the made-up shop, and finds the dirt that their labels name."""

from __future__ import annotations

from collections import Counter

import pytest

from data_plane.curation import Curated, curate
from datalake.contracts.curated import ORDERS
from raw_to_curated.quality.near_duplicates import near_duplicate_of
from raw_to_curated.sources import SOURCES, source_of
from shop import Parameters
from shop.files import RawFile, files
from shop.parameters import DirtLaws, MarketLaws

DIRT = DirtLaws(
    exact_duplicate=0.02,
    near_duplicate=0.02,
    typo=0.02,
    mojibake=0.05,
    missing_customer=0.05,
    price_times_ten=0.02,
    shifted_columns=0.02,
    wrong_date=0.02,
)
FILES = list(files(Parameters(lines=3_000, months=2, dirt=DIRT, market=MarketLaws(years=1))))
QUARANTINED = ("shifted_columns", "wrong_date")


def curated(file: RawFile) -> Curated:
    source = source_of(file.key)
    assert source
    return curate(source, file.key, file.content)


def test_every_declared_source_has_files() -> None:
    assert {file.key.split("/")[0] for file in FILES} == set(SOURCES)


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"online-retail"}))
def test_clean_files_are_curated_whole(source: str) -> None:
    for file in FILES:
        if file.key.startswith(f"{source}/"):
            found = curated(file)
            assert found.quarantine.is_empty(), (file.key, found.quarantine.rows()[:3])
            assert found.exact_duplicates == 0
            assert sum(rows.height for rows in found.tables.values()) == found.rows_in > 0


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.key.startswith("online-retail/")], ids=lambda f: f.key
)
def test_dirt_of_order_lines_is_found(file: RawFile) -> None:
    found = curated(file)

    kinds = Counter(file.dirt["kind"])
    assert min(kinds[kind] for kind in vars(DIRT)) > 0
    orders = found.tables[ORDERS]
    expected = file.dirt.filter(file.dirt["kind"].is_in(QUARANTINED))["line"]
    assert found.quarantine["line_number"].to_list() == expected.to_list()
    assert found.exact_duplicates == kinds["exact_duplicate"]
    assert near_duplicate_of(orders).drop_nulls().to_list() == (
        file.dirt.filter(file.dirt["kind"] == "near_duplicate")["repeats"].to_list()
    )
    assert orders["customer_id"].null_count() == kinds["missing_customer"]
