"""OUT names a folder or a bucket; a folder is new or empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.errors import FleetError
from shop import bucket
from shop.destinations import Folder, destination
from shop.files import RawFile

FILES = [RawFile("online-retail/2023-01.csv", b"1\n"), RawFile("cdnow/2023-01.txt", b"22\n")]


def no_files() -> Iterator[RawFile]:
    raise AssertionError("made for nothing")


def test_a_folder_gets_files_under_their_keys(tmp_path: Path) -> None:
    to = destination(str(tmp_path / "new"))
    to.prepare(no_files)

    assert [to.write(file) for file in FILES] == [True, True]

    assert (tmp_path / "new" / FILES[1].key).read_bytes() == FILES[1].content
    with pytest.raises(FleetError, match="is there and not an empty folder"):
        to.prepare(no_files)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FleetError, match="cannot be written"):
        Folder(tmp_path / "file").write(FILES[0])


@pytest.mark.parametrize("out", ["s3://", "s3:///prefix", "gs://bucket", "https://host/bucket"])
def test_a_place_of_another_kind_is_refused(out: str) -> None:
    with pytest.raises(FleetError, match="neither a folder nor s3://bucket"):
        destination(out)


@pytest.mark.parametrize(
    ("out", "opened"),
    [
        ("s3://b", ("b", "")),
        ("s3://b/", ("b", "")),
        ("s3://b/c", ("b", "c")),
        ("s3://b/c/d/", ("b", "c/d")),
    ],
)
def test_a_bucket_is_opened_with_its_prefix(
    monkeypatch: pytest.MonkeyPatch, out: str, opened: tuple[str, str]
) -> None:
    monkeypatch.setattr(bucket, "open_bucket", lambda *named: named)

    assert destination(out) == opened
