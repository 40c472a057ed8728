"""What a scan finds, why it believes it, and how much of it may be shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a finding is."""

    CARD_NUMBER = "card_number"
    TRACK_DATA = "track_data"
    CVV = "cvv"
    EXPIRY = "expiry"
    IBAN = "iban"
    US_SSN = "us_ssn"
    EMAIL = "email"
    PHONE = "phone"
    IP_ADDRESS = "ip_address"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against a finding: `weight` is what it adds to the logarithm of the odds
    (natural, so that 2.3 makes them ten times as good)."""

    reason: str
    detail: str
    weight: float


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found in text[start:end], in characters; `masked` is all that may be shown."""

    kind: Kind
    start: int
    end: int
    masked: str
    evidence: tuple[Evidence, ...]

    @property
    def confidence(self) -> float:
        """Probability by the evidence, two decimals."""
        return confidence(self.evidence)


def confidence(evidence: tuple[Evidence, ...]) -> float:
    """The probability that the weights add up to, two decimals."""
    return round(1 / (1 + math.exp(-sum(one.weight for one in evidence))), 2)


def masked_number(digits: str) -> str:
    """First six and last four digits, or of fewer than 16 the last four (PCI DSS 4.0.1, 3.4.1)."""
    shown = digits[:6] if len(digits) >= 16 else ""
    return f"{shown}{'*' * (len(digits) - len(shown) - 4)}{digits[-4:]}"
