"""The files in an object, within bounds."""

import gzip
import io
import random
import zipfile

import pytest

from compliance_guardian.objects import unpack
from compliance_guardian.objects.results import UnreadableError
from compliance_guardian.objects.unpack import files


def contents(body: bytes) -> dict[str, bytes]:
    found = {}
    for name, stream in files(io.BytesIO(body)):
        pieces = []
        while piece := stream.read(1000):
            pieces.append(piece)
        found[name] = b"".join(pieces)
    return found


def packed(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


TEXT = b"a,b\n" + b"1,2\n" * 5_000


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (TEXT, {"": TEXT}),
        (b"", {"": b""}),
        (gzip.compress(TEXT), {"": TEXT}),
        (gzip.compress(TEXT) + gzip.compress(b"end"), {"": TEXT + b"end"}),
        (packed(("a.csv", TEXT), ("b/c.txt", b"x")), {"a.csv": TEXT, "b/c.txt": b"x"}),
        (packed(("a.gz", gzip.compress(TEXT))), {"a.gz": TEXT}),
        (gzip.compress(packed(("a", b"x"))), {"a": b"x"}),
    ],
    # Bytes that are packed differ between processes.
    ids=["plain", "nothing", "gzip", "two gzip members", "zip", "gzip in zip", "zip in gzip"],
)
def test_what_is_packed_is_unpacked(body, expected):
    assert contents(body) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (gzip.compress(TEXT)[:-20], "is cut"),
        (b"\x1f\x8b\x08" + b"\xff" * 50, "damaged"),
        (packed(("a", TEXT))[:-30], "archive is damaged"),
        (packed(("a", packed(("b", packed(("c", b"x")))))), "more than twice"),
    ],
    ids=["cut gzip", "damaged gzip", "cut zip", "zip in zip in zip"],
)
def test_what_cannot_be_is_named(body, message):
    with pytest.raises(UnreadableError, match=message):
        contents(body)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_is_named_however_a_file_is_packed(method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a", bytes(range(256)) * 64)
    body = bytearray(buffer.getvalue())
    body[60:90] = bytes(30)

    with pytest.raises(UnreadableError, match="damaged"):
        contents(bytes(body))


def test_damage_far_behind_the_start_is_named():
    body = bytearray(packed(("a", bytes(random.Random(1).randbytes(3_000_000)))))
    body[2_000_000] ^= 0xFF

    with pytest.raises(UnreadableError, match="damaged"):
        contents(bytes(body))


def test_a_member_that_asks_for_much_memory_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", TEXT)
    body = bytearray(buffer.getvalue())
    # The size of the dictionary, behind the local header, the name and the head of the properties.
    body[36:40] = (2**32 - 1).to_bytes(4, "little")

    with pytest.raises(UnreadableError, match="damaged"):
        contents(bytes(body))


def test_bounds(monkeypatch):
    monkeypatch.setattr(unpack, "MAX_MEMBERS", 1)
    with pytest.raises(UnreadableError, match="2 files; up to 1"):
        contents(packed(("a", b""), ("b", b"")))
    monkeypatch.setattr(unpack, "MAX_BYTES", 10_000)
    for body in (TEXT, gzip.compress(TEXT), packed(("a", TEXT))):
        with pytest.raises(UnreadableError, match="Split it"):
            contents(body)


def test_a_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(unpack, "_RATIO_FROM", 1000)
    monkeypatch.setattr(unpack, "MAX_RATIO", 50)
    for body in (gzip.compress(bytes(1_000_000)), packed(("a", bytes(1_000_000)))):
        with pytest.raises(UnreadableError, match="50 times its size"):
            contents(body)
