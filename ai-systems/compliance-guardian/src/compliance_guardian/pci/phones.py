"""Telephone numbers: international, of the North American form, or beside a word.

The usual library, phonenumbers, was left out: it refuses the numbers reserved for fiction, and
takes 100 µs a number (measured with phonenumberslite 9.0.42).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from compliance_guardian.pci.context import CLOSE
from compliance_guardian.pci.findings import Evidence, Finding, Kind

# ITU-T E.164: country codes; a number has at most 15 digits with it.
_COUNTRY = re.compile(
    r"1|7|2(?:[07]|[1-689]\d)|3(?:[0-469]|[578]\d)|4(?:[013-9]|2\d)|5(?:[1-8]|[09]\d)"
    r"|6(?:[0-6]|[789]\d)|8(?:[1246]|[0578]\d)|9(?:[0-58]|[67]\d|9[2-68])"
)
# Two codes whose numbers have one length: those of North America, Russia and Kazakhstan.
_FIXED = {"1": re.compile(r"1[2-9]\d\d[2-9]\d{6}"), "7": re.compile(r"7[3-9]\d{9}")}
_MIN_DIGITS, _MAX_DIGITS = 8, 15
_MIN_NATIONAL = 7

_BETWEEN = r"(?:\(0\)|[ .\-/()]{0,2})"
_INTERNATIONAL = re.compile(rf"(?<![\w+])\+[1-9](?:{_BETWEEN}\d){{6,14}}(?![\w])(?!-\d)")
_NORTH_AMERICAN = re.compile(
    r"(?<![\w.\-+/])(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d(?P<separator>[-.]))"
    r"[2-9]\d\d(?(separator)(?P=separator)|[-. ])"
    r"\d{4}(?![\w\-])(?!\.\d)"
)
_NORTH_AMERICAN_END = re.compile(r"[2-9]\d\d[-. ]\d{4}")
# One of these is in every word of _WORD: a search for them costs a tenth.
WORDS = (
    "tel",
    "tél",
    "phone",
    "mobil",
    "cell",
    "handy",
    "rufn",
    "fax",
    "call",
    "ring",
    "whats",
    "portab",
    "vil",
)
_WORD = (
    r"(?<![a-z])(?:tele?(?:phone|fon|fono|fonnummer)?|tel[eé]phone|tel[eé]fono|phone|mobile?|cell(?:ular)?|handy"
    r"|rufnummer|fax|call(?: me)?(?: back)?(?: at| on)?|ring(?: me)?(?: at| on)?"
    r"|whatsapp|portable|m[oó]vil)"
)
_NAMED = re.compile(
    rf"{_WORD}(?:[ _]?(?:number|no|nr|n°))?\.?{CLOSE}"
    r"(?P<number>\(?\d(?:[ .\-/()]{0,2}\d){6,13})(?![\w])(?!-\d)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)\d\d[-./ ]?(?:0\d|1[0-2])[-./ ]?[0-3]\d")


def find(text: str) -> Iterator[Finding]:
    """The telephone numbers in a text in plain form; one may be found in two ways."""
    if "+" in text:
        for match in _INTERNATIONAL.finditer(text):
            if _is_international(match.group()):
                yield _phone(match, 0, Evidence("format", "E.164", 2.0))
    if _NORTH_AMERICAN_END.search(text):
        for match in _NORTH_AMERICAN.finditer(text):
            yield _phone(match, 0, Evidence("format", "North American", 1.0))
    lower = text.lower()
    if not any(word in lower for word in WORDS):
        return
    for match in _NAMED.finditer(text):
        digits = _digits(match["number"])
        if _MIN_NATIONAL <= len(digits) <= _MAX_DIGITS and not _DATE.match(match["number"]):
            yield _phone(match, "number", Evidence("word", "beside it", 1.5))


def _is_international(text: str) -> bool:
    digits = _digits(text)
    if not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS:
        return False
    if fixed := _FIXED.get(digits[0]):
        return fixed.fullmatch(digits) is not None
    # Nothing divides a code: +4.25 is a fraction.
    return _COUNTRY.match(text, 1) is not None


def _phone(match: re.Match[str], group: int | str, evidence: Evidence) -> Finding:
    digits = _digits(match[group])
    masked = f"{'*' * (len(digits) - 3)}{digits[-3:]}"
    return Finding(Kind.PHONE, match.start(group), match.end(group), masked, (evidence,))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
