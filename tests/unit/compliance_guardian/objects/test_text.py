"""Findings in text, wherever blocks end."""

import io
import json

import pytest

from compliance_guardian.objects import text
from compliance_guardian.objects.results import Progress, UnreadableError

NUMBER = "4539578763621486"


def found(body: bytes, *, is_json: bool = False, is_lines: bool = False):
    return list(text.find(io.BytesIO(body), Progress(), is_json=is_json, is_lines=is_lines))


def test_places_count_bytes_lines_and_characters():
    content = f"grüße\nüber {NUMBER}, ok"

    [one] = found(content.encode())

    assert content.encode()[one.byte :].startswith(NUMBER.encode())
    assert (one.line, one.column, one.row) == (2, 6, None)


@pytest.mark.parametrize("size", [1_100, 2_000, 4_096])
def test_where_blocks_end_does_not_matter(size, monkeypatch):
    written = f"{NUMBER[:4]} {NUMBER[4:8]}\n{NUMBER[8:12]} {NUMBER[12:]}"
    lines = [f"línea {i}: my card {written}" for i in range(200)]
    body = "\n\n".join(lines).encode()
    whole = found(body)
    monkeypatch.setattr(text, "_BLOCK", size)

    again = found(body)

    assert len(whole) == 200
    assert [(o.byte, o.line, o.column, o.finding.evidence) for o in again] == [
        (o.byte, o.line, o.column, o.finding.evidence) for o in whole
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_every_form_is_found_where_it_stands_wherever_blocks_end(data, encoding, monkeypatch):
    documents = (*data.cards(8, 150), *data.obfuscated(8, 4))
    content = "\n\nnot far from here\n\n".join(document.text for document in documents)
    body = content.encode(encoding, errors="ignore")
    whole = found(body)
    monkeypatch.setattr(text, "_BLOCK", 3_000)

    again = found(body)

    assert len(whole) > 200
    starts = [one.byte for one in whole]
    assert starts == sorted(set(starts))
    values = [body[one.byte : one.byte + one.size].decode(encoding) for one in whole]
    assert [len(value) for value in values] == [
        one.finding.end - one.finding.start for one in whole
    ]
    assert [(one.byte, one.finding.kind) for one in again] == [
        (one.byte, one.finding.kind) for one in whole
    ]


def test_a_member_of_json_is_the_field_and_a_line_the_row():
    body = "\n".join(json.dumps({"a": 1, "card": NUMBER}) for _ in range(3)).encode()

    rows = found(body, is_json=True, is_lines=True)

    assert [(one.field, one.row) for one in rows] == [("card", 1), ("card", 2), ("card", 3)]


def test_latin_1_is_read_too():
    [one] = found(f"gr\xfc\xdfe {NUMBER}".encode("latin-1"))

    assert one.byte == 6


def test_utf_16_is_read_and_binary_refused():
    body = f"card {NUMBER}".encode("utf-16")
    stream = text.as_utf8(body, io.BytesIO(body))

    assert NUMBER.encode() in stream.read(1000)
    with pytest.raises(UnreadableError, match="neither text"):
        text.as_utf8(b"\x00\x01", io.BytesIO(b""))
