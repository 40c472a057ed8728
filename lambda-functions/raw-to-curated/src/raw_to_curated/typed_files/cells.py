"""From the cells of a workbook to the rows that clean.py reads.

A number has a point whatever the source's texts have; a date is written as the source declares it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import polars as pl

from raw_to_curated.drift import check_columns
from raw_to_curated.lines import KEPT_OF_LONG_LINE
from raw_to_curated.reasons import ObjectReason, RejectedError, RowReason
from raw_to_curated.records import LINE_NUMBER, MALFORMED_SCHEMA, REASON, Records
from raw_to_curated.sources.model import Source
from raw_to_curated.typed_files.received import records_of
from raw_to_curated.typed_files.sheet import Kind

# Excel keeps 15 digits of a number: a longer code is another one by now.
_EXACT_DIGITS = 15
# In a text, which follows the language of whoever wrote it.
_THOUSANDS_OR_DECIMALS = r"\A\s*[+-]?[0-9]{1,3}\.[0-9]{3}\s*\z"
_ISO = "%Y-%m-%dT%H:%M:%S%.f"


def check_header(source: Source, first: list[tuple[int, list[str]]]) -> list[str]:
    """The header, which the first row with a value is. Raises RejectedError if it is not that of
    the source; the message says so if a later one of the rows `first` is."""
    (number, header), *others = first
    for other, texts in others:
        if set(source.column_names) <= set(texts) and not set(source.column_names) <= set(header):
            raise RejectedError(
                ObjectReason.COLUMNS_MISMATCH,
                f"Row {number} of the sheet ({', '.join(filter(None, header))[:100]}) is taken for "
                f"the header, but row {other} has the columns of source {source.name}. Delete the "
                f"rows above row {other}.",
            )
    check_columns(source, header, {})
    return header


def workbook_records(source: Source, header: list[str], batch: dict[str, Any]) -> Records:
    """The rows of a batch (see workbook.Batch); LINE_NUMBER is the row in the sheet."""
    targets = {column.name: source.table[column.target].dtype for column in source.columns}
    numbers = pl.Series(LINE_NUMBER, batch["numbers"], dtype=pl.Int64)
    values, shown = [numbers], [numbers]
    reason = pl.Series(REASON, [None] * numbers.len(), dtype=pl.String)
    for name, texts, letters in zip(header, batch["values"], batch["kinds"], strict=True):
        text = pl.Series(name, texts, dtype=pl.String)
        kind = pl.Series(list(letters), dtype=pl.String)
        shown.append(text)
        target = targets.get(name)
        values.append(text if target is None else _value(source, text, kind, target))
        if target is not None:
            reason = reason.fill_null(_wrong(text, kind, target))
    records = records_of(
        pl.DataFrame([*values, reason.alias(REASON)]), pl.DataFrame(shown), batch["blank"]
    )
    return replace(records, malformed=pl.concat([records.malformed, _wide(batch)]))


def _wrong(text: pl.Series, kind: pl.Series, target: pl.DataType) -> pl.Series:
    reasons = {Kind.ERROR: RowReason.CELL_ERROR, Kind.FORMULA: RowReason.FORMULA_WITHOUT_VALUE}
    if isinstance(target, pl.String):
        reasons[Kind.DATE] = RowReason.DATE_INSTEAD_OF_TEXT
    codes = {kind.value: reason.value for kind, reason in reasons.items()}
    wrong = kind.replace_strict(codes, default=None, return_dtype=pl.String)
    if target.is_numeric():
        is_ambiguous = (kind == Kind.TEXT) & text.str.contains(_THOUSANDS_OR_DECIMALS)
        wrong = wrong.set(is_ambiguous.fill_null(value=False), RowReason.AMBIGUOUS_NUMBER.value)
    return wrong


def _value(source: Source, text: pl.Series, kind: pl.Series, target: pl.DataType) -> pl.Series:
    if isinstance(target, pl.String):
        is_rounded = (kind == Kind.NUMBER) & text.str.contains(
            rf"\A-?[0-9]{{{_EXACT_DIGITS + 1},}}\z"
        )
        return (
            text.to_frame()
            .select(pl.when(is_rounded).then(text + ".0").otherwise(text))
            .to_series()
        )
    if isinstance(target, pl.Datetime | pl.Date):
        form = source.timestamp_format if isinstance(target, pl.Datetime) else source.date_format
        # Only if it says all of the time; else the date keeps a form that the source does not have.
        written = _written(text, form)
        return (
            text.to_frame()
            .select(
                pl.when(kind == Kind.DATE)
                .then(written.fill_null(text))
                .otherwise(text)
                .alias(text.name)
            )
            .to_series()
        )
    return text


def _written(text: pl.Series, form: str) -> pl.Series:
    """ISO dates in another form; null for what is none, and where the form leaves something out."""
    time = text.str.to_datetime(_ISO, time_unit="us", strict=False)
    written = time.dt.strftime(form)
    again = written.str.to_datetime(form, time_unit="us", strict=False)
    return written.set(again.ne_missing(time), None)


def _wide(batch: dict[str, Any]) -> pl.DataFrame:
    reason = RowReason.WRONG_FIELD_COUNT.value
    return pl.DataFrame(
        [
            (number, json.dumps(cells, ensure_ascii=False)[:KEPT_OF_LONG_LINE], reason)
            for number, cells in batch["wide"]
        ],
        schema=MALFORMED_SCHEMA,
        orient="row",
    )
