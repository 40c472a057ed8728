"""The rows of an Excel workbook, as the worker reads and sends them.

With the standard library alone: libraries that read workbooks make dense tables of sheets, binary
numbers of texts, or nothing of errors and of formulas that were never calculated.
Source: ECMA-376 part 1, 12.3 (parts), 18.2 (workbook), 18.4 (shared strings), 18.8 (styles).
"""

from __future__ import annotations

import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from raw_to_curated.reasons import ObjectReason, RejectedError, bomb
from raw_to_curated.typed_files.frames import FrameWriter
from raw_to_curated.typed_files.frames import Kind as Frame
from raw_to_curated.typed_files.number_formats import is_date_format
from raw_to_curated.typed_files.sheet import Book, Cell, Kind, letters, rows, unescaped
from raw_to_curated.typed_files.xml_stream import Budget, corrupt_workbook, parse_whole

BATCH_ROWS = 16_384
_BATCH_BYTES = 8 * 1024**2
HEADER_ROWS = 20
"""Rows among which the header is looked for, if the first one is not it."""
_OFFICE = "xl/workbook.xml"
_OLE = b"\xd0\xcf\x11\xe0"

_Row = tuple[int, dict[int, Cell]]


def send(frames: FrameWriter, path: str, most_bytes: int) -> None:
    """Send the header with the rows after it, and all rows below it in batches (see `Batch`), of a
    workbook whose parts and texts unpack to no more than `most_bytes`. Raises RejectedError."""
    try:
        with zipfile.ZipFile(path) as archive:
            # What the directory says may be too little, never too much to believe.
            if sum(member.file_size for member in archive.infolist()) > most_bytes:
                raise bomb(most_bytes)
            _send(frames, archive, Budget(most_bytes))
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        raise corrupt_workbook(_why(path, error)) from error
    except KeyError as error:
        raise corrupt_workbook(f"a part is missing: {error}") from error
    # Encrypted members and methods of compression that the standard library does not have.
    except (RuntimeError, NotImplementedError) as error:
        raise corrupt_workbook(str(error)) from error


@dataclass
class Batch:
    """Rows below the header, as JSON.

    numbers: of the rows. values, kinds: for each column of the header the texts of its cells, and
    the letters of their kinds. wide: rows that have cells right of the header, each with its number
    and the texts of its cells by their columns' letters. blank: rows without a value before or
    between these.
    """

    width: int
    numbers: list[int] = field(default_factory=list)
    values: list[list[str | None]] = field(init=False)
    kinds: list[list[str]] = field(init=False)
    wide: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    blank: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        self.values = [[] for _ in range(self.width)]
        self.kinds = [[] for _ in range(self.width)]

    def add(self, number: int, cells: dict[int, Cell]) -> None:
        """Add a row that has a value."""
        self.size += sum(len(text) for _, text in cells.values())
        if max(cells) >= self.width:
            texts = {letters(column): text for column, (_, text) in sorted(cells.items())}
            self.wide.append((number, texts))
            return
        self.numbers.append(number)
        for column in range(self.width):
            kind, text = cells.get(column, (Kind.EMPTY, None))
            self.values[column].append(text)
            self.kinds[column].append(kind)

    def is_full(self) -> bool:
        """Whether it is large enough to be sent."""
        return len(self.numbers) + len(self.wide) >= BATCH_ROWS or self.size >= _BATCH_BYTES

    def content(self) -> dict[str, Any]:
        """The batch as JSON."""
        return {
            "numbers": self.numbers,
            "values": self.values,
            "kinds": ["".join(kinds) for kinds in self.kinds],
            "wide": self.wide,
            "blank": self.blank,
        }


def _send(frames: FrameWriter, archive: zipfile.ZipFile, budget: Budget) -> None:
    names = archive.namelist()
    if len(set(names)) != len(names):
        raise corrupt_workbook("its archive has two parts of one name")
    sheet, from_1904 = _only_sheet(archive, budget)
    book = Book(_shared_texts(archive, budget), _date_styles(archive, budget), from_1904)
    written = (row for row in rows(archive, sheet, book, budget) if _has_value(row))
    first = list(islice(written, HEADER_ROWS))
    if not first:
        raise RejectedError(
            ObjectReason.EMPTY_OBJECT, "The sheet is empty. Save it again, with its header row."
        )
    header_row, header = first[0]
    frames.send_json(Frame.COLUMNS, [(number, _texts(cells)) for number, cells in first])
    _send_rows(frames, max(header) + 1, header_row, chain(first[1:], written))


def _send_rows(frames: FrameWriter, width: int, header_row: int, written: Iterator[_Row]) -> None:
    batch = Batch(width, blank=header_row - 1)
    last = header_row
    for number, cells in written:
        batch.blank += number - last - 1
        batch.add(number, cells)
        last = number
        if batch.is_full():
            frames.send_json(Frame.ROWS, batch.content())
            batch = Batch(width)
    frames.send_json(Frame.ROWS, batch.content())


def _has_value(row: _Row) -> bool:
    return any(text.strip() for _, text in row[1].values())


def _texts(cells: dict[int, Cell]) -> list[str]:
    return [cells.get(column, (Kind.EMPTY, ""))[1] for column in range(max(cells) + 1)]


def _only_sheet(archive: zipfile.ZipFile, budget: Budget) -> tuple[str, bool]:
    """The part that holds the only sheet, and whether days are counted from 1904 on."""
    sheets: list[tuple[str, str]] = []
    properties: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            ids = (value for key, value in attributes.items() if key.endswith(":id"))
            sheets.append((attributes.get("name", ""), next(ids, "")))
        elif name == "workbookPr":
            properties.update(attributes)

    workbook = _target(archive, "_rels/.rels", "", budget, kind="officeDocument") or _OFFICE
    parse_whole(archive, workbook, budget, start)
    if len(sheets) != 1:
        names = ", ".join(name for name, _ in sheets[:10])
        raise RejectedError(
            ObjectReason.NOT_ONE_MEMBER,
            f"The workbook has {len(sheets)} sheets ({names}); exactly one is read. Save each "
            "sheet as a workbook of its own.",
        )
    folder, _, file = workbook.rpartition("/")
    relations = f"{folder}/_rels/{file}.rels"
    part = _target(archive, relations, folder, budget, identifier=sheets[0][1])
    if part is None:
        raise corrupt_workbook("its only sheet is not there")
    return part, properties.get("date1904", "0") in ("1", "true")


def _target(
    archive: zipfile.ZipFile,
    relations: str,
    folder: str,
    budget: Budget,
    *,
    kind: str | None = None,
    identifier: str | None = None,
) -> str | None:
    """The part inside the archive that a relation of this kind, or with this identifier, names."""
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        is_kind = kind is not None and attributes.get("Type", "").endswith(f"/{kind}")
        if is_kind or (identifier is not None and attributes.get("Id") == identifier):
            found.append(attributes.get("Target", ""))

    parse_whole(archive, relations, budget, start)
    if not found:
        return None
    return posixpath.normpath(posixpath.join("/", folder, found[0])).lstrip("/")


def _shared_texts(archive: zipfile.ZipFile, budget: Budget) -> list[str]:
    """Texts by number. A rich text is its runs in a row, without hints for pronunciation."""
    name = "xl/sharedStrings.xml"
    texts: list[str] = []
    pieces: list[str] = []
    state = {"taking": False, "phonetic": False}

    def start(found: str, _: dict[str, str]) -> None:
        if found == "si":
            pieces.clear()
        elif found == "rPh":
            state["phonetic"] = True
        elif found == "t":
            state["taking"] = not state["phonetic"]

    def end(found: str) -> None:
        if found == "si":
            texts.append(unescaped("".join(pieces)))
        elif found == "rPh":
            state["phonetic"] = False
        elif found == "t":
            state["taking"] = False

    def text(data: str) -> None:
        if state["taking"]:
            pieces.append(data)

    if name in archive.namelist():
        parse_whole(archive, name, budget, start, end, text)
    return texts


def _date_styles(archive: zipfile.ZipFile, budget: Budget) -> list[bool]:
    """Whether cells of a style show dates, by number."""
    name = "xl/styles.xml"
    codes: dict[str, str] = {}
    formats: list[str] = []
    state = {"in_styles": False}

    def start(found: str, attributes: dict[str, str]) -> None:
        if found == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif found == "cellXfs":
            state["in_styles"] = True
        elif found == "xf" and state["in_styles"]:
            formats.append(attributes.get("numFmtId", "0"))

    def end(found: str) -> None:
        if found == "cellXfs":
            state["in_styles"] = False

    if name not in archive.namelist():
        return []
    parse_whole(archive, name, budget, start, end)
    dates = {number: is_date_format(int(number), codes.get(number)) for number in set(formats)}
    return [dates[number] for number in formats]


def _why(path: str, error: Exception) -> str:
    with open(path, "rb") as file:
        if file.read(len(_OLE)) == _OLE:
            return "it is encrypted, or of Excel 2003; save it as .xlsx without a password"
    return str(error)
