"""Files of payments in the handbook's columns, and what is said of other ones."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from card_payments import simulate
from compliance_guardian.fraud.features import FEATURES

COLUMNS = ("time", "customer", "terminal", "amount", "fraud", "scenario")


@pytest.fixture(scope="module")
def module(training_module):
    return training_module("payment_files")


@pytest.fixture(scope="module")
def table():
    return simulate(1, customers=12, days=20)


@pytest.fixture
def read(module, tmp_path):
    def of(table, suffix=".parquet"):
        file = tmp_path / f"payments{suffix}"
        table.write_csv(file) if suffix == ".csv" else table.write_parquet(file)
        return module.read(file)

    return of


def text(column, form):
    return pl.col(column).dt.strftime(form)


@pytest.mark.parametrize(
    ("change", "suffix"),
    [
        ([], ".csv"),
        ([pl.col("TX_DATETIME").cast(pl.Datetime("ns"))], ".parquet"),
        ([pl.col("TX_DATETIME").dt.replace_time_zone("UTC")], ".parquet"),
        (
            [
                pl.col("TX_DATETIME")
                .dt.replace_time_zone("UTC")
                .dt.convert_time_zone("America/New_York")
            ],
            ".parquet",
        ),
        ([text("TX_DATETIME", "%Y-%m-%d %H:%M:%S")], ".parquet"),
        ([text("TX_DATETIME", "%Y-%m-%dT%H:%M:%S")], ".csv"),
        ([text("TX_DATETIME", "%Y-%m-%dT%H:%M:%SZ")], ".parquet"),
        ([text("TX_DATETIME", "%Y-%m-%dT%H:%M:%S+00:00")], ".csv"),
        ([(pl.col("TX_AMOUNT") * 100).round().cast(pl.Int32)], ".parquet"),
        ([pl.col("TX_AMOUNT").cast(pl.String)], ".parquet"),
        ([pl.col("TX_FRAUD") == 1], ".csv"),
        ([pl.col("TX_FRAUD").cast(pl.Float64)], ".parquet"),
        ([pl.col("TX_FRAUD", "TX_FRAUD_SCENARIO").cast(pl.String)], ".parquet"),
        ([pl.int_range(pl.len()).alias("TRANSACTION_ID")], ".parquet"),
    ],
)
def test_every_documented_form_is_the_same_payments(read, table, change, suffix):
    expected, found = read(table), read(table.with_columns(*change), suffix)
    for name in COLUMNS:
        assert (getattr(found, name) == getattr(expected, name)).all(), name


def test_identifiers_may_be_text_and_rows_in_any_order(read, table):
    expected = read(table)
    named = table.with_columns(
        pl.format("C-{}", pl.col("CUSTOMER_ID").cast(pl.String).str.zfill(3)).alias("CUSTOMER_ID")
    )
    found = read(named.sample(fraction=1, shuffle=True, seed=1))
    assert found.time.tolist() == expected.time.tolist()
    assert len(np.unique(found.customer)) == len(np.unique(expected.customer))
    assert np.bincount(found.customer).max() == np.bincount(expected.customer).max()


def test_amounts_are_ten_thousandths_and_days_are_of_utc(read):
    row = {
        "TX_DATETIME": [datetime(2021, 3, 1, 23, 59, 59), datetime(2021, 3, 3, 0, 0, 1)],
        "CUSTOMER_ID": ["a", "b"],
        "TERMINAL_ID": [7, 7],
        "TX_AMOUNT": [12.34, 0.005],
        "TX_FRAUD": [0, 1],
    }
    found = read(pl.DataFrame(row))
    assert found.amount.tolist() == [123_400, 50]
    assert (found.day.tolist(), found.days) == ([0, 2], 3)
    assert found.date(2) == date(2021, 3, 3)
    assert found.scenario is None
    assert found.time[0] == datetime(2021, 3, 1, 23, 59, 59, tzinfo=UTC).timestamp() * 1e6


def test_features_do_not_see_what_comes_later(read, table):
    payments = read(table)
    everything = payments.features()
    assert everything.shape == (len(payments), len(FEATURES))
    part = payments.until(12)
    assert set(part.day.tolist()) == set(range(12))
    np.testing.assert_array_equal(part.features(), everything[: len(part)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ([pl.lit(None).alias("TX_AMOUNT")], "row 1: TX_AMOUNT is None"),
        ([pl.lit(float("nan")).alias("TX_AMOUNT")], "row 1: TX_AMOUNT is nan"),
        ([pl.lit("12,50").alias("TX_AMOUNT")], "row 1: TX_AMOUNT is '12,50'"),
        ([pl.lit(1e15).alias("TX_AMOUNT")], "row 1: TX_AMOUNT is 1000000000000000.0"),
        ([pl.lit("yesterday").alias("TX_DATETIME")], "row 1: TX_DATETIME is 'yesterday'"),
        ([pl.lit(17).alias("TX_DATETIME")], "row 1: TX_DATETIME is 17; it must be a date"),
        ([pl.col("TX_DATETIME").dt.time()], "row 1: TX_DATETIME is datetime.time"),
        ([pl.concat_list("CUSTOMER_ID").alias("TX_AMOUNT")], "has a column of another type"),
        ([pl.lit(None).alias("CUSTOMER_ID")], "row 1: CUSTOMER_ID is None"),
        ([pl.lit(2).alias("TX_FRAUD")], "row 1: TX_FRAUD is 2; it must be 0 or 1"),
        ([pl.lit(0.5).alias("TX_FRAUD")], "row 1: TX_FRAUD is 0.5"),
        ([pl.lit("x").alias("TX_FRAUD_SCENARIO")], "row 1: TX_FRAUD_SCENARIO is 'x'"),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_named(module, read, table, change, message):
    with pytest.raises(module.PaymentsError, match=message):
        read(table.with_columns(*change))


def test_files_of_another_form_are_named(module, read, table, tmp_path):
    with pytest.raises(module.PaymentsError, match="lacks TERMINAL_ID, TX_AMOUNT; its columns"):
        read(table.drop("TERMINAL_ID", "TX_AMOUNT"))
    with pytest.raises(module.PaymentsError, match="has no payments"):
        read(table.clear())
    with pytest.raises(module.PaymentsError, match=r"missing.csv cannot be read"):
        module.read(tmp_path / "missing.csv")
    with pytest.raises(module.PaymentsError, match=r"must end in .parquet or .csv"):
        module.read(tmp_path / "payments.xlsx")
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(b"PAR1 not really")
    with pytest.raises(module.PaymentsError, match=r"damaged.parquet cannot be read"):
        module.read(damaged)
