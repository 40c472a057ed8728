"""Bytes changed at random: as they are, or inside of the container that they are in."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Sequence
from random import Random

TOKENS = (
    *(b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\x1a", b" ", b"\xc2\xa0"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xe2\x82", b"\xf0\x9f", b"\xe9", b"\xed\xa0\x80"),
    *(b"\x1f\x8b\x08", b"x\x01", b"x^", b"x\x9c", b"x\xda", b"(\xb5/\xfd", b"BZh9", b"PK\x03\x04"),
    *(
        b"PAR1",
        b"NaN",
        b"null",
        b"inf",
        b"-0",
        b"1e308",
        b"1e-320",
        b"852.0",
        b"9223372036854775808",
    ),
    *(b"-9223372036854775808", b"0.00001", b"1.234.567", b"2,5", b"1970-01-01", b"2099-12-31"),
    *(b"23:59:60", b"24:00:00", b"2010-02-30", b"#DIV/0!", b"=1+1", b"{", b"}", b"[", b"]", b":"),
    *(b'{"a":', b"\\ud800", b"\\u0000", b"true", b"<f>", b'<c t="e">', b"<!DOCTYPE a>"),
)
"""What readers of these formats give a meaning to."""

MOST_BYTES = 1024**2
_MOST_EDITS = 6


def mutate(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Change a few places of `data`, in three of four cases inside of the container that it is in.

    The same state of `random` gives the same bytes.
    """
    if random.random() < 0.75:
        if zipfile.is_zipfile(io.BytesIO(data)):
            return _in_zip(data, random, others)
        if data.startswith(b"\x1f\x8b"):
            return _in_gzip(data, random, others)
    return _edited(data, random, others)


def _edited(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    for _ in range(random.randint(1, _MOST_EDITS)):
        data = random.choice(_EDITS)(data, random, others)[:MOST_BYTES]
    return data


def _in_gzip(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    try:
        inner = gzip.decompress(data)
    # A damaged container may make its library raise anything.
    except Exception:
        return _edited(data, random, others)
    return gzip.compress(_edited(inner, random, others), mtime=0)


def _in_zip(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """One member changed, and the archive sound again; its names and order stay."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
    except Exception:
        return _edited(data, random, others)
    if not members:
        return _edited(data, random, others)
    name = random.choice(list(members))
    members[name] = _edited(members[name], random, others)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(zipfile.ZipInfo(member), content)
    return target.getvalue()


def _place(data: bytes, random: Random) -> int:
    """Any offset; more often one of the last bytes, where footers and directories are."""
    if random.random() < 0.25:
        return max(0, len(data) - random.randint(0, 256))
    return random.randint(0, len(data))


def _stretch(data: bytes, random: Random) -> tuple[int, int]:
    begin = _place(data, random)
    return begin, min(len(data), begin + random.choice((1, 2, 4, 16, 64, 512)))


def _flip(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = min(_place(data, random), len(data) - 1)
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def _set(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = min(_place(data, random), len(data) - 1)
    return data[:at] + bytes([random.choice((0, 1, 0x7F, 0x80, 0xFF))]) + data[at + 1 :]


def _insert(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    at = _place(data, random)
    return data[:at] + random.choice(TOKENS) * random.choice((1, 1, 1, 2, 50)) + data[at:]


def _overwrite(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    at, token = _place(data, random), random.choice(TOKENS)
    return data[:at] + token + data[at + len(token) :]


def _delete(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    begin, end = _stretch(data, random)
    return data[:begin] + data[end:]


def _repeat(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    begin, end = _stretch(data, random)
    return data[:end] + data[begin:end] * random.choice((1, 2, 100)) + data[end:]


def _move_line(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    lines.insert(random.randrange(len(lines)), lines.pop(random.randrange(len(lines))))
    return b"\n".join(lines)


def _cut(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    return data[: _place(data, random)]


def _splice(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    other = random.choice(others)
    return data[: _place(data, random)] + other[_place(other, random) :]


_EDITS = (
    *(_flip, _set, _insert, _overwrite, _delete, _repeat, _move_line, _cut, _splice),
    # The most fruitful ones twice.
    *(_insert, _overwrite),
)
