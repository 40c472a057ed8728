"""From columns of types to the rows that clean.py reads: no value changes on the way.

Numbers become their shortest text, which stands for no other number; one set of rules decides for
every format what a text is. Times stay times, in microseconds: naive ones are local to the source,
those with a zone are in UTC.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import polars as pl

from raw_to_curated.reasons import ObjectReason, RejectedError, RowReason
from raw_to_curated.records import LINE_NUMBER, Records
from raw_to_curated.sources.model import Source
from raw_to_curated.typed_files.received import REASON, records_of

# From here on a whole number may be another one, rounded.
_EXACT_BELOW: dict[pl.DataType, int] = {
    pl.Float16(): 2**11,
    pl.Float32(): 2**24,
    pl.Float64(): 2**53,
}
# The years 1 to 9999, which every library can write.
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_DAY_SECONDS = 86_400
_DAY_US = _DAY_SECONDS * 1_000_000
_PER_SECOND = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_INT64 = 2**63


def check_types(source: Source, schema: pl.Schema) -> None:
    """Raise RejectedError if times shall become something else than times; days become times only
    where the source gives days."""
    retyped = [
        f"{column.name}: {schema[column.name]}"
        for column in source.columns
        if not _can_become(source, schema[column.name], source.table[column.target].dtype)
    ]
    if retyped:
        raise RejectedError(
            ObjectReason.COLUMNS_MISMATCH,
            f"Columns are of types that cannot become those of the table ({', '.join(retyped)}). "
            "Correct the export, or change the source's mapping if the source itself has changed.",
            retyped=retyped,
        )


def _can_become(source: Source, dtype: pl.DataType, target: pl.DataType) -> bool:
    if isinstance(dtype, pl.Date) and isinstance(target, pl.Datetime):
        return not any(code in source.timestamp_format for code in ("%H", "%I", "%T", "%R"))
    return not dtype.is_temporal() or isinstance(target, pl.Date | pl.Datetime)


def parquet_records(source: Source, typed: pl.DataFrame, first_row: int) -> Records:
    """The rows of a table as they came from a Parquet file; LINE_NUMBER counts from `first_row`."""
    targets = {column.name: source.table[column.target].dtype for column in source.columns}
    columns = [(name, typed.schema[name], targets.get(name)) for name in source.column_names]
    fits = [_fits(source, *column) for column in columns if column[1].is_temporal()]
    reason = pl.lit(None, dtype=pl.String)
    if fits:
        # A time that is missing fits.
        does_fit = pl.all_horizontal(fit.fill_null(value=True) for fit in fits)
        reason = pl.when(~does_fit).then(pl.lit(RowReason.UNREPRESENTABLE_TIME.value))
    numbers = pl.int_range(first_row, first_row + typed.height, dtype=pl.Int64)
    values = [_value(source, *column) for column in columns]
    return records_of(
        typed.select(numbers.alias(LINE_NUMBER), *values, reason.alias(REASON)),
        typed.select(numbers.alias(LINE_NUMBER), *(_shown(n, dtype) for n, dtype, _ in columns)),
    )


def _value(source: Source, name: str, dtype: pl.DataType, target: pl.DataType | None) -> pl.Expr:
    value = pl.col(name)
    if dtype.is_temporal():
        return _time(source, name, dtype, target)
    if dtype.is_float():
        return _float_text(name, dtype, target)
    is_code = isinstance(target, pl.String | pl.Boolean)
    if is_code and isinstance(dtype, pl.Decimal) and dtype.scale:
        return value.cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")
    text = value.cast(pl.String)
    return pl.when(text != "").then(text).alias(name)


def _float_text(name: str, dtype: pl.DataType, target: pl.DataType | None) -> pl.Expr:
    """The shortest decimal that is this number, without an exponent. Whole numbers have no point,
    unless they are so large that they may have been rounded: then no code must be made of them."""
    value = pl.col(name)
    if isinstance(target, pl.Float64):
        value = value.cast(pl.Float64)
    text = value.cast(pl.String).map_batches(_without_exponent, return_dtype=pl.String())
    is_exact = value.cast(pl.Float64).abs() < _EXACT_BELOW[dtype]
    text = pl.when(is_exact).then(text.str.strip_suffix(".0")).otherwise(text)
    if isinstance(target, pl.String | pl.Boolean):
        # A column of codes with a gap, as pandas writes it.
        text = pl.when(~value.is_nan()).then(text)
    return text.alias(name)


def _without_exponent(texts: pl.Series) -> pl.Series:
    has_exponent = texts.str.contains("e", literal=True).fill_null(value=False)
    if not has_exponent.any():
        return texts
    plain = [format(Decimal(text), "f") for text in texts.filter(has_exponent)]
    with_point = [text if "." in text else f"{text}.0" for text in plain]
    return texts.scatter(has_exponent.arg_true(), with_point)


def _time(source: Source, name: str, dtype: pl.DataType, target: pl.DataType | None) -> pl.Expr:
    """Microseconds or days; null where the time does not fit."""
    whole = pl.when(_is_representable(name, dtype)).then(_physical(name))
    if isinstance(dtype, pl.Date):
        day = whole.cast(pl.Int32).cast(pl.Date)
        found = day.cast(pl.Datetime("us")) if isinstance(target, pl.Datetime) else day
    elif isinstance(target, pl.Date):
        local = _local(source, _instant(whole, dtype), dtype)
        is_day = local.to_physical() % _DAY_US == 0
        found = pl.when(is_day).then(local.dt.date())
    else:
        found = _instant(whole, dtype)
    return found.alias(name)


def _fits(source: Source, name: str, dtype: pl.DataType, target: pl.DataType | None) -> pl.Expr:
    """Whether a time keeps its value as one of the table; null for a null."""
    fits = _is_representable(name, dtype)
    if isinstance(dtype, pl.Datetime) and isinstance(target, pl.Date):
        fits &= _time(source, name, dtype, target).is_not_null()
    return fits if target is not None else pl.lit(value=True)


def _is_representable(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Date):
        return _physical(name).is_between(_FIRST_DAY, _LAST_DAY)
    unit = _unit(dtype)
    per_day = _DAY_SECONDS * _PER_SECOND[unit]
    first = max(_FIRST_DAY * per_day, -_INT64)
    last = min((_LAST_DAY + 1) * per_day, _INT64) - 1
    is_inside = _physical(name).is_between(first, last)
    return is_inside & (_physical(name) % 1_000 == 0) if unit == "ns" else is_inside


def _instant(whole: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    unit = _unit(dtype)
    scaled = whole // 1_000 if unit == "ns" else whole * (_PER_SECOND["us"] // _PER_SECOND[unit])
    zone = "UTC" if _has_zone(dtype) else None
    return scaled.cast(pl.Datetime("us", zone))


def _local(source: Source, instant: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if not _has_zone(dtype):
        return instant
    return instant.dt.convert_time_zone(source.timezone).dt.replace_time_zone(None)


def _shown(name: str, dtype: pl.DataType) -> pl.Expr:
    """The value as a text that tells all of it: what is no number too, and each digit of a time."""
    if not dtype.is_temporal():
        return pl.col(name).cast(pl.String)
    number = _physical(name)
    if isinstance(dtype, pl.Date):
        unit, form = "days", "%Y-%m-%d"
        is_writable = number.is_between(_FIRST_DAY, _LAST_DAY)
        writable = pl.when(is_writable).then(number).cast(pl.Int32).cast(pl.Date)
    else:
        unit = _unit(dtype)
        form = "%Y-%m-%dT%H:%M:%S%.f" + ("Z" if _has_zone(dtype) else "")
        is_writable = pl.lit(value=True) if unit == "ns" else _is_representable(name, dtype)
        writable = pl.when(is_writable).then(number).cast(pl.Datetime(unit))
    since = pl.format(f"{{}} {unit} since 1970", number)
    return writable.dt.strftime(form).fill_null(since).alias(name)


def _physical(name: str) -> pl.Expr:
    return pl.col(name).to_physical().cast(pl.Int64)


def _unit(dtype: pl.DataType) -> Literal["ms", "us", "ns"]:
    return dtype.time_unit if isinstance(dtype, pl.Datetime) and dtype.time_unit else "us"


def _has_zone(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
