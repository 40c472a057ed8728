"""The whole of the domain for one raw object: bytes in, checked tables and counts out."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from datalake.contracts import QUARANTINE, Table
from raw_to_curated.clean import clean
from raw_to_curated.decode import decode
from raw_to_curated.reasons import ROW_SENTENCES, RowReason
from raw_to_curated.records import LINE_NUMBER, RAW_TEXT, REASON, read_records
from raw_to_curated.sources.model import Source


class AccountingError(Exception):
    """Rows in do not equal rows out. It is a defect of this function; nothing may be written."""


@dataclass(frozen=True)
class Curated:
    """Result of one object. Each row that came in is in a table, in quarantine or a duplicate."""

    tables: dict[Table, pl.DataFrame]
    quarantine: pl.DataFrame
    rows_in: int
    exact_duplicates: int
    blank_lines: int
    encoding: str


def curate(source: Source, key: str, body: bytes) -> Curated:
    """Curate a raw object of `source`.

    Raises RejectedError where the object as a whole cannot be used, ContractViolation and
    AccountingError where this function itself is wrong.
    """
    text, encoding = decode(key, body, source)
    records = read_records(text, source)
    # First, so that a copy of a bad row counts as a duplicate too, not twice as bad.
    distinct = records.rows.unique(subset=source.column_names, keep="first", maintain_order=True)
    cleaned = clean(distinct, source)
    curated = Curated(
        tables=cleaned.tables,
        quarantine=_quarantine(key, cleaned.failed, records.malformed),
        rows_in=records.rows.height + records.malformed.height,
        exact_duplicates=records.rows.height - distinct.height,
        blank_lines=records.blank_lines,
        encoding=encoding,
    )
    _check(curated)
    return curated


def _quarantine(key: str, failed: pl.DataFrame, malformed: pl.DataFrame) -> pl.DataFrame:
    sentences = {
        reason.value: ROW_SENTENCES[reason]
        for reason in (RowReason.MALFORMED_QUOTING, RowReason.WRONG_FIELD_COUNT)
    }
    explained = malformed.select(
        LINE_NUMBER,
        RAW_TEXT,
        pl.concat_list(REASON).alias("reasons"),
        pl.concat_list(pl.col(REASON).replace_strict(sentences, return_dtype=pl.String)).alias(
            "explanations"
        ),
    )
    return (
        pl.concat([failed, explained])
        .sort(LINE_NUMBER)
        .select(
            pl.lit(key).alias("object_key"),
            pl.col(LINE_NUMBER).alias("line_number"),
            "reasons",
            "explanations",
            pl.col(RAW_TEXT).alias("raw_text"),
        )
    )


def _check(curated: Curated) -> None:
    for table, frame in curated.tables.items():
        table.check(frame)
    QUARANTINE.check(curated.quarantine)
    written = sum(frame.height for frame in curated.tables.values())
    accounted = written + curated.quarantine.height + curated.exact_duplicates
    if accounted != curated.rows_in:
        raise AccountingError(
            f"{curated.rows_in} rows in, but {written} curated + {curated.quarantine.height} "
            f"quarantined + {curated.exact_duplicates} duplicates = {accounted}"
        )
