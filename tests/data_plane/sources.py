"""Objects of the sources, as their systems deliver them."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from data_plane.curation import Curated, curate
from fleet.paths import ROOT
from raw_to_curated.reasons import RejectedError
from raw_to_curated.sources import SOURCES
from raw_to_curated.sources.model import Source

FILES = ROOT / "lambda-functions" / "raw-to-curated" / "events" / "files"
CARD = SOURCES["card-transactions"]
PRICES = SOURCES["price-list"]
CUSTOMERS = SOURCES["customer-master"]


def only(curated: Curated) -> pl.DataFrame:
    """The only table, of an object of which every row was good."""
    assert curated.quarantine.is_empty(), curated.quarantine.rows()
    (frame,) = curated.tables.values()
    return frame


def rejected(source: Source, key: str, body: bytes) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        curate(source, key, body)
    return caught.value


def card_frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "TX_DATETIME": [datetime(2018, 6, 1, 0, 1, 11), datetime(2018, 6, 1), None],
            "CUSTOMER_ID": [852, 7, 8],
            "TERMINAL_ID": [5161, None, 3],
            "TX_AMOUNT": [16364, 5, 1],
            "TX_FRAUD": [0, 1, None],
            "TX_FRAUD_SCENARIO": [0, 1, 0],
        }
    )
