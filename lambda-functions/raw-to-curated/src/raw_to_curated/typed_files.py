"""From Parquet files and Excel workbooks to rows of text, in the forms that a source declares.

Through text, so that one set of rules decides for every format what a value is.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import BinaryIO

import polars as pl

from raw_to_curated.content import MAX_RATIO
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.records import (
    LINE_NUMBER,
    MALFORMED_SCHEMA,
    RAW_TEXT,
    Records,
    with_decimal_sign,
)
from raw_to_curated.sources.model import Source

PARQUET_BATCH_ROWS = 65_536
MAX_WORKBOOK_BYTES = 512 * 1024**2
"""Most XML that a workbook may unpack to: it is held in memory whole."""

_SCALARS = (
    *(pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null, pl.Date, pl.Datetime, pl.Decimal),
    *(pl.Float32, pl.Float64, pl.Int8, pl.Int16, pl.Int32, pl.Int64),
    *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64),
)


def parquet_columns(path: str) -> list[str]:
    """Column names of a Parquet file. Raises RejectedError."""
    try:
        schema = pl.scan_parquet(path).collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RejectedError(
            ObjectReason.CORRUPT_PARQUET,
            f"The object is no readable Parquet file ({str(error)[:200]}). Write it again.",
        ) from error
    nested = [
        f"{name}: {dtype}" for name, dtype in schema.items() if not isinstance(dtype, _SCALARS)
    ]
    if nested:
        raise RejectedError(
            ObjectReason.COLUMNS_MISMATCH,
            f"Columns are of types that no table has ({', '.join(nested[:30])}). Write plain "
            "values.",
            retyped=nested[:30],
        )
    return schema.names()


def parquet_rows(path: str, size: int) -> int:
    """The number of rows of a Parquet file of `size` bytes. Raises RejectedError for a bomb."""
    rows = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    if rows > max(MAX_RATIO * size, PARQUET_BATCH_ROWS):
        raise RejectedError(
            ObjectReason.DECOMPRESSION_BOMB,
            f"The object claims {rows} rows in {size} bytes, as no table does.",
        )
    return rows


def parquet_records(source: Source, path: str, first: int, rows: int) -> Records:
    """Some rows of a Parquet file as text; LINE_NUMBER is the row's number from 1."""
    try:
        typed = pl.scan_parquet(path).select(source.column_names).slice(first, rows).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RejectedError(
            ObjectReason.CORRUPT_PARQUET,
            f"Rows from {first + 1} on cannot be read ({str(error)[:200]}). Write the file again.",
        ) from error
    fields = typed.select(_as_text(source, name, dtype) for name, dtype in typed.schema.items())
    fields = with_decimal_sign(fields, source)
    return records_of(fields, pl.int_range(first + 1, first + typed.height + 1, eager=True))


def records_of(fields: pl.DataFrame, numbers: pl.Series) -> Records:
    """Rows of text that came without a text of their own; JSON shows them in quarantine."""
    rows = fields.insert_column(0, numbers.cast(pl.Int64).alias(LINE_NUMBER))
    as_json = pl.struct(pl.exclude(LINE_NUMBER)).struct.json_encode().alias(RAW_TEXT)
    return Records(
        rows=rows,
        malformed=pl.DataFrame(schema=MALFORMED_SCHEMA),
        blank_lines=0,
        raw_text=lambda wanted: rows.filter(pl.col(LINE_NUMBER).is_in(wanted.implode())).select(
            LINE_NUMBER, as_json
        ),
    )


def _as_text(source: Source, name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone:
            value = value.dt.convert_time_zone(source.timezone)
        return value.dt.strftime(source.timestamp_format)
    if isinstance(dtype, pl.Date):
        return value.dt.strftime(source.date_format)
    return value.cast(pl.String)


def workbook(file: BinaryIO) -> pl.DataFrame:
    """The cells of the only sheet of an Excel workbook as text, from its first row on.

    A formula gives the value that was calculated last; a text that looks like a formula stays a
    text. Raises RejectedError.
    """
    # Imported here: only workbooks need it.
    import fastexcel

    _check_workbook(file)
    file.seek(0)
    try:
        book = fastexcel.read_excel(file.read())
        names = book.sheet_names
        if len(names) != 1:
            raise RejectedError(
                ObjectReason.NOT_ONE_MEMBER,
                f"The workbook has {len(names)} sheets ({', '.join(names[:10])}); exactly one is "
                "read. Save each sheet as a workbook of its own.",
            )
        return book.load_sheet(0, header_row=None, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise _corrupt_workbook(error) from error


def workbook_header(cells: pl.DataFrame) -> tuple[int, list[str]]:
    """The number of the first row that is not blank, and its cells. Raises RejectedError."""
    for number, row in enumerate(cells.iter_rows(), start=1):
        if any(cell and cell.strip() for cell in row):
            return number, [cell or "" for cell in row]
    raise RejectedError(
        ObjectReason.EMPTY_OBJECT, "The sheet is empty. Save it again, with its header row."
    )


def workbook_records(
    source: Source, cells: pl.DataFrame, header: list[str], header_row: int
) -> Records:
    """The rows below the header as text; LINE_NUMBER is the row in the sheet."""
    fields = cells.slice(header_row)
    fields.columns = header
    fields = with_decimal_sign(fields, source)
    numbers = pl.int_range(header_row + 1, header_row + 1 + fields.height, eager=True)
    is_blank = fields.select(
        pl.all_horizontal(pl.all().str.strip_chars().fill_null("") == "")
    ).to_series()
    records = records_of(fields.filter(~is_blank), numbers.filter(~is_blank))
    return replace(records, blank_lines=int(is_blank.sum()) + header_row - 1)


def _check_workbook(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise _corrupt_workbook(error) from error
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MAX_WORKBOOK_BYTES or unpacked > MAX_RATIO * max(packed, 1):
        raise RejectedError(
            ObjectReason.DECOMPRESSION_BOMB,
            f"The workbook unpacks to {unpacked // 1024**2} MiB, more than a workbook of its size "
            "or this function can hold. Export it as CSV.",
        )


def _corrupt_workbook(error: Exception) -> RejectedError:
    return RejectedError(
        ObjectReason.CORRUPT_WORKBOOK,
        f"The object is no readable Excel workbook ({str(error)[:200]}). Save it as .xlsx again.",
    )
