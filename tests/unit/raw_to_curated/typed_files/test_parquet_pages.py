from __future__ import annotations

import io
import zlib

import polars as pl
import pytest

from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.typed_files.parquet_footer import Chunk, RowGroup, read_footer
from raw_to_curated.typed_files.parquet_pages import check_pages


def zigzag(number: int) -> bytes:
    value = (number << 1) ^ (number >> 63)
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def page(
    values: int, body: bytes = b"body", *, packed: int | None = None, checksum: int | None = None
) -> bytes:
    """A data page of the first version with this header."""
    size = len(body) if packed is None else packed
    check = b"" if checksum is None else b"\x15" + zigzag(checksum)
    header = b"\x15" + zigzag(0) + b"\x15" + zigzag(9) + b"\x15" + zigzag(size) + check
    # Field 5: the header of a data page, in which field 1 are its values.
    delta = b"\x2c" if checksum is None else b"\x1c"
    return header + delta + b"\x15" + zigzag(values) + b"\x00\x00" + body


def check(pages: bytes, values: int) -> None:
    chunk = Chunk("a", values, 0, len(pages), is_nested=False)
    check_pages(memoryview(pages), RowGroup(0, 0, values, 0, len(pages), (chunk,)))


def signed(checksum: int) -> int:
    return checksum - 2**32 if checksum >= 2**31 else checksum


def test_pages_that_hold_what_the_footer_says() -> None:
    check(page(3) + page(4), 7)
    check(page(3, checksum=signed(zlib.crc32(b"body"))), 3)
    check(b"", 0)


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (page(3), "has 3 values, and 7"),
        (page(3) + page(5), "has 8 values"),
        (page(7, checksum=1), "other bytes than were written"),
        (page(7, packed=100), "outside their column"),
        (page(7, packed=-1), "outside their column"),
        (page(-1) + page(8), "fewer than no values"),
        (page(7)[:5], "damaged pages"),
        (page(7) + b"\xff" * 9, "damaged pages"),
        (b"\x00" * 50, "without all they need"),
    ],
)
def test_pages_that_do_not(pages: bytes, expected: str) -> None:
    with pytest.raises(RejectedError, match=expected) as caught:
        check(pages, 7)
    assert caught.value.reason is ObjectReason.CORRUPT_PARQUET


def test_pages_as_polars_writes_them() -> None:
    file = io.BytesIO()
    frame = pl.select(a=pl.int_range(5_000), b=pl.lit("x" * 3_000), c=pl.lit(None))
    frame.write_parquet(file, row_group_size=2_000, data_page_size=1_000)
    body = file.getvalue()
    footer = read_footer(lambda start, end: body[start:end], len(body))
    assert [group.rows for group in footer.row_groups] == [2_000, 2_000, 1_000]
    for group in footer.row_groups:
        check_pages(memoryview(body), group)
