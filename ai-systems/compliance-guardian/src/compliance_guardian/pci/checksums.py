"""Check digits."""

from __future__ import annotations

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_ORD_ZERO = ord("0")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    values = [code - _ORD_ZERO for code in digits.encode()]
    values.reverse()
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def mod_97(text: str) -> bool:
    """Whether an IBAN without blanks, in capitals, has valid check digits (ISO 13616-1, 6)."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1
