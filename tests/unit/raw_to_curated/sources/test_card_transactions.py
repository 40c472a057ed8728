from __future__ import annotations

import io

import polars as pl
import pytest

from data_plane import data_sets
from data_plane.curation import curate
from data_plane.sources import CARD, only


@pytest.fixture(scope="module")
def curated() -> pl.DataFrame:
    body = io.BytesIO()
    data_sets.card_rows().rows.write_parquet(body)
    return only(curate(CARD, "card-transactions/all.parquet", body.getvalue()))


def test_all_of_the_card_transactions(curated: pl.DataFrame) -> None:
    rows = data_sets.card_rows().rows
    assert curated.height == rows.height
    assert curated["is_fraud"].sum() == rows["TX_FRAUD"].sum() > 100
    assert (curated["amount"] * 100).cast(pl.Int64).to_list() == rows["TX_AMOUNT"].to_list()


def test_figures_of_the_published_card_transactions(curated: pl.DataFrame) -> None:
    data_sets.require_real(data_sets.card_rows())
    assert curated.height == 584_546
    assert curated["is_fraud"].sum() == 5_124
