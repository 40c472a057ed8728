from __future__ import annotations

import io
import zipfile

import pytest

from data_plane.workbooks import packed
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.typed_files.xml_stream import Budget, parse_whole


def names_in(body: str, most_bytes: int = 10_000) -> list[str]:
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(packed({"a.xml": body}))) as archive:
        parse_whole(archive, "a.xml", Budget(most_bytes), lambda name, _: found.append(name))
    return found


def test_names_have_no_prefix() -> None:
    assert names_in('<x:a xmlns:x="urn:x"><b/></x:a>') == ["a", "b"]


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE a [<!ENTITY x "1">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>',
        "<a>&undeclared;</a>",
        "<a><b></a>",
        "<a/><a/>",
        "<a>\x01</a>",
        "<a",
        "",
    ],
)
def test_what_is_no_xml_of_a_workbook(body: str) -> None:
    with pytest.raises(RejectedError) as caught:
        names_in(body)
    assert caught.value.reason is ObjectReason.CORRUPT_WORKBOOK


def test_bytes_that_are_really_unpacked_count() -> None:
    with pytest.raises(RejectedError) as caught:
        names_in("<a>" + " " * 20_000 + "</a>")
    assert caught.value.reason is ObjectReason.DECOMPRESSION_BOMB
