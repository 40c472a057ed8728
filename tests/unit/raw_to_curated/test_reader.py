from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
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
from datalake.contracts.curated import ORDERS, SALES
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


@settings(deadline=None)
@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_crash_the_decoder(body: bytes, compressed: bool) -> None:
    with pytest.raises(RejectedError):
        curate(RETAIL, KEY + ".gz" if compressed else KEY, body)
