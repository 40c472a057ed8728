"""Purchases of customers from a file of CDNOW's form: customer, date, quantity, amount.

The form is that of Fader and Hardie's data sets: columns divided by blanks, with a header or not,
dates as 19970118. `CDNOW_sample.txt` has another customer number in front. CSV and Parquet files
have the columns COLUMNS, dates also as 1997-01-18. A purchase has no number, so those of a
customer on one day are one.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import polars as pl
from errors import DataError

COLUMNS = ("customer_id", "date", "quantity", "amount")
SUFFIXES = (".txt", ".csv", ".parquet")
_FORMS = ("a name", "a date", "a number", "a finite number of 0 or more")
OTHER_NAMES = {"number_of_cds": "quantity", "dollar_value": "amount"}
_WITH_MASTER_ID = 5


class PurchasesError(DataError):
    """The file does not have the form that the evaluation reads; the message says why."""


def sample() -> Path:
    """The sample of the BG/NBD paper, which the package lifetimes carries: 2,357 customers.

    Raises PurchasesError where the package is not installed.
    """
    try:
        path = distribution("lifetimes").locate_file("lifetimes/datasets/CDNOW_sample.txt")
    except PackageNotFoundError as error:
        raise PurchasesError(f"{error}: it carries CDNOW; `make evaluate` installs it") from error
    return Path(str(path))


def read(path: Path) -> pl.DataFrame:
    """The days of customers as demand_insights_engine.customers.transactions reads them.

    Raises PurchasesError, which names the row.
    """
    table = _table(path)
    parsed = table.select(
        pl.col("customer_id").cast(pl.String),
        _date(table["date"]).alias("date"),
        pl.col("quantity", "amount").cast(pl.Float64, strict=False),
    )
    broken = {
        "customer_id": parsed["customer_id"].is_null(),
        "date": parsed["date"].is_null(),
        "quantity": ~parsed["quantity"].is_finite().fill_null(value=False),
        "amount": ~(parsed["amount"].is_finite() & (parsed["amount"] >= 0)).fill_null(value=False),
    }
    for (name, bad), form in zip(broken.items(), _FORMS, strict=True):
        if bad.any():
            row = int(bad.arg_true()[0])
            raise PurchasesError(
                f"{path}: row {row + 1}: {name} is {table[name][row]!r}; it must be {form}"
            )
    return (
        parsed.group_by("customer_id", pl.col("date").alias("day"), maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("orders"), pl.col("amount").sum())
        .with_columns(returned_amount=pl.lit(0.0))
        .sort("customer_id", "day")
    )


def _table(path: Path) -> pl.DataFrame:
    """The file's COLUMNS as they stand there. Raises PurchasesError."""
    try:
        if path.suffix == ".parquet":
            table = pl.read_parquet(path)
        elif path.suffix == ".csv":
            table = pl.read_csv(path, infer_schema=False)
        elif path.suffix == ".txt":
            table = _aligned(path)
        else:
            raise PurchasesError(f"{path} must end in {', '.join(SUFFIXES)}")
    except (OSError, UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise PurchasesError(f"{path} cannot be read: {error}") from error
    table = table.rename({old: new for old, new in OTHER_NAMES.items() if old in table.columns})
    if missing := [name for name in COLUMNS if name not in table.columns]:
        raise PurchasesError(
            f"{path} lacks {', '.join(missing)}; its columns must be {', '.join(COLUMNS)}"
        )
    if table.is_empty():
        raise PurchasesError(f"{path} has no purchases")
    return table


def _aligned(path: Path) -> pl.DataFrame:
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if row]
    if numbered and not numbered[0][1][-1].replace(".", "", 1).isdigit():
        numbered = numbered[1:]  # the header
    if not numbered:
        raise PurchasesError(f"{path} has no purchases")
    size = len(numbered[0][1])
    if size not in (len(COLUMNS), _WITH_MASTER_ID):
        raise PurchasesError(
            f"{path}: line {numbered[0][0]} has {size} columns; it must have {', '.join(COLUMNS)}, "
            "and perhaps another customer number in front"
        )
    for number, row in numbered:
        if len(row) != size:
            raise PurchasesError(f"{path}: line {number} has {len(row)} columns, not {size}")
    return pl.DataFrame(
        [row[-len(COLUMNS) :] for _, row in numbered],
        schema=dict.fromkeys(COLUMNS, pl.String),
        orient="row",
    )


def _date(column: pl.Series) -> pl.Series:
    if column.dtype in (pl.Date, pl.Datetime):
        return column.cast(pl.Date)
    text = column.cast(pl.String).str.strip_chars().str.slice(0, 10).str.replace_all("-", "")
    return text.str.to_date("%Y%m%d", strict=False)
