"""Mutated inputs are reproducible, differ, and reach what is inside of a container."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from random import Random

import pytest

from fuzz.mutate import MOST_BYTES, mutate

TEXT = b"a,b\n1,2\n3,4\n"


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("first.xml", TEXT)
        made.writestr("second.xml", TEXT)
    return target.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", TEXT, gzip.compress(TEXT, mtime=0), archive()],
    ids=["empty", "text", "gzip", "zip"],
)
def test_the_seed_decides(data: bytes) -> None:
    def mutated(seed: int) -> list[bytes]:
        random = Random(seed)
        return [mutate(data, random, [TEXT]) for _ in range(50)]

    assert mutated(1) == mutated(1)
    assert mutated(1) != mutated(2)
    assert len(set(mutated(1))) > 25


def test_inside_of_gzip() -> None:
    random = Random(1)
    inner = set()
    for _ in range(100):
        made = mutate(gzip.compress(TEXT), random, [TEXT])
        try:
            inner.add(gzip.decompress(made))
        except (OSError, EOFError, zlib.error):
            continue
    assert len(inner) > 25


def test_inside_of_zip() -> None:
    random = Random(1)
    contents = set()
    for _ in range(100):
        made = io.BytesIO(mutate(archive(), random, [TEXT]))
        try:
            with zipfile.ZipFile(made) as opened:
                contents.add((opened.read("first.xml"), opened.read("second.xml")))
        except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError):
            continue
    assert len(contents) > 25


def test_inputs_stay_small() -> None:
    random = Random(1)
    data = TEXT * 50_000
    for _ in range(50):
        data = mutate(data, random, [TEXT])
        assert len(data) <= MOST_BYTES
