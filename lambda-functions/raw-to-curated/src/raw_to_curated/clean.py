"""From rows of text to typed tables, and to quarantine with every reason that applies.

The contract of the target column drives the parsing: its type, whether a value is required, and
its range. Rows in the form in which nearly all are, are typed by cheap expressions; whatever these
do not vouch for goes through the rules one by one, which decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from datalake.contracts import Column, Table
from raw_to_curated.reasons import ROW_SENTENCES, RowReason
from raw_to_curated.records import LINE_NUMBER
from raw_to_curated.sources.model import PROVIDED, Source, SourceColumn

_INTEGER = r"\A[+-]?[0-9]+(?:\.0+)?\z"
_DECIMAL = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\z"
_FLOAT = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\z"
_NON_FINITE = r"(?i)\A[+-]?(?:nan|inf|infinity)\z"
_COMMA_NUMBER = r"\A[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]+)?\z"
_BOOLEAN = r"(?i)\A(?:0|1|true|false)\z"
_TRUE = r"(?i)\A(?:1|true)\z"
# A year or a day with too many digits, such as 20111-12-01.
_OVERLONG_DATE = r"\A[+-]?[0-9]{5,}[-/.]|[-/.][0-9]{5,}"

_NUMBERS = (pl.Int64, pl.Float64, pl.Decimal)


@dataclass(frozen=True)
class Flag:
    """One rule of a column: an expression that is true where a row breaks it."""

    column: SourceColumn
    reason: RowReason
    sentence: str
    broken: pl.Expr


@dataclass(frozen=True)
class Cleaned:
    """tables: one frame per table of the source, in its schema. failed: LINE_NUMBER, `reasons` and
    `explanations` (List[String])."""

    tables: dict[Table, pl.DataFrame]
    failed: pl.DataFrame


def clean(rows: pl.DataFrame, source: Source) -> Cleaned:
    """Type the rows of Records.rows; what breaks a rule goes to `failed`."""
    plain = _plain(source)
    if plain is None:
        return _by_the_rules(rows, source)
    values, is_plain = plain
    typed = rows.lazy().with_columns(values).with_columns(is_plain.alias("is plain"))
    kept = [LINE_NUMBER, *(value.meta.output_name() for value in values), "is plain"]
    frame = typed.select(kept).collect()
    if frame["is plain"].all():
        return Cleaned(_tables(frame, source), _nothing_failed())
    others = _by_the_rules(rows.filter(~frame["is plain"]), source)
    tables = _tables(frame.filter("is plain"), source)
    for table, more in others.tables.items():
        if more.height:
            tables[table] = pl.concat([tables[table], more]).sort("line_number")
    return Cleaned(tables, others.failed)


def flags_of(rows: pl.DataFrame, source: Source) -> list[tuple[Flag, int]]:
    """Every rule of a source with the number of rows that break it."""
    flags = list(_flags(source))
    counts = _typed(rows, source).select(
        flag.broken.sum().alias(str(index)) for index, flag in enumerate(flags)
    )
    return list(zip(flags, counts.collect().row(0), strict=True))


def _plain(source: Source) -> tuple[list[pl.Expr], pl.Expr] | None:
    """Values of all columns, and an expression on raw columns and values that is true only where
    the rules would give the same values and find nothing; None where the source has a column for
    which there is no cheap expression."""
    values: list[pl.Expr] = []
    vouched: list[pl.Expr] = []
    for column in source.columns:
        contract = source.table[column.target]
        found = _plain_column(source, column, contract)
        if found is None:
            return None
        value, is_sure = found
        values.append(value.alias(f"value {column.target}"))
        missing = pl.col(column.name).is_null() if contract.nullable else pl.lit(value=False)
        vouched.append(is_sure.fill_null(missing))
    if source.returns is None:
        return [*values, pl.lit(value=False).alias("is_cancellation")], pl.all_horizontal(vouched)
    order_id, quantity = (
        next(c for c in source.columns if c.target == name) for name in ("order_id", "quantity")
    )
    text = pl.col(order_id.name).str.strip_chars()
    values.append(_is_cancellation(source, text).alias("is_cancellation"))
    is_negative = pl.col(f"value {quantity.target}") < 0
    return values, pl.all_horizontal(*vouched, is_negative | ~pl.col("is_cancellation"))


def _plain_column(
    source: Source, column: SourceColumn, contract: Column
) -> tuple[pl.Expr, pl.Expr] | None:
    """The value; and of that and the raw column, whether it is sure to be what the rules say, null
    where the value is missing."""
    raw, value, dtype = pl.col(column.name), pl.col(f"value {column.target}"), contract.dtype
    if isinstance(dtype, pl.String):
        if column.strip_decimal_zero:
            text = pl.col(column.name).str.strip_chars().str.strip_suffix(".0")
            digits = r"\A[0-9]+\z"
            return text, value.str.contains(digits) if not column.pattern else pl.lit(value=False)
        is_sure = value != ""
        if column.pattern:
            is_sure &= value.str.contains(_whole(column.pattern))
        return raw.str.strip_chars(), is_sure
    if column.pattern or column.minor_digits or source.decimal_sign != ".":
        return None
    if isinstance(dtype, pl.Int64):
        return raw.cast(pl.Int64, strict=False), _in_range(source, column, contract, value)
    if isinstance(dtype, pl.Decimal) and dtype.precision is not None:
        whole_digits = dtype.precision - dtype.scale
        form = rf"\A-?[0-9]{{1,{whole_digits}}}(?:\.[0-9]{{1,{dtype.scale}}})?\z"
        is_sure = raw.str.contains(form) & _in_range(source, column, contract, value)
        return raw.cast(dtype, strict=False), is_sure
    if isinstance(dtype, pl.Datetime):
        utc = _utc(source, _parse_timestamp(source, raw))
        return utc, _in_range(source, column, contract, value)
    return None


def _in_range(source: Source, column: SourceColumn, contract: Column, value: pl.Expr) -> pl.Expr:
    """Whether a value keeps the contract; null for a null."""
    minimum = contract.minimum
    if column.target == "quantity" and isinstance(contract.maximum, int):
        minimum = -contract.maximum if source.returns is not None else 1
    is_fine = value.is_not_null() | pl.lit(None, dtype=pl.Boolean)
    if minimum is not None:
        is_fine &= value >= pl.lit(minimum)
    if contract.maximum is not None:
        is_fine &= value <= pl.lit(contract.maximum)
    if contract.above is not None:
        is_fine &= value > pl.lit(contract.above)
    if column.target == "quantity":
        is_fine &= value != 0
    return is_fine


def _by_the_rules(rows: pl.DataFrame, source: Source) -> Cleaned:
    flags = list(_flags(source))
    is_bad = pl.any_horizontal(flag.broken.fill_null(value=False) for flag in flags)
    values = [
        _utc(source, pl.col(name)).alias(name)
        if isinstance(source.table[column.target].dtype, pl.Datetime)
        else pl.col(name)
        for column in source.columns
        for name in [f"value {column.target}"]
    ]
    is_cancellation = _is_cancellation(source, pl.col("text order_id"))
    kept = [pl.col(LINE_NUMBER), *values, is_cancellation.alias("is_cancellation")]
    # Lazily, so that the trimmed text of a column is not held for all columns at once.
    typed = _typed(rows, source).select(*kept, is_bad.alias("is bad")).collect()
    return Cleaned(
        tables=_tables(typed.filter(~pl.col("is bad")), source),
        failed=_explain(rows.filter(typed["is bad"]), source, flags),
    )


def _typed(rows: pl.DataFrame, source: Source) -> pl.LazyFrame:
    """Add `text <target>` and `value <target>` of every column."""
    return (
        rows.lazy()
        .with_columns(_text(column).alias(f"text {column.target}") for column in source.columns)
        .with_columns(
            _number_text(source, column).alias(f"text {column.target}")
            for column in source.columns
            if isinstance(source.table[column.target].dtype, _NUMBERS)
        )
        .with_columns(
            _value(source, column).alias(f"value {column.target}") for column in source.columns
        )
    )


def _text(column: SourceColumn) -> pl.Expr:
    """The trimmed text, null where it is empty."""
    text = pl.col(column.name).str.strip_chars()
    if column.strip_decimal_zero:
        bare = text.str.strip_chars_end("0").str.strip_chars_end(".")
        text = pl.when(text.str.contains(r"\A[0-9]+\.0+\z")).then(bare).otherwise(text)
    return pl.when(text != "").then(text)


def _number_text(source: Source, column: SourceColumn) -> pl.Expr:
    """The text of a number with a point as its decimal sign and without separators of groups."""
    text = pl.col(f"text {column.target}")
    if source.decimal_sign == ".":
        return text
    bare = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    # A point that does not separate groups of three digits makes it no number.
    return (
        pl.when(text.str.contains(_COMMA_NUMBER))
        .then(bare)
        .otherwise(text.str.replace_all(".", ",", literal=True))
    )


def _value(source: Source, column: SourceColumn) -> pl.Expr:
    """The typed value, null where the text cannot be parsed. Time stays local and naive here."""
    text = pl.col(f"text {column.target}")
    dtype = source.table[column.target].dtype
    is_number = text.str.contains(_syntax(column, dtype)[0])
    if isinstance(dtype, pl.Int64) or column.minor_digits:
        whole = text.str.replace(r"\.0+\z", "").cast(pl.Int64, strict=False)
        if isinstance(dtype, pl.Decimal):
            parsed = whole.cast(pl.Decimal(38, column.minor_digits), strict=False)
            unit = pl.lit(10**column.minor_digits).cast(pl.Decimal(38, 0))
            whole = (parsed / unit).cast(dtype, strict=False)
        return pl.when(is_number).then(whole)
    if isinstance(dtype, pl.Decimal | pl.Float64):
        return pl.when(is_number).then(text.cast(dtype, strict=False))
    if isinstance(dtype, pl.Boolean):
        return pl.when(text.str.contains(_BOOLEAN)).then(text.str.contains(_TRUE))
    if isinstance(dtype, pl.Datetime):
        return _parse_timestamp(source, text)
    if isinstance(dtype, pl.Date):
        return text.str.to_date(source.date_format, strict=False)
    return text


def _syntax(column: SourceColumn, dtype: pl.DataType) -> tuple[str, str]:
    """Regular expression of a number of this type, and its name."""
    if isinstance(dtype, pl.Int64) or column.minor_digits:
        return _INTEGER, "a whole number"
    return (_FLOAT if isinstance(dtype, pl.Float64) else _DECIMAL), "a number"


def _parse_timestamp(source: Source, text: pl.Expr) -> pl.Expr:
    return text.str.to_datetime(source.timestamp_format, time_unit="us", strict=False)


def _utc(source: Source, value: pl.Expr) -> pl.Expr:
    """Local time to UTC; null in the hour that summer time skips.

    In the hour that occurs twice in autumn the first one is meant: the time tells no more.
    """
    if source.timezone == "UTC":
        return value.dt.replace_time_zone("UTC")
    return value.dt.replace_time_zone(
        source.timezone, ambiguous="earliest", non_existent="null"
    ).dt.convert_time_zone("UTC")


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"


def _flags(source: Source) -> Iterator[Flag]:
    for column in source.columns:
        contract = source.table[column.target]
        text = pl.col(f"text {column.target}")
        if not contract.nullable:
            yield _flag(RowReason.MISSING_REQUIRED, column, text.is_null())
        if column.pattern is not None:
            matches = text.str.contains(_whole(column.pattern))
            yield _flag(RowReason.INVALID_IDENTIFIER, column, ~matches)
        if isinstance(contract.dtype, _NUMBERS):
            yield from _number_flags(source, column, contract)
        elif isinstance(contract.dtype, pl.Datetime | pl.Date):
            yield from _date_flags(source, column, contract)
        elif isinstance(contract.dtype, pl.Boolean):
            is_unclear = ~text.str.contains(_BOOLEAN)
            yield _flag(RowReason.UNPARSEABLE_BOOLEAN, column, is_unclear)


def _flag(reason: RowReason, column: SourceColumn, broken: pl.Expr, *, kind: str = "") -> Flag:
    sentence = ROW_SENTENCES[reason].format(column=column.name, kind=kind)
    return Flag(column, reason, sentence, broken)


def _number_flags(source: Source, column: SourceColumn, contract: Column) -> Iterator[Flag]:
    text = pl.col(f"text {column.target}")
    value = pl.col(f"value {column.target}")
    is_quantity = column.target == "quantity"
    syntax, kind = _syntax(column, contract.dtype)
    is_number = text.str.contains(syntax)
    is_non_finite = text.str.contains(_NON_FINITE)
    yield _flag(RowReason.UNPARSEABLE_NUMBER, column, ~is_number & ~is_non_finite, kind=kind)
    yield _flag(RowReason.NON_FINITE_NUMBER, column, is_non_finite)

    is_out_of_range = is_number & value.is_null()
    checked = value.abs() if is_quantity else value
    if contract.maximum is not None:
        is_out_of_range |= checked > pl.lit(contract.maximum)
    if contract.minimum is not None and not is_quantity:
        is_out_of_range |= checked < pl.lit(contract.minimum)
    if isinstance(contract.dtype, pl.Float64):
        is_out_of_range |= value.is_infinite()
    if isinstance(contract.dtype, pl.Decimal) and not column.minor_digits:
        is_too_fine = is_number & text.str.contains(
            rf"\.[0-9]{{{contract.dtype.scale}}}[0-9]*[1-9]"
        )
        yield _flag(RowReason.TOO_MANY_DECIMALS, column, is_too_fine)
    yield _flag(RowReason.NUMBER_OUT_OF_RANGE, column, is_out_of_range)
    if contract.above is not None:
        yield _flag(RowReason.NON_POSITIVE_PRICE, column, value <= pl.lit(contract.above))
    if is_quantity:
        yield _flag(RowReason.ZERO_QUANTITY, column, value == 0)
        if source.returns is None:
            yield _flag(RowReason.NEGATIVE_QUANTITY, column, value < 0)
        else:
            is_cancellation = _is_cancellation(source, pl.col("text order_id"))
            is_contradiction = is_cancellation & (value > 0)
            yield _flag(RowReason.CONTRADICTORY_CANCELLATION, column, is_contradiction)


def _is_cancellation(source: Source, order_id: pl.Expr) -> pl.Expr:
    if source.returns is None:
        return pl.lit(value=False)
    return order_id.str.contains(_whole(source.returns.cancellation))


def _date_flags(source: Source, column: SourceColumn, contract: Column) -> Iterator[Flag]:
    text = pl.col(f"text {column.target}")
    value = pl.col(f"value {column.target}")
    is_day = isinstance(contract.dtype, pl.Date)
    utc = value if is_day else _utc(source, value)
    is_overlong = value.is_null() & text.str.contains(_OVERLONG_DATE)
    is_outside = pl.lit(value=False)
    years = ""
    if isinstance(contract.minimum, date) and isinstance(contract.maximum, date):
        years = f"{contract.minimum.year} to {contract.maximum.year}"
        is_outside = ~utc.is_between(pl.lit(contract.minimum), pl.lit(contract.maximum))
    yield _flag(
        RowReason.UNPARSEABLE_DATE, column, text.is_not_null() & value.is_null() & ~is_overlong
    )
    is_outside = is_overlong | is_outside.fill_null(value=False)
    yield _flag(RowReason.DATE_OUT_OF_RANGE, column, is_outside, kind=years)
    if not is_day:
        is_skipped = value.is_not_null() & utc.is_null()
        yield _flag(RowReason.NONEXISTENT_LOCAL_TIME, column, is_skipped)


def _tables(good: pl.DataFrame, source: Source) -> dict[Table, pl.DataFrame]:
    if source.returns is None:
        return {source.table: _project(good, source, source.table)}
    is_return = pl.col("value quantity") < 0
    returns = source.returns.table
    return {
        source.table: _project(good.filter(~is_return), source, source.table),
        returns: _project(good.filter(is_return), source, returns),
    }


def _project(good: pl.DataFrame, source: Source, table: Table) -> pl.DataFrame:
    return good.select(_column(source, column).alias(column.name) for column in table.columns)


def _column(source: Source, column: Column) -> pl.Expr:
    if column.name in source.filled:
        return pl.lit(source.filled[column.name], dtype=column.dtype)
    if column.name == "line_number":
        return pl.col(LINE_NUMBER)
    if column.name == "is_cancellation":
        return pl.col("is_cancellation")
    if column.name in PROVIDED or column.name not in {c.target for c in source.columns}:
        return pl.lit(column.default, dtype=column.dtype)
    value = pl.col(f"value {column.name}")
    return value.abs() if column.name == "quantity" else value


def _nothing_failed() -> pl.DataFrame:
    texts = pl.List(pl.String())
    return pl.DataFrame(schema={LINE_NUMBER: pl.Int64(), "reasons": texts, "explanations": texts})


def _explain(rows: pl.DataFrame, source: Source, flags: list[Flag]) -> pl.DataFrame:
    """All reasons of each failed row, in the order of the columns and their rules."""

    def listed(texts: list[str]) -> pl.Expr:
        each = [
            pl.when(flag.broken).then(pl.lit(text)) for flag, text in zip(flags, texts, strict=True)
        ]
        return pl.concat_list(each).list.drop_nulls()

    return (
        _typed(rows, source)
        .select(
            LINE_NUMBER,
            listed([flag.reason.value for flag in flags]).alias("reasons"),
            listed([flag.sentence for flag in flags]).alias("explanations"),
        )
        .collect()
    )
