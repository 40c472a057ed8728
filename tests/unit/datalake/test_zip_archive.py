"""Archives that are sound, damaged, or lie about what they hold."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest

from datalake import zip_archive
from datalake.zip_archive import DamagedArchiveError, UnsupportedArchiveError, ZipArchive

TEXT = b"".join(b"%d,some text\n" % number for number in range(500))
REFUSALS = (DamagedArchiveError, UnsupportedArchiveError)
METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}


def packed(method: int, text: bytes = TEXT, name: str = "a.csv") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(name), text, method)
    return file.getvalue()


def unpacked(body: bytes, size: int = 1000) -> bytes:
    archive = ZipArchive(io.BytesIO(body))
    [member] = archive.members
    content = archive.open(member)
    return b"".join(iter(lambda: content.read(size), b""))


def refusal(body: bytes) -> str:
    with pytest.raises(REFUSALS) as caught:
        unpacked(body)
    return str(caught.value)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("text", [TEXT, b"", b"x" * 3_000_000])
def test_every_usual_method_is_unpacked(method: str, text: bytes) -> None:
    assert unpacked(packed(METHODS[method], text), 100_000) == text


@pytest.mark.parametrize("method", METHODS)
def test_a_read_gives_no_more_than_it_was_asked_for(method: str) -> None:
    archive = ZipArchive(io.BytesIO(packed(METHODS[method], b"0" * 50_000_000)))

    assert 0 < len(archive.open(archive.members[0]).read(1000)) <= 1000


@pytest.mark.parametrize("method", METHODS)
def test_any_damage_is_refused_or_changes_nothing(method: str) -> None:
    """Every byte of the archive in turn is another one, and the archive ends before each."""
    body = packed(METHODS[method], TEXT[:400])
    for position, bits in itertools.product(range(len(body)), (0x01, 0x80, 0xFF)):
        damaged = bytearray(body)
        damaged[position] ^= bits
        # Damage to the name of the only member may make a folder of it.
        with suppress(*REFUSALS, ValueError):
            assert unpacked(bytes(damaged)) == TEXT[:400], position
    for end in range(len(body)):
        assert refusal(body[:end])


def patched(body: bytes, *, local: dict[int, bytes], directory: dict[int, bytes]) -> bytes:
    """An archive with other bytes at offsets of its local header and of its directory entry."""
    changed = bytearray(body)
    for begin, changes in ((0, local), (body.rindex(b"PK\x01\x02"), directory)):
        for offset, value in changes.items():
            changed[begin + offset : begin + offset + len(value)] = value
    return bytes(changed)


def of_method(number: int) -> bytes:
    code = struct.pack("<H", number)
    return patched(packed(zipfile.ZIP_DEFLATED), local={8: code}, directory={10: code})


@pytest.mark.parametrize("number", [1, 6, 9, 19, 93, 95, 96, 98, 99, 0xFFFF])
def test_other_methods_are_named(number: int) -> None:
    # Newer versions of Python know 93, Zstandard, and find that this is none.
    assert "compress" in refusal(of_method(number)).lower()


ENCRYPTED = struct.pack("<H", 1)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (lambda: patched(packed(0), local={6: ENCRYPTED}, directory={8: ENCRYPTED}), "password"),
        (lambda: patched(packed(0), local={}, directory={6: b"\xff\x00"}), "version"),
        (lambda: patched(packed(0), local={0: b"PK\x07\x08"}, directory={}), "header"),
        (lambda: patched(packed(0), local={30: b"b"}, directory={}), "differ"),
        (lambda: patched(packed(8), local={}, directory={16: b"\0\0\0\0"}), "CRC"),
        (lambda: b"no archive", "not a zip file"),
    ],
)
def test_what_is_wrong_is_told(body: Callable[[], bytes], words: str) -> None:
    assert words in refusal(body())


@pytest.mark.parametrize("size", [0, 1, 2_000, len(TEXT) - 1, len(TEXT) + 1, 2**31])
@pytest.mark.parametrize("method", METHODS)
def test_a_size_that_lies_cuts_nothing_in_silence(method: str, size: int) -> None:
    declared = struct.pack("<I", size)
    # With the CRC of what a reader would find that believes the size.
    crc = struct.pack("<I", zlib.crc32(TEXT[:size]))
    body = patched(packed(METHODS[method]), local={}, directory={16: crc, 24: declared})
    assert refusal(body)


def test_more_memory_than_any_preset_needs_is_refused() -> None:
    body = bytearray(packed(zipfile.ZIP_LZMA))
    properties = 30 + len("a.csv") + 4
    body[properties + 1 : properties + 5] = struct.pack("<I", 2**31)
    assert "emory" in refusal(bytes(body))


def test_a_directory_larger_than_memory_allows_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "_MOST_DIRECTORY", 60)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("a", b"")
        archive.writestr("b", b"")
    with pytest.raises(DamagedArchiveError, match="directory has 94 bytes; up to 60"):
        ZipArchive(body)


def test_entries_include_folders_and_members_do_not() -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("folder/", b"")
        archive.writestr("folder/a", b"x")

    archive = ZipArchive(body)

    assert [entry.filename for entry in archive.entries] == ["folder/", "folder/a"]
    assert [member.filename for member in archive.members] == ["folder/a"]
