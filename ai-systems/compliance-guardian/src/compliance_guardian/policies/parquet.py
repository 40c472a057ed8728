"""A copy of a Parquet file with some of its values replaced: the same schema, rows and order."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from compliance_guardian.objects.parquet import ROWS, as_text, findings_in
from compliance_guardian.objects.results import UnreadableError
from compliance_guardian.pci.findings import Finding
from compliance_guardian.policies.text import in_json
from compliance_guardian.policies.values import Replacement


def rewrite(source: Path, target: Path, kinds: frozenset[str], replacement: Replacement) -> None:
    """Write the copy, some rows at a time. Raises UnreadableError if a type cannot hold what takes
    the place of a value."""
    frame = pl.scan_parquet(source)
    columns = frame.collect_schema()
    rows = frame.select(pl.len()).collect().item()
    with tempfile.TemporaryDirectory() as folder:
        # A file without rows has a schema all the same.
        begins = range(0, max(rows, 1), ROWS)
        parts = [Path(folder, f"{begin:012}.parquet") for begin in begins]
        for begin, part in zip(begins, parts, strict=True):
            rewritten = [
                _replaced(
                    frame.select(name).slice(begin, ROWS).collect().to_series(), kinds, replacement
                )
                for name in columns
            ]
            pl.DataFrame(rewritten).write_parquet(part, statistics=False)
        pl.scan_parquet(parts).sink_parquet(target, row_group_size=ROWS, maintain_order=True)
    if pl.scan_parquet(target).collect_schema() != columns:
        raise UnreadableError(
            "A type of the Parquet file cannot be kept. Write it by another tool."
        )


def _replaced(values: pl.Series, kinds: frozenset[str], replacement: Replacement) -> pl.Series:
    texts = as_text(values, values.dtype)
    if texts is None:
        return values
    changed: dict[int, str] = {}
    for index, findings in findings_in(texts, values.name):
        covered = [finding for finding in findings if finding.kind in kinds]
        if covered:
            changed[index] = _new_text(values.dtype, texts[index], covered, replacement)
    return _with(values, texts, changed) if changed else values


def _new_text(
    dtype: pl.DataType, text: str, covered: list[Finding], replacement: Replacement
) -> str:
    if dtype.is_nested():
        return in_json(text, covered, replacement)
    if dtype.is_numeric():
        [finding, *_] = covered
        value = text[finding.start : finding.end]
        number = replacement.of_number(value, finding.kind)
        return f"{text[: finding.start]}{number}{text[finding.end :]}"
    return replacement.in_text(text, covered)


def _with(values: pl.Series, texts: pl.Series, changed: dict[int, str]) -> pl.Series:
    """The values with those at the given indexes read from texts of the form of `as_text`."""
    indexes = list(changed)
    new = pl.Series(values.name, list(changed.values()), dtype=pl.String)
    try:
        before = _from_texts(texts.gather(indexes), values.dtype)
        after = _from_texts(new, values.dtype)
    except pl.exceptions.PolarsError as error:
        raise _unkept(values) from error
    if not before.equals(values.gather(indexes), null_equal=True):
        raise _unkept(values)
    # Series.scatter knows no nested types.
    order = list(range(len(values)))
    for number, index in enumerate(indexes):
        order[index] = len(values) + number
    return pl.concat([values, after]).gather(order)


def _from_texts(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    if not dtype.is_nested():
        return texts.cast(dtype)
    rows = texts.str.json_decode(pl.Struct({texts.name: dtype}))
    return rows.struct.field(texts.name)


def _unkept(values: pl.Series) -> UnreadableError:
    return UnreadableError(
        f"Values of type {values.dtype.base_type().__name__} in the Parquet file hold card data "
        "and cannot be replaced. Write them as text."
    )
