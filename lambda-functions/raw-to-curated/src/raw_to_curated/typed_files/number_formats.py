"""Which number formats of Excel show a number as a date or a time, and which one it is.

Source: ECMA-376 part 1, 18.8.30 (numFmt) and 18.17.4 (dates as serial numbers).
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

# Built-in formats by their numbers, those of East Asian versions too.
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
# Literal text, escaped characters, padding, and conditions or colours, but not [h], [mm], [ss].
_NO_CODES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_CODES = re.compile(r"[dmyhs]", re.IGNORECASE)

_DAY_MS = 86_400_000
# Excel counts to milliseconds; what serial numbers are off from them comes from binary fractions.
_BINARY_MS = 0.1
_LAST_SERIAL = 2_958_466
# Excel believes that 1900 had a 29th of February, day 60.
_NO_DAY = 60


def is_date_format(number: int, code: str | None) -> bool:
    """Whether a format shows dates or times; `code` is None for a built-in one."""
    if code is None:
        return number in _DATES
    positive = code.partition(";")[0]
    if positive.strip().lower() == "general":
        return False
    return _CODES.search(_NO_CODES.sub("", positive)) is not None


def date_text(serial: float, *, from_1904: bool) -> str | None:
    """A serial number as ISO 8601 without a zone; a time alone below 1; None for no date.

    Fractions of seconds are written as far as there are any.
    """
    if not 0 <= serial < _LAST_SERIAL:
        return None
    days = math.floor(serial)
    exact = (serial - days) * _DAY_MS
    whole = round(exact)
    moment = timedelta(milliseconds=whole if abs(exact - whole) < _BINARY_MS else exact)
    if from_1904:
        first = datetime(1904, 1, 1)
    elif days < _NO_DAY:
        first = datetime(1899, 12, 31)
    else:
        first = datetime(1899, 12, 30)
    try:
        found = first + timedelta(days=days) + moment
    except OverflowError:
        return None
    time = found.time().isoformat()
    if "." in time:
        time = time.rstrip("0")
    if days == 0:
        return time
    if days == _NO_DAY and not from_1904:
        return f"1900-02-29T{time}"
    return f"{found.date().isoformat()}T{time}"
