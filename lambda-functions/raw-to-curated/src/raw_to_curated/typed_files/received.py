"""Records of files that have no text of their own: JSON shows in quarantine what was received."""

from __future__ import annotations

import polars as pl

from raw_to_curated.lines import KEPT_OF_LONG_LINE, MAX_LINE_BYTES
from raw_to_curated.reasons import RowReason
from raw_to_curated.records import LINE_NUMBER, RAW_TEXT, REASON, Records

__all__ = ["REASON", "records_of"]


def records_of(rows: pl.DataFrame, shown: pl.DataFrame, blank_lines: int = 0) -> Records:
    """Records of rows with LINE_NUMBER and REASON, which is null where nothing is wrong with them.

    `shown` has the same rows with LINE_NUMBER and each value as the text in which it is shown.
    """
    is_long = pl.sum_horizontal(pl.exclude(LINE_NUMBER).str.len_bytes()) > MAX_LINE_BYTES
    too_long = shown.select(pl.when(is_long).then(pl.lit(RowReason.RECORD_TOO_LONG.value)))
    rows = rows.with_columns(too_long.to_series().fill_null(rows[REASON]).alias(REASON))
    malformed = rows.filter(pl.col(REASON).is_not_null()).select(LINE_NUMBER, REASON)

    def raw_text(wanted: pl.Series) -> pl.DataFrame:
        text = pl.struct(pl.exclude(LINE_NUMBER)).struct.json_encode()
        kept = (
            pl.when(text.str.len_bytes() > MAX_LINE_BYTES)
            .then(text.str.head(KEPT_OF_LONG_LINE))
            .otherwise(text)
        )
        return shown.filter(pl.col(LINE_NUMBER).is_in(wanted.implode())).select(
            LINE_NUMBER, kept.alias(RAW_TEXT)
        )

    return Records(
        rows=rows.filter(pl.col(REASON).is_null()).drop(REASON),
        malformed=malformed.join(
            raw_text(malformed[LINE_NUMBER]), on=LINE_NUMBER, maintain_order="left"
        ).select(LINE_NUMBER, RAW_TEXT, REASON),
        blank_lines=blank_lines,
        raw_text=raw_text,
    )
