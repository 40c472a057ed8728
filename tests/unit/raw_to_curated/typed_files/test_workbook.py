from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from data_plane.workbooks import header, number, packed, parts, prices, row, text
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.typed_files import workbook
from raw_to_curated.typed_files.frames import FrameReader, FrameWriter, Kind

GOOD = row(text("85123A"), text("HOLDER"), text("Home"), number(2.55))


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], list[Any]]:
    """The header with what is after it, and the batches of a workbook."""

    def frames(body: bytes) -> list[Any]:
        path = tmp_path / "a.xlsx"
        path.write_bytes(body)
        stream = io.BytesIO()
        writer = FrameWriter(stream)
        workbook.send(writer, str(path), 10**7)
        writer.send(Kind.END)
        stream.seek(0)
        reader = FrameReader(stream.read, ObjectReason.CORRUPT_WORKBOOK)
        return [json.loads(reader.columns()), *map(json.loads, reader.rows())]

    return frames


def test_rows_come_in_batches(
    read: Callable[[bytes], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "BATCH_ROWS", 2)
    _, *batches = read(prices(*[GOOD] * 5))
    assert [batch["numbers"] for batch in batches] == [[2, 3], [4, 5], [6]]
    assert batches[0]["kinds"] == ["tt", "tt", "tt", "nn"]
    assert batches[0]["values"][3] == ["2.55", "2.55"]


def test_blank_rows_are_counted_and_wide_ones_told(read: Callable[[bytes], list[Any]]) -> None:
    body = packed(
        parts(
            row(text(" ")),
            header(),
            row(),
            GOOD,
            row('<c r="XFD1048576"><v>1</v></c>', at=1_048_576),
        )
    )
    (first, *_), batch = read(body)
    assert first == [2, ["Stock Code", "Description", "Category", "List Price"]]
    assert batch["numbers"] == [4]
    assert batch["wide"] == [[1_048_576, {"XFD": "1"}]]
    assert batch["blank"] == 1_048_576 - 3


def test_rich_and_shared_texts_and_styles(read: Callable[[bytes], list[Any]]) -> None:
    shared = "<si><r><t>rich </t></r><r><t>text</t></r><rPh><t>not</t></rPh></si><si><t/></si>"
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="yyyy"/></numFmts><cellStyleXfs>'
        '<xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
    )
    cells = row('<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>', number(1), number(1, style=1))
    body = prices(cells, shared=shared, styles=styles, properties='date1904="1"')
    batch = read(body)[1]
    assert batch["values"] == [["rich text"], [None], ["1"], ["1904-01-02T00:00:00"]]
    assert batch["kinds"] == ["t", "-", "n", "d"]


def member(body: bytes, name: str, change: Callable[[bytearray, int], None]) -> bytes:
    """The archive with a change of what its directory says of a member."""
    changed = bytearray(body)
    start = body.index(b"PK\x01\x02")
    while body[start + 46 :][: len(name)] != name.encode():
        start = body.index(b"PK\x01\x02", start + 1)
    change(changed, start)
    return bytes(changed)


def directory(offset: int, form: str, value: int) -> Callable[[bytearray, int], None]:
    return lambda body, start: struct.pack_into(form, body, start + offset, value)


SHEET = "xl/worksheets/sheet1.xml"
TWO_SHEETS = '<sheet name="A" sheetId="1" r:id="rId1"/><sheet name="B" sheetId="2" r:id="rId2"/>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "corrupt_workbook"),
        (b"PK\x03\x04 and no more", "corrupt_workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "corrupt_workbook"),
        (packed({"a.txt": "no workbook"}), "corrupt_workbook"),
        (packed({"a.xlsx": prices(GOOD).decode("latin-1")}), "corrupt_workbook"),
        (packed(parts(sheets=TWO_SHEETS)), "not_one_member"),
        (packed(parts(sheets="")), "not_one_member"),
        (packed(parts(sheets='<sheet name="A" sheetId="1" r:id="rId9"/>')), "corrupt_workbook"),
        (packed(parts()), "empty_object"),
        (packed(parts(row(text("  ")))), "empty_object"),
        (packed({**parts(header()), SHEET: "<worksheet>"}), "corrupt_workbook"),
        (packed({k: v for k, v in parts(header()).items() if k != SHEET}), "corrupt_workbook"),
        (prices(GOOD)[:-30], "corrupt_workbook"),
        # Sizes, checksum, method of compression, version and flags that are not so.
        (member(prices(GOOD), SHEET, directory(24, "<I", 10)), "corrupt_workbook"),
        (member(prices(GOOD), SHEET, directory(24, "<I", 2**32 - 2)), "decompression_bomb"),
        (member(prices(GOOD), SHEET, directory(16, "<I", 1)), "corrupt_workbook"),
        (member(prices(GOOD), SHEET, directory(10, "<H", 12)), "corrupt_workbook"),
        (member(prices(GOOD), SHEET, directory(10, "<H", 14)), "corrupt_workbook"),
        (member(prices(GOOD), SHEET, directory(10, "<H", 99)), "corrupt_workbook"),
        (member(prices(GOOD), SHEET, directory(6, "<H", 255)), "corrupt_workbook"),
        (member(prices(GOOD), SHEET, directory(8, "<H", 1)), "corrupt_workbook"),
        (member(prices(GOOD), SHEET, directory(42, "<I", 2**31)), "corrupt_workbook"),
    ],
)
def test_workbooks_that_cannot_be_used(
    read: Callable[[bytes], list[Any]], body: bytes, reason: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        read(body)
    assert caught.value.reason == reason


def test_an_encrypted_workbook_is_called_so(read: Callable[[bytes], list[Any]]) -> None:
    with pytest.raises(RejectedError, match="without a password"):
        read(b"\xd0\xcf\x11\xe0" + bytes(600))


def test_two_parts_of_one_name(read: Callable[[bytes], list[Any]]) -> None:
    file = io.BytesIO(prices(GOOD))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, "<worksheet/>")
    with pytest.raises(RejectedError, match="two parts of one name"):
        read(file.getvalue())


def test_any_damaged_byte_is_an_outcome(read: Callable[[bytes], list[Any]]) -> None:
    body = prices(GOOD)
    whole = read(body)
    for position in range(0, len(body), 3):
        damaged = bytearray(body)
        damaged[position] ^= 0xFF
        with suppress(RejectedError):
            assert read(bytes(damaged))[0] == whole[0]
