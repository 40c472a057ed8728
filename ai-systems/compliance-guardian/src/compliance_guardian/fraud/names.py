"""Names of payments, cards and histories: hashes, so that no name tells an identifier.

They are in letters, as digits in a row could look like a card number, and would then be masked.
"""

from __future__ import annotations

from datetime import date
from hashlib import blake2b

from compliance_guardian.fraud.payments import Payment
from datalake.items import Key

_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def payment_id(payment: Payment) -> str:
    """The name of a payment: 16 letters."""
    return f"{payment.identity:016x}".translate(_LETTERS)


def alert_id(day: date, source: str, customer_id: str) -> str:
    """The name of the alert on a card and day, which begins with the day."""
    return f"{day.isoformat()}-{_hashed(source, customer_id, size=8)}"


def customer_key(account: tuple[str, str, str]) -> Key:
    """Where the history of `Payment.account` is."""
    return Key(_hashed(*account, size=16), "customer")


def terminal_key(terminal: tuple[str, str]) -> Key:
    """Where the history of `Payment.terminal` is."""
    return Key(_hashed(*terminal, size=16), "terminal")


def _hashed(*parts: str, size: int) -> str:
    digest = blake2b(repr(parts).encode(), digest_size=size).hexdigest()
    return digest.translate(_LETTERS)
