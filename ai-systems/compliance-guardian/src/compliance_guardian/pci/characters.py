"""One plain form for the many characters that people and programs write digits and blanks with."""

from __future__ import annotations

import re
import unicodedata

ZERO_WIDTH = "\u200b"
"""Stands for every character that takes no room."""

# Lines through and under digits, the frame of a key, variants of emoji; no marks of a script.
_COMBINING = re.compile("[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f]")


class _PlainForm(dict[int, str]):
    """Code point → character of the plain form, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _plain_form(chr(code))
        return found


_PLAIN_FORM = _PlainForm()


def plain(text: str) -> str:
    """The text with ASCII digits, letters, blanks and dashes where it has other forms of them.

    Every character stays in its place, so positions are those of the text itself.
    """
    return text if text.isascii() else text.translate(_PLAIN_FORM)


def _plain_form(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or _COMBINING.fullmatch(character):
        return ZERO_WIDTH
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "\N{MINUS SIGN}":
        return "-"
    if category == "Zs":
        return " "
    if category in ("Zl", "Zp") or character == "\x85":
        return "\n"
    if character in "\N{MIDDLE DOT}\N{BULLET}\N{DOT OPERATOR}\N{IDEOGRAPHIC FULL STOP}":
        return "."
    # Full-width forms, digits in circles, superscripts, letters of mathematics.
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 and compatible.isascii() else character
