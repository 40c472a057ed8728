from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_plane.curation import curate
from data_plane.retail import (
    GOOD,
    HEADER,
    KEY,
    RETAIL,
    SUPERSTORE,
    SUPERSTORE_HEADER,
    SUPERSTORE_ROW,
    rejection_of,
    retail,
)
from data_plane.sources import CUSTOMERS
from datalake.contracts.curated import ORDERS, SALES
from raw_to_curated.lines import MAX_LINE_BYTES
from raw_to_curated.reasons import ObjectReason, RejectedError


def test_superstore_falls_back_to_windows_1252() -> None:
    body = (SUPERSTORE_HEADER + SUPERSTORE_ROW.replace("Henderson", "Cañon")).encode("cp1252")
    curated = curate(SUPERSTORE, "superstore/a.csv", body)
    assert curated.encoding == "cp1252"
    assert curated.tables[SALES]["city"].to_list() == ["Cañon"]


def test_byte_order_mark_line_ends_and_order_of_columns_do_not_matter() -> None:
    lines = [line.split(",") for line in (HEADER + GOOD).splitlines()]
    text = "\r\n".join(",".join(reversed(line)) for line in lines)
    assert (
        curate(RETAIL, KEY, b"\xef\xbb\xbf" + text.encode())
        .tables[ORDERS]
        .equals(retail(GOOD).tables[ORDERS])
    )


def test_a_header_alone_gives_empty_tables() -> None:
    curated = retail("")
    assert (curated.rows_in, curated.quarantine.height) == (0, 0)
    assert [frame.height for frame in curated.tables.values()] == [0, 0]


UTF16 = (HEADER + GOOD).encode("utf-16")


@pytest.mark.parametrize(
    ("body", "key", "reason"),
    [
        (b"", KEY, ObjectReason.EMPTY_OBJECT),
        (b" \r\n\n", KEY, ObjectReason.EMPTY_OBJECT),
        (gzip.compress(b"", mtime=0), KEY + ".gz", ObjectReason.EMPTY_OBJECT),
        (HEADER.encode(), "online-retail/a.txt", ObjectReason.UNSUPPORTED_SUFFIX),
        (gzip.compress(GOOD.encode() * 50, mtime=0)[:-20], KEY + ".gz", ObjectReason.CORRUPT_GZIP),
        (b"\x1f\x8b\x08" + bytes(range(60)), KEY + ".gz", ObjectReason.CORRUPT_GZIP),
        (HEADER.encode(), KEY + ".gz", ObjectReason.CORRUPT_GZIP),
        (gzip.compress(HEADER.encode(), mtime=0), KEY, ObjectReason.NOT_TEXT),
        (b"PK\x03\x04rest of a workbook", KEY, ObjectReason.NOT_TEXT),
        (UTF16, KEY, ObjectReason.WRONG_ENCODING),
        (UTF16[2:], KEY, ObjectReason.NUL_BYTE),
        ((HEADER + GOOD).encode() + b"\x00", KEY, ObjectReason.NUL_BYTE),
        (HEADER.encode() + "Café".encode("latin-1"), KEY, ObjectReason.WRONG_ENCODING),
        (bytes(range(1, 256)) * 9, KEY, ObjectReason.WRONG_ENCODING),
        (b"A,B\n1,2\n", KEY, ObjectReason.COLUMNS_MISMATCH),
        (b'"' + b"x" * 200_000, KEY, ObjectReason.COLUMNS_MISMATCH),
    ],
)
def test_an_object_that_cannot_be_used_is_rejected(
    body: bytes, key: str, reason: ObjectReason
) -> None:
    assert rejection_of(body, key).reason is reason


def test_the_line_with_the_wrong_encoding_is_named() -> None:
    assert "Line 3 " in rejection_of((HEADER + GOOD).encode() + b"caf\xe9\n").message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            (HEADER + GOOD).replace("\n", "\r").encode(),
            "inside of line 1, at byte 82: lines end in CR",
        ),
        ((HEADER.replace("\n", "\r") + GOOD * 2).encode(), "at byte 82: line ends are mixed"),
        ((HEADER + GOOD * 20_000).replace("\n", "\r").encode(), "lines end in CR alone"),
        (b"\n\n" + (HEADER + GOOD).replace("\n", "\r").encode(), "inside of line 3, at byte 82"),
    ],
)
def test_line_ends_that_are_none_are_told(body: bytes, words: str) -> None:
    error = rejection_of(body)
    assert error.reason is ObjectReason.WRONG_LINE_ENDS
    assert words in error.message


def test_json_lines_that_end_in_cr_alone_are_told() -> None:
    line = '{"customer_id": 1, "country": "UK"}\r'
    error = rejection_of((line * 3).encode(), "customer-master/a.jsonl", CUSTOMERS)
    assert error.reason is ObjectReason.WRONG_LINE_ENDS
    spread = line.replace(", ", ",\r") + "\n"
    assert curate(CUSTOMERS, "customer-master/a.jsonl", spread.encode()).quarantine.is_empty()


def test_a_byte_order_mark_and_a_bad_byte() -> None:
    body = b"\xef\xbb\xbf" + (HEADER + GOOD.replace("WHITE", "\udcff")).encode(
        errors="surrogateescape"
    )
    error = rejection_of(body)
    assert error.message.startswith("Line 2 is not valid UTF-8: byte 15 of the line, at offset 99 ")
    body = "\ufeff".encode() + (SUPERSTORE_HEADER + SUPERSTORE_ROW).encode() + b"caf\xe9\r\n"
    curated = curate(SUPERSTORE, "superstore/a.csv", body)
    assert (curated.encoding, curated.tables[SALES].height) == ("cp1252", 1)


def test_the_line_of_the_header_is_told() -> None:
    message = rejection_of(("\n\nSales of 2011\n\n" + HEADER + GOOD).encode()).message
    assert "Line 3 was taken for the header. The header comes 2 lines later" in message


def test_a_header_in_no_encoding_is_told() -> None:
    body = SUPERSTORE_HEADER.replace("City", "Cité").encode()[:-1].replace(b"\xa9", b"")
    error = rejection_of(body, "superstore/a.csv", SUPERSTORE)
    assert error.reason is ObjectReason.WRONG_ENCODING
    assert "The header, in line 1, is in none of the encodings" in error.message
    assert r"Cit\xc3" in error.message


def test_a_header_without_an_end_is_told() -> None:
    error = rejection_of(b"x" * (MAX_LINE_BYTES + 1))
    assert "The header, in line 1, is longer than 1 MiB" in error.message


def test_lines_in_no_encoding_are_quarantined_with_what_was_received() -> None:
    rows = [
        SUPERSTORE_ROW.replace("Henderson", "Cañon").encode("cp1252"),
        SUPERSTORE_ROW.replace("Henderson", "Cañon City").encode(),
        SUPERSTORE_ROW.replace("Henderson", "Peñ").encode().replace(b"\xb1", b""),
    ]
    curated = curate(SUPERSTORE, "superstore/a.csv", SUPERSTORE_HEADER.encode() + b"".join(rows))
    assert curated.encoding == "utf-8, cp1252"
    assert curated.tables[SALES]["city"].to_list() == ["Cañon", "Cañon City"]
    (bad,) = curated.quarantine.rows(named=True)
    assert (bad["reasons"], bad["line_number"]) == (["invalid_encoding"], 4)
    assert r"Pe\xc3," in bad["raw_text"]


@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_crash_the_decoder(body: bytes, compressed: bool) -> None:
    with pytest.raises(RejectedError):
        curate(RETAIL, KEY + ".gz" if compressed else KEY, body)
