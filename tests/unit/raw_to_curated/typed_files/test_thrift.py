from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_to_curated.typed_files.thrift import ThriftError, decode


def test_fields_of_all_kinds() -> None:
    # 1: i32 -1, 2: binary "ab", 4: list of two i64, 5: true, 6: a structure with 1: false.
    data = bytes([0x15, 1, 0x18, 2]) + b"ab" + bytes([0x29, 0x26, 2, 4, 0x11, 0x1C, 0x12, 0, 0])
    found = {1: -1, 2: b"ab", 4: [1, 2], 5: True, 6: {1: False}}
    assert decode(data + b"more") == (found, len(data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x15",
        b"\x18\xff\xff\xff\xff\x0f",
        b"\x19\xfc\xff\xff\xff\xff\x0f",
        b"\x15" + b"\xff" * 11,
        b"\x1c" * 10_000,
        b"\x19\x19" * 10_000,
        b"\x15\x02\x05\x02\x02\x00",
        b"\x1f\x00",
    ],
)
def test_what_is_no_structure(data: bytes) -> None:
    with pytest.raises(ThriftError):
        decode(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_structure_or_an_error(data: bytes) -> None:
    with suppress(ThriftError):
        assert decode(data)[1] <= len(data)
