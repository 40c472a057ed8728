"""Dirt that pipelines meet, put on order lines and labelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from shop.parameters import DirtLaws

Row = dict[str, str]
COPIES = ("exact_duplicate", "near_duplicate")
"""Kinds that stand below the line that they repeat; the others change the line itself."""
FIRST_ROW = 2
"""The line of a file after its header."""


@dataclass(frozen=True)
class Dirty:
    """`rows` are texts, as they go into a file. `labels` have a row for each dirty line: `line` of
    the file (the header is line 1), `kind`, a field of `DirtLaws`, and `repeats`, the line that a
    copy repeats, else null."""

    rows: pl.DataFrame
    labels: pl.DataFrame


def soil(rows: pl.DataFrame, laws: DirtLaws, chance: np.random.Generator) -> Dirty:
    """Put dirt on lines of online-retail, all columns texts.

    Credit notes stay clean.
    """
    shares = asdict(laws)
    kinds = tuple(shares)
    drawn = np.searchsorted(np.cumsum(list(shares.values())), chance.random(rows.height), "right")
    is_invoice = rows["Quantity"].str.starts_with("-").not_().to_numpy()
    is_ascii = rows["Description"].str.contains(r"^[[:ascii:]]*$").to_numpy()
    hit = is_invoice & (drawn < len(kinds))
    hit &= ~(is_ascii & (drawn == kinds.index("mojibake")))
    chosen = np.flatnonzero(hit)
    kind = [kinds[index] for index in drawn[chosen]]
    changed = [
        _MAKERS[name](row, chance)
        for name, row in zip(kind, rows[chosen].iter_rows(named=True), strict=True)
    ]
    dirty = pl.DataFrame(changed, schema=rows.schema).with_columns(
        origin=pl.Series(chosen, dtype=pl.Int64), kind=pl.Series(kind, dtype=pl.String)
    )
    is_copy = pl.col("kind").is_in(COPIES)
    replaced = dirty.filter(~is_copy)["origin"]
    kept = rows.with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("origin"),
        pl.lit(None, dtype=pl.String).alias("kind"),
    ).filter(~pl.col("origin").is_in(replaced.implode()))
    whole = (
        pl.concat([kept, dirty])
        .sort("origin", is_copy.fill_null(value=False), maintain_order=True)
        .with_columns(pl.int_range(FIRST_ROW, pl.len() + FIRST_ROW, dtype=pl.Int64).alias("line"))
    )
    repeats = pl.when(is_copy).then(pl.col("line") - 1).alias("repeats")
    labels = whole.filter(pl.col("kind").is_not_null()).select("line", "kind", repeats)
    return Dirty(whole.select(rows.columns), labels)


def _exact_duplicate(row: Row, _: np.random.Generator) -> Row:
    return row


def _near_duplicate(row: Row, _: np.random.Generator) -> Row:
    return row | {"Description": row["Description"].swapcase()}


def _typo(row: Row, chance: np.random.Generator) -> Row:
    """Two neighbouring letters that differ change places."""
    text = row["Description"]
    places = [i for i in range(len(text) - 1) if text[i] != text[i + 1]]
    at = places[int(chance.integers(0, len(places)))]
    return row | {"Description": f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"}


def _mojibake(row: Row, _: np.random.Generator) -> Row:
    """UTF-8 read as Windows-1252, and written as UTF-8 again."""
    return row | {"Description": row["Description"].encode().decode("cp1252")}


def _missing_customer(row: Row, _: np.random.Generator) -> Row:
    return row | {"CustomerID": ""}


def _price_times_ten(row: Row, _: np.random.Generator) -> Row:
    return row | {"UnitPrice": f"{Decimal(row['UnitPrice']) * 10:.2f}"}


def _shifted_columns(row: Row, _: np.random.Generator) -> Row:
    """The description is lost, what follows it moves to the left, and the last field is empty."""
    names = list(row)
    start = names.index("Description")
    moved = dict(zip(names[start:-1], list(row.values())[start + 1 :], strict=True))
    return row | moved | {names[-1]: ""}


def _wrong_date(row: Row, chance: np.random.Generator) -> Row:
    """Another country's form, a day that does not exist, or the first day of a spreadsheet."""
    date, time = row["InvoiceDate"].split(" ")
    year, month, day = date.split("-")
    wrong = (f"{day}/{month}/{year} {time[:5]}", f"{year}-02-30 {time}", "1900-01-01 00:00:00")
    return row | {"InvoiceDate": wrong[int(chance.integers(0, len(wrong)))]}


_MAKERS: dict[str, Callable[[Row, np.random.Generator], Row]] = {
    "exact_duplicate": _exact_duplicate,
    "near_duplicate": _near_duplicate,
    "typo": _typo,
    "mojibake": _mojibake,
    "missing_customer": _missing_customer,
    "price_times_ten": _price_times_ten,
    "shifted_columns": _shifted_columns,
    "wrong_date": _wrong_date,
}
