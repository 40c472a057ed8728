"""A payment, as the prod tables `merged_transactions` and `transaction_features` have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b

MINOR = 10_000
"""Parts of the major unit of a currency in which amounts are counted: exact, as in the tables."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Payment:
    """A payment of a customer: `at` with a time zone, `amount` in ten-thousandths of the major
    unit of `currency`, `terminal_id` and `quantity` None where the source gives none."""

    source: str
    transaction_id: str | None
    at: datetime
    customer_id: str
    terminal_id: str | None
    amount: int
    currency: str
    quantity: int | None = None

    @cached_property
    def microseconds(self) -> int:
        """`at` in microseconds since 1970 UTC."""
        since = self.at - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds

    @cached_property
    def identity(self) -> int:
        """A hash of 64 bits of what tells payments of a source apart: the key of the tables."""
        key = (
            self.transaction_id,
            self.microseconds,
            self.customer_id,
            self.terminal_id,
            self.amount,
            self.currency,
            self.quantity,
        )
        return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "little")

    @property
    def account(self) -> tuple[str, str, str]:
        """Whose history the payment belongs to: a customer's, in one currency."""
        return self.source, self.customer_id, self.currency

    @property
    def terminal(self) -> tuple[str, str] | None:
        """The terminal whose history the payment belongs to, if any."""
        return None if self.terminal_id is None else (self.source, self.terminal_id)
