"""Check digits of card numbers and IBANs."""

from __future__ import annotations


def luhn_digit(digits: str) -> str:
    """The check digit that makes a card number of `digits` valid (ISO/IEC 7812-1, Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_luhn(number: str) -> bool:
    """Whether the last digit of a number is its check digit."""
    return luhn_digit(number[:-1]) == number[-1]


def iban(country: str, account: str) -> str:
    """The IBAN of a national account number, with its two check digits (ISO 13616, MOD 97-10)."""
    return f"{country}{98 - _mod97(f'{account}{country}00'):02d}{account}"


def is_iban(text: str) -> bool:
    """Whether an IBAN without spaces has the right check digits."""
    return _mod97(text[4:] + text[:4]) == 1


def _mod97(text: str) -> int:
    """Of a text in which A is 10 and Z is 35."""
    return int("".join(str(int(character, 36)) for character in text)) % 97
