from __future__ import annotations

import io
from dataclasses import replace as with_changes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_plane.curation import curate, parse_csv
from data_plane.retail import GOOD, HEADER, KEY, RETAIL, SUPERSTORE
from datalake.contracts.curated import ORDERS
from raw_to_curated import lines
from raw_to_curated.decoding import LineDecoder
from raw_to_curated.lines import LineChunk, line_chunks
from raw_to_curated.reasons import ObjectReason, RejectedError, RowReason
from raw_to_curated.records import LINE_NUMBER, open_record
from raw_to_curated.sources.model import Source


def test_blank_lines_are_counted_and_are_no_rows() -> None:
    curated = curate(RETAIL, KEY, ("\n" + HEADER + "\n" + GOOD + "  \n\n").encode())
    assert (curated.rows_in, curated.blank_lines) == (1, 4)
    assert curated.tables[ORDERS]["line_number"].to_list() == [4]


def test_line_numbers_count_physical_lines() -> None:
    records = parse_csv(RETAIL, HEADER + "\n" + GOOD + "x\n" + GOOD)
    assert records.rows[LINE_NUMBER].to_list() == [3, 5]
    assert records.malformed[LINE_NUMBER].to_list() == [4]


def chunks(text: bytes, offset: int = 0, source: Source = RETAIL) -> list[LineChunk]:
    finds = open_record(source.delimiter)
    return list(line_chunks(io.BytesIO(text), LineDecoder(source), finds, offset))


def refusal(text: bytes, offset: int = 0) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        chunks(text, offset)
    return caught.value


@pytest.mark.parametrize("chunk_bytes", [64, 100, 1_000])
def test_a_byte_that_is_not_utf8_is_named_with_its_place(
    chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHUNK_BYTES", chunk_bytes)
    before = "\ufeffone\r\ntwo é\r\n".encode() + b"x" * 70 + b"\n"
    error = refusal(before + b"abc\xff,d\nmore\n" * 9)
    assert error.reason is ObjectReason.WRONG_ENCODING
    assert error.message.startswith(
        f"Line 4 is not valid UTF-8: byte 4 of the line, at offset {len(before) + 3} of the text, "
        "is FF."
    )
    # A part does not know how many lines come before it.
    error = refusal(b"good\nabc\xc3(\n", offset=1_000)
    assert error.message.startswith(
        "The line at offset 1005 of the text is not valid UTF-8: byte 4"
    )
    assert "at offset 1008 of the text, is C3" in error.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"a,b\n1,\x002\n", "at offset 6 of the text, in line 2: the object is binary"),
        ("a,b\n1,2\n".encode("utf-16-le"), "at offset 1 of the text, in line 1: the object is "
         "encoded in UTF-16LE"),
        ("a,b\n1,2\n".encode("utf-16-be"), "encoded in UTF-16BE"),
        (b"\xef\xbb\xbfa\x00", "at offset 4 of the text, in line 1"),
    ],
)  # fmt: skip
def test_a_nul_byte_is_named_with_its_place(text: bytes, words: str) -> None:
    error = refusal(text)
    assert error.reason is ObjectReason.NUL_BYTE
    assert words in error.message


def test_a_nul_byte_of_a_part_has_no_line() -> None:
    message = refusal(b"x\x00", offset=70).message
    assert "at offset 71 of the text: " in message


def test_the_byte_order_mark_is_removed_at_the_start_of_the_object_only() -> None:
    text = "\ufeffa,b\n".encode()
    assert [chunk.text for chunk in chunks(text)] == [b"a,b\n"]
    assert [chunk.text for chunk in chunks(text, offset=9)] == [text]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("chunk_bytes", [16, 64, 10_000])
def test_of_a_line_that_is_too_long_the_beginning_is_kept(
    line_end: bytes, chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 50)
    monkeypatch.setattr(lines, "KEPT_OF_LONG_LINE", 8)
    monkeypatch.setattr(lines, "CHUNK_BYTES", chunk_bytes)
    long = "xxxxxxxé".encode() + b"y" * 200
    text = line_end.join([b"a", long, b"b", b"z" * 49, long, long, b"c"])
    found = chunks(text)
    expected = [b"a", b"xxxxxxx", b"b", b"z" * 49, b"xxxxxxx", b"xxxxxxx", b"c"]
    assert b"".join(chunk.text for chunk in found).split(b"\n") == expected
    faults = {number: why for chunk in found for number, why in chunk.faults.items()}
    assert faults == dict.fromkeys((2, 5, 6), RowReason.RECORD_TOO_LONG)
    number = 1
    for chunk in found:
        assert chunk.first_line == number
        number += chunk.line_ends


MIXED = with_changes(SUPERSTORE, encodings=("utf-8", "cp1252"))
WORDS = st.sampled_from(
    [
        b"a",
        b",",
        b"\n",
        b"\r\n",
        b'"',
        "é".encode(),
        b"\xe9",
        b"\xc3",
        "€".encode(),
        b"\x80",
        b"\xe2\x82",
    ]
)


@settings(max_examples=200)
@given(st.lists(WORDS, max_size=40).map(b"".join), st.data())
def test_text_reads_the_same_whole_and_cut_at_any_line_end(
    text: bytes, data: st.DataObject
) -> None:
    cuts = [n + 1 for n, byte in enumerate(text) if byte == 10]
    cut = data.draw(st.sampled_from([0, *cuts]))

    def read(*parts: bytes) -> tuple[bytes, list[str], set[str]]:
        decoder = LineDecoder(MIXED)
        found = b""
        faults: list[str] = []
        offset = 0
        for part in parts:
            for chunk in line_chunks(io.BytesIO(part), decoder, lambda c: len(c.text), offset):
                before = found.count(b"\n") + 1 - chunk.first_line
                faults += [f"{before + line} {why}" for line, why in chunk.faults.items()]
                found += chunk.text
            offset += len(part)
        return found, faults, decoder.seen

    assert read(text[:cut], text[cut:]) == read(text)
