"""A data set is the published one where it is here, otherwise made up in the same form."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from open_data import sets, stand_ins


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sets, "DATA", tmp_path / "none")
    monkeypatch.setenv("FLEET_DATA_DIR", str(tmp_path))
    return tmp_path


def test_a_published_data_set_is_taken_as_it_is(folder: Path) -> None:
    rows = pl.DataFrame({"a": [1]})
    rows.write_parquet(folder / sets.ONLINE_RETAIL_FILE)
    rows.write_parquet(folder / sets.CARD_TRANSACTIONS_FILE)

    for found in (stand_ins.online_retail(1_000), stand_ins.card_transactions(1_000)):
        assert found.is_real
        assert found.rows.equals(rows)
        assert found.title in ("Online Retail, 1 rows", "Card transactions, 1 rows")


@pytest.mark.usefixtures("folder")
def test_made_up_order_lines_have_the_form_of_online_retail() -> None:
    found = stand_ins.online_retail(2_000)

    assert not found.is_real
    assert found.title == f"A made-up shop, {found.rows.height:,} rows, in place of Online Retail"
    assert found.rows.height == pytest.approx(2_000, rel=0.3)
    assert found.rows.schema == {
        "InvoiceNo": pl.String,
        "StockCode": pl.String,
        "Description": pl.String,
        "Quantity": pl.Int64,
        "InvoiceDate": pl.Datetime("ns"),
        "UnitPrice": pl.Float64,
        "CustomerID": pl.Float64,
        "Country": pl.String,
    }
    assert found.rows.columns == sets.ONLINE_RETAIL_COLUMNS
    days = found.rows["InvoiceDate"].dt.date()
    assert date(2010, 12, 1) <= days.min() < days.max() < date(2012, 1, 1)


@pytest.mark.usefixtures("folder")
def test_made_up_order_lines_have_what_makes_the_published_ones_hard() -> None:
    rows = stand_ins.online_retail(5_000).rows

    assert rows["CustomerID"].null_count() > 0
    assert rows.is_duplicated().any()
    assert (rows["Quantity"] < 0).any()
    assert rows["InvoiceNo"].str.starts_with("C").any()
    assert {"POST", "M", "D"} & set(rows["StockCode"])


@pytest.mark.usefixtures("folder")
def test_made_up_payments_have_the_columns_of_the_card_transactions() -> None:
    found = stand_ins.card_transactions(3_000)

    assert not found.is_real
    assert found.rows.height == pytest.approx(3_000, rel=0.1)
    assert found.rows.columns == [
        *("TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT"),
        *("TX_FRAUD", "TX_FRAUD_SCENARIO"),
    ]
    assert (found.rows["TX_FRAUD"] == 1).any()


@pytest.mark.usefixtures("folder")
def test_the_same_rows_are_made_each_time() -> None:
    assert stand_ins.online_retail(500).rows.equals(stand_ins.online_retail(500).rows)
    assert stand_ins.card_transactions(500).rows.equals(stand_ins.card_transactions(500).rows)
