"""Card numbers in text: what speaks for and against digits that stand as a card's do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compliance_guardian.pci.checksums import luhn
from compliance_guardian.pci.context import card_words
from compliance_guardian.pci.findings import Evidence, Finding, Kind, masked_number
from compliance_guardian.pci.networks import Issued, issued
from compliance_guardian.pci.published_numbers import PUBLISHED
from compliance_guardian.pci.shapes import GROUPINGS, Shape, search

_PRIOR = Evidence("checksum", "Luhn", 0.7)
_THRESHOLD = 0.0

# Scripts that divide words by blanks end before U+0590; in others digits stand beside letters.
_LAST_LETTER = "\u0590"
_HEXADECIMAL = frozenset("abcdefABCDEF")
_GLUED_WORD = re.compile(r"(?i)(?:card|number|nummer|karte|pan|cc|no|nr|visa)\Z")
_IDENTIFIER = re.compile(r"(?:[A-Za-z0-9][-_./]|[0-9]:)\Z")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
# What divides columns divides the groups of a number only where a word says that it is a card.
_DIVIDES_COLUMNS = re.compile(r"[,;\t]|\s\||\|\s")
_NUMBER_BEFORE = re.compile(r"(?P<number>[0-9][0-9.,:/\-]{0,20})(?P<separator>[\W_]{1,3})\Z")
_NUMBER_BEHIND = re.compile(r"(?P<separator>[\W_]{1,3})(?P<number>[0-9]+(?:[.,:/\-][0-9]+)*)")
_PLAIN_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LINE = 80
"""How far, in characters, a word may be from a number in its line."""
# Programs write whole numbers so when they take them for fractions.
_NO_FRACTION = re.compile(r"\.0{1,2}(?![0-9.])")
_DIGIT = re.compile(r"[0-9]")
_JOINS = (".", "-", "_")
_EXPIRY_BEHIND = re.compile(
    r"[\s,;|/]{1,3}(?:0?[1-9]|1[0-2])\s?[/\-]\s?(?:20)?[2-4][0-9](?![0-9]|[./\-][0-9])"
)
# Month and year in four digits, a verification code, or both, and no more numbers.
_CODE_BEHIND = re.compile(
    r"[\s,;|/\-]{1,3}(?:(?:0[1-9]|1[0-2])[ .]?(?:20)?[0-9]{2}(?:[\s,;|/]{1,3}[0-9]{3,4})?|[0-9]{3})"
    r"(?![0-9]|[\W_]{1,2}[0-9])"
)


def find(text: str, *, is_strict: bool = False) -> Iterator[Finding]:
    """The card numbers in a text in plain form (see characters.plain), from left to right.

    If `is_strict`, whatever could be a card number counts, however unlikely: for texts that must
    not show one.
    """
    position = 0
    while shapes := search(text, position):
        position = shapes[0].first_end
        for shape in shapes:
            if found := _judged(text, shape, is_strict):
                yield found
                position = shape.end
                break


def _judged(text: str, shape: Shape, is_strict: bool) -> Finding | None:
    digits = shape.digits
    network = issued(digits)
    if network is None or not luhn(digits) or digits in PUBLISHED:
        return None
    evidence = tuple(_evidence(text, shape, network))
    if not is_strict and sum(one.weight for one in evidence) < _THRESHOLD:
        return None
    return Finding(Kind.CARD_NUMBER, shape.start, shape.end, masked_number(digits), evidence)


def _evidence(text: str, shape: Shape, network: Issued) -> Iterator[Evidence]:
    size = len(shape.digits)
    yield Evidence("range", f"{network.network}, {size} digits", 0.8 if network.is_usual else -2.0)
    yield _PRIOR
    if words := card_words(text, shape.start, shape.end):
        yield words
    if shape.sizes:
        yield from _grouping(text, shape)
    yield from _boundaries(text, shape)
    yield from _neighbours(text, shape)
    if len(set(shape.digits)) < 3:
        yield Evidence("digits", "hardly any differ", -3.0)


def _grouping(text: str, shape: Shape) -> Iterator[Evidence]:
    written = "-".join(map(str, shape.sizes))
    if shape.sizes in GROUPINGS:
        yield Evidence("grouping", written, 1.0)
    elif set(shape.sizes) == {1}:
        yield Evidence("grouping", "digit by digit", 0.0)
    elif shape.is_wrapped:
        yield Evidence("grouping", f"{written}, over two lines", -1.2)
    else:
        yield Evidence("grouping", written, -1.8)
    lines = [separator for separator in shape.separators if "\n" in separator]
    others = {separator for separator in shape.separators if "\n" not in separator}
    is_column = len(lines) > 1 and len(set(shape.sizes)) < 3 and not _is_among_words(text, shape)
    if is_column or any(map(_DIVIDES_COLUMNS.search, shape.separators)):
        yield Evidence("separators", "those of columns", -3.0)
    elif len(others) > 1:
        # Points and blanks divide decimal fractions.
        yield Evidence("separators", "different ones", -2.6 if others == {".", " "} else -1.5)


def _is_among_words(text: str, shape: Shape) -> bool:
    """Whether words stand before a number in its first line, or behind it in its last: then lines
    were wrapped. A column has nothing but numbers, mostly of the same size."""
    before = text[max(0, shape.start - _LINE) : shape.start].rpartition("\n")[2]
    behind = text[shape.end : shape.end + _LINE].partition("\n")[0]
    return any(map(str.isalpha, before + behind))


def _boundaries(text: str, shape: Shape) -> Iterator[Evidence]:
    """What the characters beside a number say."""
    before = text[shape.start - 1 : shape.start]
    behind = text[shape.end : shape.end + 1]
    if _is_letter(before) and not _GLUED_WORD.search(text, max(0, shape.start - 8), shape.start):
        yield Evidence("boundary", "letters before", -6.0 if before in _HEXADECIMAL else -3.5)
    elif before in ("+", "$", "€", "£", "¥"):
        yield Evidence("boundary", f"{before} before", -4.0)
    elif before and _IDENTIFIER.search(text, max(0, shape.start - 2), shape.start):
        yield Evidence("boundary", "part of an identifier", -1.6)
    if _is_letter(behind):
        yield Evidence("boundary", "letters behind", -6.0 if behind in _HEXADECIMAL else -3.5)
    elif behind in ("-", "_") and text[shape.end + 1 : shape.end + 2].isalpha():
        yield Evidence("boundary", "part of an identifier", -1.6)
    if "-" in (before, behind, *shape.separators):
        for uuid in _UUID.finditer(text, max(0, shape.start - 36), shape.end + 36):
            if uuid.start() <= shape.start and shape.end <= uuid.end():
                yield Evidence("boundary", "inside a UUID", -8.0)


def _is_letter(character: str) -> bool:
    return character.isalnum() and character < _LAST_LETTER


def _neighbours(text: str, shape: Shape) -> Iterator[Evidence]:
    """What the numbers beside a number say: in a row of numbers it is one of them."""
    if shape.sizes and not shape.is_wrapped and _is_in_a_grid(text, shape):
        yield Evidence("neighbours", "the same groups above or below, no card", -5.0)
    within = set(shape.separators)
    if shape.is_wrapped:
        within.add(" ")
    before = _NUMBER_BEFORE.search(text, max(0, shape.start - 24), shape.start)
    if before and _continues(before, within):
        yield Evidence("neighbours", "digits before", -5.0)
    if _EXPIRY_BEHIND.match(text, shape.end):
        yield Evidence("neighbours", "an expiry behind", 2.0)
        return
    if _CODE_BEHIND.match(text, shape.end) or _NO_FRACTION.match(text, shape.end):
        return
    behind = _NUMBER_BEHIND.match(text, shape.end)
    if behind and _continues(behind, within):
        yield Evidence("neighbours", "digits behind", -5.0)


def _is_in_a_grid(text: str, shape: Shape) -> bool:
    """Whether the line above or below has groups of the same sizes that fail the checksum: a list
    of cards has none."""
    form = _DIGIT.sub("0", text[shape.start : shape.end])
    above = text[max(0, shape.start - _LINE) : shape.start].split("\n")[-2:-1]
    below = text[shape.end : shape.end + _LINE].split("\n")[1:2]
    for line in map(str.strip, (*above, *below)):
        if _DIGIT.sub("0", line) == form and not luhn("".join(_DIGIT.findall(line))):
            return True
    return False


def _continues(neighbour: re.Match[str], within: set[str]) -> bool:
    separator, number = neighbour["separator"], neighbour["number"]
    if not within:
        return separator in _JOINS
    if separator in _JOINS and len(number) < 8:
        return True
    return separator in within and _PLAIN_NUMBER.fullmatch(number) is not None
