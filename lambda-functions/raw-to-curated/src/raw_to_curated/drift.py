"""How a file's columns differ from the mapping: new, missing and retyped ones, by name."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from datalake.quality_report import RetypedColumn
from raw_to_curated.clean import flags_of
from raw_to_curated.reasons import ObjectReason, RejectedError, RowReason
from raw_to_curated.sources.model import Source

# A column is taken for retyped if at least this share of its values breaks the declared form.
_RETYPED_SHARE = 0.5
_SHOWN_COLUMNS = 30
# A message lists fewer of them, and says more of even fewer.
_LISTED_COLUMNS = 8
_EXPLAINED_COLUMNS = 3
_FORM_REASONS = {
    RowReason.UNPARSEABLE_NUMBER,
    RowReason.UNPARSEABLE_DATE,
    RowReason.UNPARSEABLE_BOOLEAN,
    RowReason.INVALID_IDENTIFIER,
}
# First match wins.
_FORMS = {
    "boolean": r"(?i)\A(?:true|false)\z",
    "integer": r"\A[+-]?[0-9]+\z",
    "decimal": r"\A[+-]?[0-9]*\.[0-9]+\z|\A[+-]?[0-9]+\.\z|\A[+-]?[0-9]+\z",
    "decimal with comma": r"\A[+-]?[0-9.]*(?:,[0-9]+)?\z",
    "date": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z",
    "timestamp": r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|[+-][0-9:]+)?\z",
    "date in another order": r"\A[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}(?: [0-9: APMapm]+)?\z",
}


@dataclass
class Observed:
    """What was seen of an object's columns: name → inferred type, and the retyped ones."""

    columns: dict[str, str] = field(default_factory=dict)
    retyped: list[RetypedColumn] = field(default_factory=list)


def infer(values: pl.Series) -> str:
    """The type that a column of text or times seems to have, in words; "empty" without a value."""
    if values.dtype.is_temporal() and values.null_count() < values.len():
        return "date" if values.dtype == pl.Date else "timestamp"
    text = values.cast(pl.String).str.strip_chars()
    text = text.filter(text != "")
    if text.is_empty():
        return "empty"
    # One value tells most forms apart; a search of all values takes as long as reading them.
    first = text[:1]
    forms = (
        name
        for name, form in _FORMS.items()
        if first.str.contains(form).all() and text.str.contains(form).all()
    )
    return next(forms, "text")


def observe(source: Source, sample: pl.DataFrame) -> Observed:
    """Infer the types of a sample of rows with the source's columns, and find retyped ones."""
    columns = {name: infer(sample[name]) for name in source.column_names if name in sample.columns}
    broken: dict[str, int] = {}
    for flag, count in flags_of(sample, source):
        if flag.reason in _FORM_REASONS:
            broken[flag.column.name] = broken.get(flag.column.name, 0) + count
    retyped = []
    for column in source.columns:
        filled = int((sample[column.name].cast(pl.String).str.strip_chars() != "").sum())
        if filled and broken.get(column.name, 0) >= _RETYPED_SHARE * filled:
            retyped.append(
                RetypedColumn(
                    column=column.name,
                    declared=str(source.table[column.target].dtype),
                    inferred=columns[column.name],
                    values=f"{broken[column.name]} of {filled} of the first rows do not fit",
                )
            )
    return Observed(columns, retyped)


def check_columns(
    source: Source, found: list[str], types: dict[str, str], *, diagnosis: str = ""
) -> None:
    """Raise RejectedError unless a file has exactly the source's columns, in any order.

    `types` gives the inferred types of columns, as far as they are known. `diagnosis` is a sentence
    on the header as a whole.
    """
    expected = source.column_names
    times = Counter(found)
    missing = [name for name in expected if name not in times]
    new = [name for name in found if name not in expected]
    repeated = sorted(name for name, count in times.items() if name and count > 1)
    if not (missing or new or repeated):
        return
    lists = {
        "missing": ", ".join(missing),
        "not expected": _listed(_placed(new, found)),
        "repeated": _listed(_repeated(repeated, found)),
    }
    shown = [f"{what}: {names}" for what, names in lists.items() if names]
    inferred = [f"{_short(name)}: {types[name]}" for name in new if name in types]
    hints = [*([diagnosis] if diagnosis else []), *_alike(missing, new)]
    raise RejectedError(
        ObjectReason.COLUMNS_MISMATCH,
        f"The file does not have the columns of source {source.name} ({'; '.join(shown)}). "
        + "".join(f"{hint} " for hint in hints)
        + "Correct the export, or change the source's mapping if the source itself has changed.",
        missing=missing,
        extra=[_short(name) for name in new[:_SHOWN_COLUMNS]],
        repeated=[_short(name) for name in repeated[:_SHOWN_COLUMNS]],
        **({"inferred_types": inferred[:_SHOWN_COLUMNS]} if inferred else {}),
    )


def bare_name(name: str) -> str:
    """The letters and digits of a column's name, in lower case: what a change of case, blanks and
    invisible characters leaves."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name))).casefold()


def _placed(new: list[str], found: list[str]) -> list[str]:
    """New names; where there is none, its position."""
    unnamed = (place for place, name in enumerate(found, start=1) if name == "")
    return [
        _short(name) if name else f"an unnamed column at position {next(unnamed)}"
        for name in new[: _LISTED_COLUMNS + 1]
    ]


def _repeated(names: list[str], found: list[str]) -> list[str]:
    """Names that are there more than once, the first ones with their positions."""
    texts = [_short(name) for name in names]
    for index, name in enumerate(names[:_EXPLAINED_COLUMNS]):
        places = [str(place) for place, other in enumerate(found, start=1) if other == name]
        texts[index] += f" (columns {_listed(places)})"
    return texts


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_LISTED_COLUMNS]) + (", …" if len(texts) > _LISTED_COLUMNS else "")


def _alike(missing: list[str], new: list[str]) -> list[str]:
    """Sentences on new names that are missing ones but for case, blanks or invisible characters."""
    expected = {bare_name(name): name for name in missing}
    sentences = [
        f"Found {_short(name)!a} where {expected[bare_name(name)]!a} is expected."
        for name in new[:_SHOWN_COLUMNS]
        if bare_name(name) in expected
    ]
    return sentences[:_EXPLAINED_COLUMNS]


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"
