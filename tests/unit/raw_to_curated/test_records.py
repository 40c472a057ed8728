from __future__ import annotations

import csv
import io
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_plane.curation import Curated, parse_csv
from data_plane.retail import GOOD, HEADER, RETAIL, rejection_of, replace, retail
from datalake.contracts.curated import ORDERS
from raw_to_curated import lines
from raw_to_curated.lines import LineChunk
from raw_to_curated.multiline import MAX_LINES_PER_RECORD
from raw_to_curated.reasons import ObjectReason, RowReason
from raw_to_curated.records import LINE_NUMBER, RAW_TEXT, REASON, CsvParser, Lines
from raw_to_curated.sources import SOURCES


def test_quoted_fields_may_contain_line_breaks() -> None:
    curated = retail(replace(2, '"two\r\nlines, ""quoted"""') + GOOD)
    orders = curated.tables[ORDERS]
    assert orders["description"].to_list() == ['two\nlines, "quoted"', "WHITE HOLDER"]
    assert orders["line_number"].to_list() == [2, 4]


def test_a_stray_quotation_mark_does_not_swallow_the_rows_after_it() -> None:
    good = [GOOD.replace("536365", str(536366 + number)) for number in range(200)]
    good[50] = replace(2, '"never closed')
    good[150] = replace(2, 'closed"')
    curated = retail("".join(good))
    assert curated.tables[ORDERS].height == 198
    assert curated.quarantine["line_number"].to_list() == [52, 152]


def test_a_record_over_too_many_lines_is_not_believed() -> None:
    def spanning(lines: int) -> Curated:
        return retail(replace(2, '"' + "\n".join("x" * lines) + '"'))

    assert spanning(MAX_LINES_PER_RECORD).quarantine.is_empty()
    assert spanning(MAX_LINES_PER_RECORD + 1).quarantine.height == MAX_LINES_PER_RECORD + 1


# A byte order mark is never part of a value.
FIELD = st.text(
    st.characters(exclude_characters="\0\r\ufeff", exclude_categories=["Cs"]), max_size=6
)


@given(st.lists(st.lists(FIELD, min_size=8, max_size=8), min_size=1, max_size=8))
def test_whatever_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    records = parse_csv(RETAIL, HEADER + buffer.getvalue())
    assert records.malformed.is_empty()
    # Beyond the limit of lines per record a field could be refused; these are far below.
    read = records.rows.select(RETAIL.column_names).rows()
    assert read == [tuple(field or None for field in row) for row in rows]


ANY = st.characters(exclude_categories=["Cs"])
ROWS = st.one_of(
    st.text(alphabet='",\n\r 5C-.é', max_size=40),
    st.text(ANY, max_size=40),
    st.just(GOOD),
    st.tuples(st.integers(0, 7), st.text(ANY, max_size=8)).map(lambda pair: replace(*pair)),
)


@given(st.lists(ROWS, max_size=12).map("".join))
def test_no_text_is_lost_or_crashes_the_parser(text: str) -> None:
    if "\0" in text:
        assert rejection_of((HEADER + text).encode()).reason is ObjectReason.NUL_BYTE
        return
    curated = retail(text)  # raises unless every row is accounted for
    if '"' not in text:
        lines = text.replace("\r\n", "\n").split("\n")
        # Python takes four control characters for white space that Unicode does not.
        blank = re.compile(r"[^\S\x1c-\x1f]*")
        assert curated.rows_in == sum(not blank.fullmatch(line) for line in lines)


# A zlib stream in plain letters, which unpacks to something else.
READABLE_ZLIB = b"x^[zy:W;@"
assert zlib.decompressobj().decompress(READABLE_ZLIB)

MAGIC = [
    *(b"x" + level for level in (b"\x01", b"^", b"\x9c", b"\xda")),
    *(bytes([first, 31 - first * 256 % 31]) for first in range(0x08, 0x78, 0x10)),
    *(b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"BZh91AY&SY", b"\x04\x22\x4d\x18", b"\xfd7zXZ"),
    *(b"PK\x03\x04", b"\xff\x06\x00\x00sNaPpY", b"\xef\xbb\xbf", b"#", b"PAR1", b"ARROW1"),
    READABLE_ZLIB,
]  # fmt: skip


@pytest.mark.parametrize("magic", MAGIC)
def test_no_chunk_is_taken_for_anything_but_text(magic: bytes) -> None:
    text = magic.translate(None, b'\0\r"').decode("utf-8", "ignore")
    chunk = LineChunk(f"{text},1\nb,2\n{text}\n".encode(), 7)
    expected = [(7, f"{text},1"), (8, "b,2"), (9, text)]
    assert Lines(chunk).frame.rows() == expected
    records = CsvParser(RETAIL, ["one", "two"]).parse(chunk)
    kept = [*records.rows.rows(), *records.malformed.select(LINE_NUMBER, RAW_TEXT).rows()]
    is_bom = text.startswith("\ufeff")
    assert sorted(kept) == sorted(
        [(7, f"{text},1") if is_bom else (7, text, "1"), (8, "b", "2"), (9, text)]
    )


@pytest.mark.parametrize("magic", [b"x^", b"x\x01", b"x\x01abc", READABLE_ZLIB, b"BZh91AY&SY"])
def test_lines_like_compressed_data_are_rows_wherever_chunks_begin(
    magic: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHUNK_BYTES", 1)
    first = replace(0, magic.decode())
    curated = retail(first + GOOD + magic.decode() + "\n" + first.replace("6,", "7,"))
    assert (curated.rows_in, curated.tables[ORDERS].height) == (4, 1)
    assert curated.quarantine["raw_text"].to_list() == [
        first.rstrip("\n"),
        magic.decode(),
        first.replace("6,", "7,").rstrip("\n"),
    ]


SWALLOWING = [
    replace(2, '"never closed') + GOOD * 3 + replace(2, 'closed"'),
    # No line between them.
    replace(2, '"never closed') + replace(2, 'closed"'),
    # The second mark closes in another column.
    replace(1, '"85123A') + GOOD + replace(4, '2010-12-01 08:26:00"'),
    # With line ends of Windows.
    (replace(2, '"never') + GOOD + replace(5, '2.55"')).replace("\n", "\r\n"),
]


@pytest.mark.parametrize("text", SWALLOWING)
def test_rows_between_two_stray_quotation_marks_do_not_pass_unseen(text: str) -> None:
    curated = retail(GOOD + text + GOOD.replace("6,", "9,"))
    (bad,) = curated.quarantine.rows(named=True)
    assert (bad["reasons"], bad["line_number"]) == (["swallowed_records"], 3)
    assert bad["raw_text"] == text.replace("\r\n", "\n").rstrip("\n")
    assert curated.rows_in == 3


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (HEADER.replace("InvoiceNo", "\ufeffInvoiceNo"), ["byte_order_mark"]),
        ("\ufeff" + GOOD, ["byte_order_mark"]),
        (replace(2, "\ufeffWHITE"), ["byte_order_mark"]),
        (replace(2, '"\ufeffWHITE, HOLDER"'), ["byte_order_mark"]),
        (replace(2, " \ufeff"), ["byte_order_mark"]),
        ('\ufeff"536365"' + GOOD.removeprefix("536365"), ["byte_order_mark"]),
        ("\ufeff\n", ["byte_order_mark"]),
        (GOOD.rstrip("\n") + "\ufeff" + HEADER, ["wrong_field_count"]),
    ],
)
def test_a_byte_order_mark_is_never_part_of_a_value(text: str, reasons: list[str]) -> None:
    curated = retail(GOOD + text)
    assert curated.quarantine["reasons"].to_list() == [reasons]
    assert curated.quarantine["raw_text"].to_list() == [text.rstrip("\n")]
    assert curated.tables[ORDERS].height == 1


def test_inside_of_a_text_the_character_stays() -> None:
    curated = retail(replace(2, "WHITE\ufeffHOLDER"))
    assert curated.tables[ORDERS]["description"].to_list() == ["WHITE\ufeffHOLDER"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOD.rstrip("\n") + "\r" + GOOD, RowReason.BARE_CARRIAGE_RETURN),
        (GOOD.rstrip("\n") + "\r", None),
        (replace(2, "WHITE\rHOLDER"), None),
        (replace(2, '"WHITE\rHOLDER"'), None),
        (GOOD.rstrip("\n") + "\r\r\n", None),
        ("\x1a", RowReason.WRONG_FIELD_COUNT),
        (GOOD.rstrip("\n") + ",", RowReason.WRONG_FIELD_COUNT),
        (GOOD.rstrip("\n") + ',""', RowReason.WRONG_FIELD_COUNT),
        ('""', RowReason.WRONG_FIELD_COUNT),
    ],
)
def test_line_ends_and_the_end_of_the_text(text: str, reason: RowReason | None) -> None:
    records = parse_csv(RETAIL, HEADER + GOOD + text)
    assert records.malformed[REASON].to_list() == ([reason.value] if reason else [])
    assert records.rows.height == (1 if reason else 2)


def test_a_lone_quoted_empty_field_is_a_row_of_one_column() -> None:
    records = CsvParser(RETAIL, ["only"]).parse(LineChunk(b'""\n\nx\n"y\nz"\n""', 2))
    assert records.rows.rows() == [(2, ""), (4, "x"), (5, "y\nz"), (7, "")]
    assert records.blank_lines == 1


def test_quarantine_shows_aligned_lines_as_they_came() -> None:
    source = SOURCES["cdnow"]
    header = " ".join(source.column_names)
    records = parse_csv(source, f"{header}\n  00001   19970101  1\n")
    assert records.malformed[RAW_TEXT].to_list() == ["  00001   19970101  1"]
