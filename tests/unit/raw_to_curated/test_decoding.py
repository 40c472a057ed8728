from __future__ import annotations

from dataclasses import replace

import pytest

from data_plane.retail import RETAIL, SUPERSTORE
from raw_to_curated.decoding import LineDecoder, UndecodableError, encoding_name


def decode(text: bytes, encoding: str = "cp1252") -> tuple[bytes, list[int], set[str]]:
    decoder = LineDecoder(replace(SUPERSTORE, encodings=("utf-8", encoding)))
    lines, invalid = decoder.decode(text)
    return lines, invalid, decoder.seen


def test_each_line_is_decided_by_itself() -> None:
    lines, invalid, seen = decode(
        b"ascii\ncaf\xe9\n" + "Caf\u00e9 €\n".encode() + b"na\xefve\nplain"
    )
    assert lines.decode() == "ascii\ncafé\nCafé €\nnaïve\nplain"
    assert (invalid, seen) == ([], {"utf-8", "cp1252"})
    assert decode(b"plain\n") == (b"plain\n", [], set())
    assert decode("é\n".encode())[1:] == ([], {"utf-8"})
    assert decode(b"a\nb\xf6se\n")[1:] == ([], {"cp1252"})


@pytest.mark.parametrize(
    "line",
    [
        "Köln,".encode() + b"M\xfcnchen\n",  # both encodings in one line
        "Köln, Zürich\n".encode().replace(
            "ü".encode(), b"\xc3"
        ),  # a character cut in the middle of the line
        b"caf\xc3\n",  # cut at the end of a line,
        b"caf\xc3,1\n",  # of a field
        b'"caf\xc3",1\n',  # and of a quoted one
        b"caf\xc3\r\n",
        b"price 5 \xe2\x82 each\n",  # two of three bytes
        b"\xf0\x9f\x98 smile\n",  # three of four
        b"the last line ends in \xe2",  # a lead byte alone, with nothing behind it
        b"undefined \x81\n",  # means nothing in the fallback
    ],
)
def test_a_line_that_may_be_damaged_utf8_is_in_no_encoding(line: bytes) -> None:
    lines, invalid, _ = decode(b"before\n" + line)
    assert invalid == [1]
    text = lines.decode().removeprefix("before\n")
    assert "\\x" in text
    # Nothing is lost: the escapes give back the bytes.
    assert text.encode("raw_unicode_escape").decode("unicode_escape").encode("latin-1") == line or (
        not line.isascii()
    )


@pytest.mark.parametrize(
    "text", ["PRÉ, ECOLÉ\n", "É,Ü\n", "señor,caña\n", "à la carte\n", "£5, 20°\n", "café\n", "ß\n"]
)
def test_text_of_the_fallback_is_read_in_it(text: str) -> None:
    assert decode(text.encode("cp1252")) == (text.encode(), [], {"cp1252"})


def test_the_fallback_decides_what_a_capital_letter_is() -> None:
    # In koi8-r these bytes are small letters.
    assert decode(b"caf\xc3,1\n", "koi8-r") == ("cafц,1\n".encode(), [], {"koi8-r"})


@pytest.mark.parametrize(
    "text", [b"good\nbad \xe9 byte\n", "é\n".encode() + b"x\n" * 9 + b"bad \xe9"]
)
def test_without_a_fallback_the_byte_is_named(text: bytes) -> None:
    with pytest.raises(UndecodableError) as caught:
        LineDecoder(RETAIL).decode(text)
    error = caught.value
    assert (error.position - error.line_begin, error.found) == (4, b"\xe9")
    assert text[error.line_begin :].startswith(b"bad")


def test_the_encodings_of_an_object_are_named_in_the_order_of_the_mapping() -> None:
    assert encoding_name(SUPERSTORE, []) == "utf-8"
    assert encoding_name(SUPERSTORE, ["cp1252", "utf-8"]) == "utf-8, cp1252"
    assert encoding_name(SUPERSTORE, ["cp1252"]) == "cp1252"
    assert encoding_name(RETAIL, ["binary"]) == "binary"
