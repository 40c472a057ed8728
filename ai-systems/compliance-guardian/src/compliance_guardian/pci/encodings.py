"""Texts inside a text: URLs, HTML, JSON, quoted-printable and base64, decoded with their places."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_ESCAPES: tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...] = (
    (
        "%",
        re.compile(r"(?:%[0-9A-Fa-f]{2})+"),
        lambda found: unquote_to_bytes(found).decode(errors="replace"),
    ),
    ("&", re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,24});"), html.unescape),
    (
        "\\",
        re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrtbf\"\\/'])"),
        lambda found: _backslash(found),
    ),
    ("=\n", re.compile(r"=\r?\n"), lambda _: ""),
    ("=\r\n", re.compile(r"=\r?\n"), lambda _: ""),
)
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{16,}(?:\r?\n[A-Za-z0-9+/_\-]{16,})*={0,2}"
)
_SHORTEST_BASE64 = 16
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Inner:
    """A text that another one holds; its character i stands at places[i] to before ends[i]."""

    text: str
    encoding: str
    places: list[int]
    ends: list[int]


def inner_texts(text: str) -> Iterator[Inner]:
    """The text with its escapes decoded, if it has any, and each base64 text in it."""
    for sign, pattern, decode in _ESCAPES:
        if sign in text and pattern.search(text):
            yield _unescaped(text, pattern, decode)
    # Cheaper than the pattern, and most texts have no long word.
    if max(map(len, text.split()), default=0) < _SHORTEST_BASE64:
        return
    for match in _BASE64.finditer(text):
        if inner := _unpacked(match):
            yield inner


def _unescaped(text: str, pattern: re.Pattern[str], decode: Callable[[str], str]) -> Inner:
    pieces: list[str] = []
    places: list[int] = []
    ends: list[int] = []
    done = 0
    for match in pattern.finditer(text):
        pieces.append(text[done : match.start()])
        places += range(done, match.start())
        ends += range(done + 1, match.start() + 1)
        decoded = decode(match.group())
        pieces.append(decoded)
        places += [match.start()] * len(decoded)
        ends += [match.end()] * len(decoded)
        done = match.end()
    pieces.append(text[done:])
    places += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return Inner("".join(pieces), "escaped", places, ends)


def _backslash(found: str) -> str:
    if found[1] in "ux":
        return chr(int(found[2:], 16))
    return _LETTERS.get(found[1], found[1])


def _unpacked(match: re.Match[str]) -> Inner | None:
    """What a word decodes to, if that is text with digits; words of a language give bytes."""
    # Where in the text each letter of base64 stands.
    letters = [i for i in range(match.start(), match.end()) if text_at(match, i) not in "=\r\n"]
    packed = "".join(text_at(match, i) for i in letters).translate(_URL_SAFE)
    if packed.isdigit() or len(packed) % 4 == 1:
        return None
    try:
        content = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
        decoded = content.decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not any(map(str.isdigit, decoded)) or any(c < " " and c not in "\t\r\n" for c in decoded):
        return None
    size = len(letters)
    places = [letters[i // 3 * 4] for i in range(len(decoded))]
    last = [min(-(-(i + 1) // 3) * 4, size) - 1 for i in range(len(decoded))]
    ends = [letters[i] + 1 if i < size - 1 else match.end() for i in last]
    return Inner(decoded, "base64", places, ends)


_URL_SAFE = str.maketrans("-_", "+/")


def text_at(match: re.Match[str], index: int) -> str:
    """The character of the searched text at an index."""
    return match.string[index]
