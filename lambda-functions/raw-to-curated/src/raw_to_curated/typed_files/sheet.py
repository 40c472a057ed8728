"""The rows of a sheet, cell by cell as they are written, with what kind of value each one is.

Only cells that are there are held: one at the last address of a sheet costs no more than another.
Source: ECMA-376 part 1, 18.3.1 (c, f, is, row, v).
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from raw_to_curated.typed_files.number_formats import date_text
from raw_to_curated.typed_files.xml_stream import Budget, corrupt_workbook, parse

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_INTEGER = re.compile(r"-?[1-9][0-9]{0,14}|0")
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPE = re.compile(r"_x(?!D[89A-F])([0-9A-F]{4})_", re.IGNORECASE)


class Kind(StrEnum):
    """What a cell holds; one letter each."""

    EMPTY = "-"
    TEXT = "t"
    NUMBER = "n"
    """The shortest decimal number that is the same binary one."""
    DATE = "d"
    """A number that is shown as a date or a time, in ISO 8601."""
    BOOLEAN = "b"
    ERROR = "e"
    """An error such as #DIV/0!."""
    FORMULA = "f"
    """A formula whose value was never calculated."""


Cell = tuple[Kind, str]


@dataclass(frozen=True)
class Book:
    """What the cells of a sheet refer to: texts by number, styles by number (whether they show
    dates), and the first day."""

    texts: list[str]
    date_styles: list[bool]
    from_1904: bool


@dataclass(slots=True)
class _Open:
    """The cell that is being read."""

    column: int
    kind: str
    style: int
    value: list[str] = field(default_factory=list)
    has_value: bool = False
    formula: list[str] | None = None


def rows(
    archive: zipfile.ZipFile, name: str, book: Book, budget: Budget
) -> Iterator[tuple[int, dict[int, Cell]]]:
    """The rows that are written, in order: number from 1, and the cells that are not empty by their
    columns from 0. Raises RejectedError."""
    reader = _Sheet(book, budget)
    for _ in parse(archive, name, budget, start=reader.start, end=reader.end, text=reader.text):
        yield from reader.done
        reader.done.clear()


class _Sheet:
    def __init__(self, book: Book, budget: Budget) -> None:
        self._book = book
        self._budget = budget
        self._row = 0
        self._cells: dict[int, Cell] = {}
        self._column = -1
        self._cell: _Open | None = None
        self._taking: list[str] | None = None
        self._phonetic = False
        self.done: list[tuple[int, dict[int, Cell]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            number = _number(attributes.get("r", str(self._row + 1)))
            if not self._row < number <= LAST_ROW:
                raise corrupt_workbook(f"row {number} is out of order")
            self._row, self._column, self._cells = number, -1, {}
        elif self._cell is None:
            return
        elif name == "v":
            self._cell.has_value = True
            self._taking = self._cell.value
        elif name == "f":
            self._taking = self._cell.formula = []
        elif name == "rPh":
            self._phonetic = True
        elif name == "t" and not self._phonetic:
            self._cell.has_value = True
            self._taking = self._cell.value

    def end(self, name: str) -> None:
        if name in ("v", "f", "t"):
            self._taking = None
        elif name == "rPh":
            self._phonetic = False
        elif name == "c" and self._cell is not None:
            found = self._value(self._cell)
            if found is not None:
                self._budget.take(len(found[1]))
                self._cells[self._cell.column] = found
            self._cell = None
        elif name == "row":
            self.done.append((self._row, self._cells))

    def text(self, data: str) -> None:
        if self._taking is not None:
            self._taking.append(data)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        column = self._column + 1
        if "r" in attributes:
            address = _ADDRESS.fullmatch(attributes["r"])
            if address is None or int(address[2]) != self._row:
                raise corrupt_workbook(f"a cell of row {self._row} has another address")
            column = _column(address[1])
        if not self._column < column < LAST_COLUMN:
            raise corrupt_workbook(f"cells of row {self._row} are out of order")
        self._column = column
        self._cell = _Open(column, attributes.get("t", "n"), _number(attributes.get("s", "0")))

    def _value(self, cell: _Open) -> Cell | None:
        text = "".join(cell.value)
        if cell.kind in ("str", "inlineStr"):
            if cell.has_value:
                return (Kind.TEXT, unescaped(text)) if text else None
        elif text:
            if cell.kind == "s":
                return self._shared(text)
            if cell.kind == "e":
                return Kind.ERROR, text
            if cell.kind == "b":
                return Kind.BOOLEAN, "false" if text == "0" else "true"
            if cell.kind == "d":
                return Kind.DATE, text
            return self._numeric(text, cell.style)
        if cell.formula is not None:
            return Kind.FORMULA, "=" + "".join(cell.formula)
        return None

    def _shared(self, text: str) -> Cell | None:
        number = _number(text)
        if number >= len(self._book.texts):
            raise corrupt_workbook(f"a cell of row {self._row} refers to a text that is not there")
        found = self._book.texts[number]
        return (Kind.TEXT, found) if found else None

    def _numeric(self, text: str, style: int) -> Cell:
        styles = self._book.date_styles
        is_date = style < len(styles) and styles[style]
        if not is_date and _INTEGER.fullmatch(text):
            return Kind.NUMBER, text
        try:
            value = float(text)
            if not math.isfinite(value):
                return Kind.ERROR, text
            plain = format(Decimal(repr(value)), "f")
        except ValueError:
            return Kind.ERROR, text
        if is_date and (date := date_text(value, from_1904=self._book.from_1904)):
            return Kind.DATE, date
        return Kind.NUMBER, plain.removesuffix(".0")


def unescaped(text: str) -> str:
    """A text with the characters that XML cannot hold, which are written as _xHHHH_."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def letters(column: int) -> str:
    """The name of a column by its number from 0."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise corrupt_workbook(f"{text[:20]!r} stands where a number belongs")
    return int(text)


def _column(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
