from __future__ import annotations

import os
from pathlib import Path

import pytest

from data_plane.curation import curate
from data_plane.sources import CARD, only


def test_all_of_the_card_transactions() -> None:
    folder = os.environ.get("FLEET_DATA_DIR")
    if not folder:
        pytest.skip("set FLEET_DATA_DIR to the folder that has card_transactions_simulated.parquet")
    body = (Path(folder) / "card_transactions_simulated.parquet").read_bytes()
    frame = only(curate(CARD, "card-transactions/all.parquet", body))
    assert frame.height == 584_546
    assert frame["is_fraud"].sum() == 5_124
