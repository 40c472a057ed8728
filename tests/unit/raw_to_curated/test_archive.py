from __future__ import annotations

import io
import zipfile

import pytest

from raw_to_curated.archive import only_member
from raw_to_curated.reasons import ObjectReason, RejectedError

TEXT = b"".join(b"%d,some text\n" % number for number in range(500))


def packed(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            content = b"" if name.endswith("/") else TEXT
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def unpacked(body: bytes) -> bytes:
    with only_member(io.BytesIO(body)) as member:
        return b"".join(iter(lambda: member.read(1000), b""))


def encrypted() -> bytes:
    body = bytearray(packed("a.csv"))
    body[6] |= 1
    body[body.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


def damaged() -> bytes:
    body = bytearray(packed("a.csv"))
    body[60:70] = bytes(10)
    return bytes(body)


@pytest.mark.parametrize("names", [("a.csv",), ("",), ("folder/", "folder/a.csv")])
def test_the_only_file_is_unpacked(names: tuple[str, ...]) -> None:
    assert unpacked(packed(*names)) == TEXT


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (encrypted, "without a password"),
        (damaged, "no sound zip archive"),
        (lambda: packed("a.csv")[:-1], "no sound zip archive"),
        (lambda: b"some bytes before" + packed("a.csv"), "stand before it"),
        (lambda: packed("a.csv") + packed("a.csv"), "stand before it"),
    ],
)
def test_what_is_wrong_is_told(body, words: str) -> None:
    with pytest.raises(RejectedError, match=words) as caught:
        unpacked(body())

    assert caught.value.reason is ObjectReason.CORRUPT_ZIP


@pytest.mark.parametrize("names", [(), ("folder/",), ("a.csv", "b.csv")])
def test_another_number_of_files_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(RejectedError, match="exactly one is read") as caught:
        unpacked(packed(*names))

    assert caught.value.reason is ObjectReason.NOT_ONE_MEMBER
