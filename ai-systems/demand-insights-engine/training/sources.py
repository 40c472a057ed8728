"""Which form a file of DATA has, by its name and its columns."""

from __future__ import annotations

import csv
import gzip
from enum import Enum
from pathlib import Path

import cdnow
import customer_lines
import lines
import m4
import polars as pl
from errors import DataError


class Form(Enum):
    """What a file holds; the value says its columns."""

    SERIES = "a series a line, its name first (M4's form, .csv or .csv.gz)"
    LINES = f"retail lines ({', '.join(lines.COLUMNS)}, or those of Online Retail)"
    PURCHASES = f"customers' purchases ({', '.join(cdnow.COLUMNS)}, or CDNOW's .txt)"


def form_of(file: Path) -> Form:
    """The form of a file. Raises DataError for a file of none of them."""
    if file.suffix == ".txt":
        return Form.PURCHASES
    names = set(_columns(file))
    # What is missing from a file that is nearly in one of the forms is said when it is read.
    for form, known in (
        (Form.LINES, {*lines.COLUMNS, *customer_lines.COLUMNS, *lines.ONLINE_RETAIL}),
        (Form.PURCHASES, {*cdnow.COLUMNS, *cdnow.OTHER_NAMES}),
    ):
        if len(names & known) >= min(3, len(known)):
            return form
    if file.name.endswith((".csv", ".csv.gz")) and any(
        frequency in file.name.lower() for frequency in m4.FREQUENCIES
    ):
        return Form.SERIES
    raise DataError(
        f"{file} has the columns {', '.join(sorted(names)[:10])}, which are of no form that is "
        f"evaluated: {'; '.join(form.value for form in Form)}. A file of series says its frequency "
        f"in its name: {', '.join(m4.FREQUENCIES)}"
    )


def _columns(file: Path) -> list[str]:
    try:
        if file.suffix == ".parquet":
            return list(pl.read_parquet_schema(file))
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8-sig", newline="") as text:
            names = next(csv.reader(text), [])
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, pl.exceptions.PolarsError) as error:
        raise DataError(f"{file} cannot be read: {error}") from error
    if not names:
        raise DataError(f"{file} is empty")
    return names
