from __future__ import annotations

import gzip
import re
from collections import Counter
from dataclasses import replace

import polars as pl
import pytest

from shop import files as made
from shop import generate
from shop.files import RawFile, files
from shop.parameters import MarketLaws, Parameters

PARAMETERS = Parameters(lines=4_000, months=5, market=MarketLaws(years=2))
FILES = list(files(PARAMETERS))


def of(source: str, found: list[RawFile] = FILES) -> list[RawFile]:
    return [file for file in found if file.key.startswith(f"{source}/")]


def test_every_source_delivers_its_months() -> None:
    assert Counter(file.key.split("/")[0] for file in FILES) == {
        "price-list": 1,
        "gapminder": 1,
        "stocks": 3,
        **dict.fromkeys(
            ["online-retail", "customer-master", "cdnow", "superstore", "card-transactions"], 5
        ),
    }
    assert [file.key for file in of("online-retail")][:2] == [
        "online-retail/2023-01.csv",
        "online-retail/2023-02.csv",
    ]


def test_keys_and_bytes_are_the_same_for_the_same_seed() -> None:
    assert [(f.key, f.content) for f in files(PARAMETERS)] == [(f.key, f.content) for f in FILES]


def test_another_seed_gives_other_bytes_under_the_same_keys() -> None:
    other = list(files(replace(PARAMETERS, seed=2)))

    assert [file.key for file in other] == [file.key for file in FILES]
    assert not {file.content for file in other} & {file.content for file in FILES}


def test_labels_of_dirt_come_with_order_lines_only() -> None:
    assert all(file.dirt.is_empty() for file in FILES if file not in of("online-retail"))
    labels = pl.concat(file.dirt for file in of("online-retail"))
    share = sum(vars(replace(PARAMETERS.dirt, mojibake=0)).values())
    assert labels.height / PARAMETERS.lines == pytest.approx(share, rel=0.4)


def test_parts_of_a_month_have_keys_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "BLOCK_ORDERS", 50)

    keys = [file.key for file in of("online-retail", list(files(PARAMETERS)))]

    assert len(set(keys)) == len(keys) > 5
    assert "online-retail/2023-05-part-2.csv" in keys


def test_cdnow_follows_the_customers_of_the_first_months() -> None:
    customers = [set(re.findall(rb"^ (\d{5})", f.content, re.MULTILINE)) for f in of("cdnow")]

    assert max(customers[2]) > max(customers[0])
    assert set.union(*customers[3:]) < set.union(*customers[:3])
    won = sum(f.content.count(b"\n") for f in of("customer-master")[: made.COHORT_MONTHS])
    assert len(set.union(*customers)) == won


def test_sources_deliver_in_both_of_their_encodings_and_formats() -> None:
    assert [file.key.split(".")[1] for file in of("card-transactions")] == [
        "jsonl",
        *["parquet"] * 4,
    ]
    texts = [gzip.decompress(file.content) for file in of("superstore")]
    assert [b"Ca\xc3\xb1on" in text for text in texts] == [False, True, False, True, False]
    assert [b"Ca\xf1on" in text for text in texts] == [True, False, True, False, True]
