"""Texts inside a text: URLs, HTML, JSON, quoted-printable and base64, decoded with their places."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import unquote_to_bytes

from compliance_guardian.pci.characters import ZERO_WIDTH

# Tags that stand within a word; others divide words.
_TAG = (
    r"</?(?:[abiqsu]|abbr|bdi|big|code|del|em|font|ins|kbd|label|mark|nobr|small|span|strong|sub|sup|tt"
    r"|var|wbr)(?:\s[^<>]{0,300})?/?>"
)
_SIGN = re.compile(f"[%&\\\\=<{ZERO_WIDTH}]")
_ESCAPE = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
    r"|(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,24});)"
    r"|\\(?P<backslash>u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,5}\}|x[0-9A-Fa-f]{2}|[nrtbf\"\\/'])"
    rf"|(?P<nothing>{ZERO_WIDTH}+|=\r?\n|{_TAG})"
    r"|(?P<line><br\s{0,3}/?>)",
    re.IGNORECASE,
)
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{16,}"
    r"(?:(?:\r?\n[A-Za-z0-9+/_\-]{16,})*\r?\n[A-Za-z0-9+/_\-]{2,}(?![A-Za-z0-9+/_\- ]))?={0,2}"
)
# Three digits in a row have one of each in base64; long names of fields rarely have.
_FIRST_OF_DIGITS, _LAST_OF_DIGITS = re.compile("[M-O]"), re.compile("[w-z0-5]")
_LINE_END = re.compile(r"\r?\n")
_URL_SAFE = str.maketrans("-_", "+/")
_DIGIT = re.compile(r"[0-9]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Inner:
    """A text that another one holds; its character i stands at places[i] to before ends[i]."""

    text: str
    encoding: str
    places: list[int]
    ends: list[int]


def inner_texts(text: str) -> Iterator[Inner]:
    """The text with its escapes decoded, if it has any, and each text in base64 with a digit."""
    if _SIGN.search(text) and _ESCAPE.search(text):
        yield _unescaped(text)
    for match in _BASE64.finditer(text):
        if inner := _unpacked(match):
            yield inner


def packed(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Where base64 between two places of a text unpacks to a text with digits."""
    for match in _BASE64.finditer(text, start, len(text) if end is None else end):
        if _unpacked(match):
            yield match.span()


def _unescaped(text: str) -> Inner:
    pieces: list[str] = []
    places: list[int] = []
    ends: list[int] = []
    done = 0
    for match in _ESCAPE.finditer(text):
        start, end = match.span()
        pieces.append(text[done:start])
        places += range(done, start)
        ends += range(done + 1, start + 1)
        decoded = _decoded(match)
        pieces.append(decoded)
        places += [start] * len(decoded)
        ends += [end] * len(decoded)
        done = end
    pieces.append(text[done:])
    places += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return Inner("".join(pieces), "escaped", places, ends)


def _decoded(match: re.Match[str]) -> str:
    if match["percent"]:
        try:
            return unquote_to_bytes(match.group()).decode()
        except UnicodeDecodeError:
            # A sign of percent before a number.
            return match.group()
    if match["entity"]:
        return html.unescape(match.group())
    if found := match["backslash"]:
        if found[0] in "uUxX":
            return chr(int(found[1:].strip("{}"), 16))
        return _LETTERS.get(found, found)
    return " " if match["line"] else ""


def _unpacked(match: re.Match[str]) -> Inner | None:
    """What a word decodes to, if that is text with digits; words of a language give bytes. Its last
    line may be the begin of something else."""
    lines, line_end, _ = match.group().rpartition("\n")
    found = _decoded_base64(match.group(), match.start())
    return found or (_decoded_base64(lines, match.start()) if line_end else None)


def _decoded_base64(word: str, start: int) -> Inner | None:
    packed = _LINE_END.sub("", word).rstrip("=\r").translate(_URL_SAFE)
    if packed.isdigit() or len(packed) % 4 == 1:
        return None
    if not (_FIRST_OF_DIGITS.search(packed) and _LAST_OF_DIGITS.search(packed)):
        return None
    try:
        decoded = base64.b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not _DIGIT.search(decoded) or _CONTROL.search(decoded):
        return None
    # Where each letter of base64 stands in the text, and each character in the bytes.
    letters = [start + at for at, one in enumerate(word) if one not in "=\r\n"]
    begins = [0, *accumulate(len(character.encode()) for character in decoded)]
    places = [letters[begin // 3 * 4] for begin in begins[:-1]]
    last = (min(-(-end // 3) * 4, len(letters)) - 1 for end in begins[1:])
    ends = [letters[at] + 1 if at < len(letters) - 1 else start + len(word) for at in last]
    return Inner(decoded, "base64", places, ends)
