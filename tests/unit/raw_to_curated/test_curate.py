"""The pure domain: bytes of one object in, tables, quarantine and counts out."""

from __future__ import annotations

import polars as pl
import pytest

from data_plane.retail import GOOD, retail
from raw_to_curated import curate as curate_module
from raw_to_curated.curate import AccountingError
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.sources.model import Source


def test_rows_that_do_not_add_up_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    original = curate_module.clean

    def losing(rows: pl.DataFrame, source: Source, dates: DateLimits) -> object:
        return original(rows.head(1), source, dates)

    monkeypatch.setattr(curate_module, "clean", losing)
    with pytest.raises(AccountingError, match="2 rows in"):
        retail(GOOD + GOOD.replace("6,", "7,"))
