"""The exact form of a date and time in text.

Usual parsers let a number have fewer digits than its format, skip blanks and roll 23:59:60 over to
the next day, so that a damaged text becomes another date than the one that was meant.
"""

from __future__ import annotations

import re

_DIRECTIVES = {
    "%Y": ("[0-9]{4}", "YYYY"),
    "%m": ("(?:0[1-9]|1[0-2])", "MM"),
    "%d": ("(?:0[1-9]|[12][0-9]|3[01])", "DD"),
    "%H": ("(?:[01][0-9]|2[0-3])", "hh"),
    "%M": ("[0-5][0-9]", "mm"),
    "%S": ("[0-5][0-9]", "ss"),
    "%%": ("%", "%"),
}


def exact_form(strftime: str) -> str:
    """A regular expression of the texts that have a format digit by digit, each number in its
    range; whether the month has the day is left to the parser. Raises ValueError."""
    return "".join(
        _DIRECTIVES[piece][0] if is_directive else re.escape(piece)
        for piece, is_directive in _pieces(strftime)
    )


def overlong_form(strftime: str) -> str:
    """The same with a year of more than four digits, such as 20111-12-01."""
    return exact_form(strftime).replace(_DIRECTIVES["%Y"][0], "[+-]?[0-9]{5,}")


def shown_form(strftime: str) -> str:
    """The format as people write it: YYYY-MM-DD hh:mm:ss. Raises ValueError."""
    return "".join(
        _DIRECTIVES[piece][1] if is_directive else piece
        for piece, is_directive in _pieces(strftime)
    )


def _pieces(strftime: str) -> list[tuple[str, bool]]:
    """The format cut into directives (true) and the text between them."""
    pieces = [(piece, piece.startswith("%")) for piece in re.split("(%.?)", strftime) if piece]
    unknown = sorted({piece for piece, is_directive in pieces if is_directive} - set(_DIRECTIVES))
    if unknown:
        raise ValueError(
            f"the date format {strftime} has {', '.join(unknown)}; only numbers of fixed width are "
            f"read: {', '.join(_DIRECTIVES)}"
        )
    return pieces
