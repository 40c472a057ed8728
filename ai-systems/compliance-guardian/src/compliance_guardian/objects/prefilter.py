"""Tells in one pass of a fast engine which texts, and which places of a text, may hold a finding.

The patterns are wider than the rules: what none of them matches, no rule finds. They are for the
engine of polars, which has no look-around and reads a text once for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import polars as pl

from compliance_guardian.pci import bank_accounts, card_data, phones
from compliance_guardian.pci.encodings import packed
from compliance_guardian.pci.shapes import GROUPED, GROUPINGS

_PIECE, _STEP = 1024, 768
"""Characters that are read together, and how far apart these pieces begin: a match is shorter than
their overlap."""

_SHORT = 4096
"""Of shorter texts the rules themselves are faster, in characters."""

_EDGE = "\0\0"
"""Stands before and behind a text, so that a pattern need not match its ends."""

_SIGN = "[^0-9A-Za-z]"
_DASH = r"[\-\p{Pd}\x{2212}]"
_POINT = r"[.\x{b7}\x{2022}\x{22c5}\x{3002}]"
# Signs that divide a row of numbers, whose groups of digits are no card number.
_ROW = r" \n,._\-"
_BEGINS_APART = (
    rf"(?:[^0-9][^0-9]|[0-9][^0-9{_ROW}]|[\-/.:][0-9]{{2}}{_SIGN}|[\-/.][0-9]{{4}}{_SIGN})"
)
_ENDS_APART = rf"(?:[^0-9{_ROW}]|[{_ROW}][^0-9{_ROW}]|[{_ROW}]{{2}}[^0-9])"
_LINE_END = r"[ \-]?=?\r?\n[ >]{0,5}"

# Characters that the plain form replaces, but for blanks, dashes and points.
_DISGUISED = (
    r"[\p{No}\p{Nl}\p{Cf}\p{Zl}\p{Zp}[\p{Nd}--[0-9]]\x{85}\x{aa}\x{ba}\x{17f}\x{2b0}-\x{2b8}"
    r"\x{2e1}-\x{2e3}\x{300}-\x{36f}\x{37e}\x{1d2c}-\x{1dbf}\x{1fef}\x{2024}\x{2071}\x{207a}-\x{209c}"
    r"\x{20d0}-\x{2149}\x{24b6}-\x{24e9}\x{2c7c}\x{2c7d}\x{a7f2}-\x{a7f4}\x{fb29}\x{fe00}-\x{fe6b}"
    r"\x{ff01}-\x{ff5e}\x{107a5}\x{1d400}-\x{1d6a3}\x{1f12b}-\x{1f149}]"
)
# Escapes of any character; and those of blanks and line ends, and tags, which divide digits.
_ESCAPE = r"%[0-9A-Fa-f]{2}|&(?:amp;)*(?:#|commat|plus|period|colon)|\\(?:[ux]|\\+[ux])"
_DIVIDER = (
    r"(?:&(?:amp;)*[A-Za-z]{2,24};|\\+[nrtbf\x22/']|=\r?\n"
    r"|(?:<|&(?:amp;)*lt;|\\u003c)[^<>&]+(?:>|&(?:amp;)*gt;))"
)
_LONG = r"[A-Za-z0-9+/_\-]{16}"
"""May be base64, of which `encodings` tells whether it is."""
_TELLING = re.compile(
    r"card|kart|kredi|(?<![a-z])(?:cc|ccn|pan|cvv|cvc|cvn|cav|csc|cid|security|verification|exp(?!ect)|valid"
    r"|good|ablauf|verfall|scadenza|ssn|social|soc\.|tax ?payer|tel|phone|mobil|cell|fax|handy"
    r"|rufnummer|call|ring|whatsapp|portable|m[oó]vil)",
    re.IGNORECASE,
)


def suspects(texts: pl.Series) -> list[int]:
    """The indexes of the texts that may hold a finding, each read by itself."""
    return _indexes(_EDGE + texts + _EDGE, _possible(_SIGN, _numbers_apart()))


def suspect_rows(rows: pl.Series, delimiter: str) -> list[int]:
    """The indexes of the rows of a table whose values may hold a finding."""
    rows = _EDGE + rows + _EDGE
    quoted = rows.str.contains('"', literal=True)
    found: list[int] = []
    # A quoted value may have the delimiter in it.
    for chosen, divider in ((~quoted, re.escape(delimiter)), (quoted, r"\x22")):
        numbers = chosen.arg_true()
        between = f"[^0-9A-Za-z{divider}]"
        indexes = _indexes(rows.gather(numbers), _possible(between, _numbers(between)))
        found += numbers.gather(indexes).to_list()
    return sorted(found)


def suspect_places(text: str) -> Iterator[tuple[int, int]]:
    """The places of a text in which a finding may begin: from left to right, none overlaps."""
    if len(text) <= _SHORT:
        return iter([(0, len(text))])
    framed = f"{_EDGE}{text}{_EDGE}"
    pieces = pl.Series([framed[at : at + _PIECE] for at in range(0, len(framed), _STEP)])
    places = list(_places(pieces.str.contains(_possible(_SIGN, _numbers_apart()))))
    for start, end in _united(_places(pieces.str.contains(_LONG))):
        # Pieces may begin and end within a word.
        places += packed(text, max(0, start - _STEP), end + _STEP)
    return _united(sorted(places))


def is_telling(name: str) -> bool:
    """Whether the name of a column makes findings of values that are none by themselves."""
    return _TELLING.search(name) is not None


def _indexes(texts: pl.Series, pattern: str) -> list[int]:
    certain = texts.str.contains(pattern).fill_null(value=False)
    # Two patterns are faster than one that keeps count of every word.
    long = (texts.str.contains(_LONG).fill_null(value=False) & ~certain).arg_true()
    others = (index for index in long if any(packed(texts[index])))
    return sorted([*certain.arg_true(), *others])


def _places(suspicious: pl.Series) -> Iterator[tuple[int, int]]:
    """Where suspicious pieces lie in their text, from left to right."""
    for index in suspicious.arg_true():
        begin = max(0, index * _STEP - len(_EDGE))
        yield begin, begin + _PIECE


def _united(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Places in order of their starts, with those that overlap or touch as one."""
    start = end = -1
    for begin, stop in places:
        if begin > end:
            if end >= 0:
                yield start, end
            start = begin
        end = max(end, stop)
    if end >= 0:
        yield start, end


@cache
def _possible(between: str, numbers: str) -> str:
    """Matches what may be a finding, whose `numbers` may be card numbers; `between` is what may
    divide groups of digits."""
    few = f"{between}{{0,3}}"
    code = "|".join(card_data.CODE_WORDS)
    expiry = "|".join(card_data.EXPIRY_WORDS)
    phone = "|".join(phones.WORDS)
    countries = "|".join(bank_accounts.LENGTHS)
    area = "[2-9][0-9]{2}"
    return "|".join(
        (
            numbers,
            "@",
            _DISGUISED,
            _ESCAPE,
            f"[0-9]{_SIGN}{{0,5}}(?:{_DIVIDER}{_SIGN}{{0,5}})+[0-9]",
            f"[^A-Za-z0-9](?i:{countries})[0-9]{{2}}(?:{few}[A-Za-z0-9]){{11}}",
            f"[^0-9A-Za-z][0-9]{{3}}{_DASH}[0-9]{{2}}{_DASH}[0-9]{{4}}[^0-9]",
            r"(?i:ssn|social|soc\.|tax ?payer)(?s:.)*[0-9]{3}"
            f"{between}?[0-9]{{2}}{between}?[0-9]{{4}}[^0-9]",
            rf"\+[1-9](?:(?:\(0\)|{few})[0-9]){{6}}",
            rf"(?:\({area}\){between}?{area}{between}|{area}{_DASH}{area}{_DASH}"
            rf"|{area}{_POINT}{area}{_POINT})[0-9]{{4}}[^0-9]",
            f"(?i:{phone})[^0-9]*[0-9](?:{few}[0-9]){{6}}",
            r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
            "[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:|::",
            f"(?i:{code})[^0-9]*(?:2[^0-9]+)?[0-9]{{3}}",
            f"(?i:{expiry})[^0-9]*(?:[0-9]{{4}}|[0-9]{{1,2}}{few}[0-9]{{2}})",
        )
    )


@cache
def _numbers(between: str) -> str:
    """Matches what stands as a card number does, wherever it begins and ends."""
    grouped = GROUPED.replace("S", f"{between}{{1,5}}")
    return f"[^0-9][0-9](?:[0-9]{{11,18}}|{grouped})[^0-9]"


@cache
def _numbers_apart() -> str:
    """Matches the same where it is not part of a row of numbers, and what a line end divides."""
    grouped = "[0-9]" + GROUPED.replace("S", f"{_SIGN}{{1,5}}")
    cut = "|".join(_cut())
    return (
        f"[^0-9](?:[0-9]{{12,19}}|{cut})[^0-9]"
        f"|{_BEGINS_APART}{grouped}[^0-9]|[^0-9]{grouped}{_ENDS_APART}"
    )


def _cut() -> Iterator[str]:
    """Matches numbers with a line end in the middle of a group."""
    for before in range(1, 19):
        yield f"[0-9]{{{before}}}{_LINE_END}[0-9]{{{max(1, 12 - before)},{19 - before}}}"
    for sizes in GROUPINGS:
        for index, size in enumerate(sizes):
            left = "".join(f"[0-9]{{{one}}}[ .\\-_]" for one in sizes[:index])
            right = "".join(f"[ .\\-_][0-9]{{{one}}}" for one in sizes[index + 1 :])
            for before in range(1, size):
                middle = f"[0-9]{{{before}}}{_LINE_END}[0-9]{{{size - before}}}"
                yield f"{left}{middle}{right}"
