from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from contextlib import suppress

import pytest

from data_plane.curation import curate
from data_plane.retail import HEADER, KEY, rejection_of
from data_plane.sources import CARD, CUSTOMERS, FILES, PRICES, rejected
from raw_to_curated import content as content_module
from raw_to_curated import lines
from raw_to_curated.content import text_stream
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.sources import SOURCES
from raw_to_curated.sources.model import Source


def test_a_decompression_bomb_is_stopped_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    original = gzip.GzipFile.read

    def counting(stream: gzip.GzipFile, size: int | None = -1) -> bytes:
        nonlocal read
        chunk = original(stream, size)
        read += len(chunk)
        return chunk

    monkeypatch.setattr(gzip.GzipFile, "read", counting)
    monkeypatch.setattr(content_module, "MAX_TEXT_BYTES", 3 * 1024 * 1024)
    error = rejection_of(gzip.compress(b"0" * 50_000_000), KEY + ".gz")
    assert error.reason is ObjectReason.TOO_LARGE
    assert read <= lines.CHUNK_BYTES
    assert rejection_of(b"0" * 3_200_000).reason is ObjectReason.TOO_LARGE


def zipped(*members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in members:
            archive.writestr(name, (FILES / "online-retail-sample.csv").read_bytes())
    return file.getvalue()


def test_an_archive_of_one_file_whatever_its_name_says() -> None:
    source = SOURCES["online-retail"]
    plain = (FILES / "online-retail-sample.csv").read_bytes()
    expected = curate(source, "online-retail/a.csv", plain)
    for body, key in (
        (zipped("../../etc/passwd"), "online-retail/a.csv.zip"),
        (gzip.compress(plain), "online-retail/a.csv.gz"),
    ):
        curated = curate(source, key, body)
        assert all(curated.tables[t].equals(expected.tables[t]) for t in expected.tables)
    error = rejected(source, "online-retail/a.csv.zip", zipped("a", "b"))
    assert error.reason is ObjectReason.NOT_ONE_MEMBER
    for body in (b"", b"no archive", zipped("a")[:-30]):
        error = rejected(source, "online-retail/a.csv.zip", body)
        assert error.reason is ObjectReason.CORRUPT_ZIP


@pytest.mark.parametrize(
    ("source", "key", "body", "reason"),
    [
        (CARD, "c/a.parquet", b"PAR1 and no more", ObjectReason.CORRUPT_PARQUET),
        (CARD, "c/a.parquet", b"", ObjectReason.CORRUPT_PARQUET),
        (PRICES, "p/a.xlsx", b"no workbook", ObjectReason.CORRUPT_WORKBOOK),
        (PRICES, "p/a.xlsx", zipped("a"), ObjectReason.CORRUPT_WORKBOOK),
        (CUSTOMERS, "c/a.jsonl", b"\n\n", ObjectReason.EMPTY_OBJECT),
        (CARD, "c/a.parquet.gz", b"x", ObjectReason.UNSUPPORTED_SUFFIX),
    ],
)
def test_damaged_files_are_rejected(
    source: Source, key: str, body: bytes, reason: ObjectReason
) -> None:
    assert rejected(source, key, body).reason is reason


PLAIN = (FILES / "online-retail-sample.csv").read_bytes()


def archive_of(body: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", body)
    return file.getvalue()


def tar_of(body: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return file.getvalue()


@pytest.mark.parametrize(
    ("key", "body", "words"),
    [
        (
            KEY + ".gz",
            gzip.compress(gzip.compress(PLAIN)),
            "inside of the gzip file is a gzip file",
        ),
        (KEY + ".gz", gzip.compress(archive_of(PLAIN)), "inside of the gzip file is a zip archive"),
        (
            KEY + ".zip",
            archive_of(gzip.compress(PLAIN)),
            "inside of the zip archive is a gzip file",
        ),
        (KEY + ".zip", archive_of(archive_of(PLAIN)), "inside of the zip archive is a zip archive"),
        (
            KEY + ".gz",
            gzip.compress(bz2.compress(PLAIN)),
            "inside of the gzip file is a bzip2 file",
        ),
        (KEY + ".gz", gzip.compress(lzma.compress(PLAIN)), "inside of the gzip file is an xz file"),
        (KEY + ".gz", gzip.compress(tar_of(PLAIN)), "inside of the gzip file is a tar archive"),
        (KEY, bz2.compress(PLAIN), "no text but a bzip2 file"),
        (KEY, tar_of(PLAIN), "no text but a tar archive"),
        (
            KEY + ".gz",
            gzip.compress(b"%PDF-1.7", mtime=0),
            "Inside of the gzip file is no text but a PDF",
        ),
    ],
)
def test_what_is_inside_is_named(key: str, body: bytes, words: str) -> None:
    error = rejection_of(body, key)
    assert error.reason is ObjectReason.NOT_TEXT
    assert words in error.message


@pytest.mark.parametrize("suffix", [".zip.gz", ".gz.zip", ".gz.gz", ".zip.zip", ".ZIP.GZ"])
def test_a_name_that_says_packed_twice(suffix: str) -> None:
    error = rejection_of(b"", KEY + suffix)
    assert error.reason is ObjectReason.UNSUPPORTED_SUFFIX
    assert suffix in error.message
    assert "packed twice" in error.message


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(PLAIN) + b"trash",
        gzip.compress(PLAIN) + gzip.compress(PLAIN)[:-9],
        gzip.compress(PLAIN)[:-8] + bytes(8),
        gzip.compress(PLAIN)[:-4] + b"\xff\xff\xff\xff",
        gzip.compress(PLAIN, mtime=0)[:5],
    ],
)
def test_damaged_gzip_is_a_rejection(body: bytes) -> None:
    assert rejection_of(body, KEY + ".gz").reason is ObjectReason.CORRUPT_GZIP


def test_any_damaged_byte_of_gzip_is_a_rejection_or_changes_nothing() -> None:
    text = PLAIN[:300]
    body = gzip.compress(text, mtime=0)
    for position in range(len(body)):
        damaged = bytes([*body[:position], body[position] ^ 0xFF, *body[position + 1 :]])
        with suppress(RejectedError), text_stream(io.BytesIO(damaged), "gz") as stream:
            assert stream.read(1000) + stream.read(1000) == text


def test_members_of_gzip_are_one_text() -> None:
    with text_stream(
        io.BytesIO(gzip.compress(b"a,") + gzip.compress(b"b\n") + bytes(9)), "gz"
    ) as s:
        assert s.read(100) == b"a,b\n"


@pytest.mark.parametrize("key", [KEY + ".gz", KEY + ".zip"])
def test_a_small_bomb_is_one_too(key: str) -> None:
    text = HEADER.encode() + b'""\n' * 3_000_000
    body = gzip.compress(text) if key.endswith("gz") else archive_of(text)
    assert len(body) < 40_000
    assert rejection_of(body, key).reason is ObjectReason.DECOMPRESSION_BOMB


def test_an_error_of_the_storage_is_no_damage_of_the_object() -> None:
    class Broken:
        def read(self, _size: int, /) -> bytes:
            raise ConnectionResetError

    for compression in ("", "gz", "zip"):
        with (
            pytest.raises(ConnectionResetError),
            text_stream(Broken(), compression) as stream,
        ):
            stream.read(10)
