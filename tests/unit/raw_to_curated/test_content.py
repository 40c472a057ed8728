from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from data_plane.curation import curate
from data_plane.retail import KEY, rejection_of
from data_plane.sources import CARD, CUSTOMERS, FILES, PRICES, rejected
from raw_to_curated import content as content_module
from raw_to_curated import lines
from raw_to_curated.reasons import ObjectReason
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
