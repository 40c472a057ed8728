"""Files as the sources would deliver them."""

from datetime import datetime

import polars as pl

from open_data import raw_files, sets


def test_the_first_days_of_card_transactions_are_weekly_files(tmp_path):
    path = tmp_path / sets.CARD_TRANSACTIONS_FILE
    days = [datetime(2018, 6, day, hour=23) for day in (1, 7, 8, 14, 15)]
    pl.DataFrame({"TX_DATETIME": days, "TX_AMOUNT": range(5)}).write_parquet(path)

    files = {file.key: pl.read_parquet(file.content) for file in raw_files.weekly_files(path)}

    assert {key: rows["TX_AMOUNT"].to_list() for key, rows in files.items()} == {
        "card-transactions/week-1.parquet": [0, 1],
        "card-transactions/week-2.parquet": [2, 3],
    }
    assert all(rows.columns == ["TX_DATETIME", "TX_AMOUNT"] for rows in files.values())
