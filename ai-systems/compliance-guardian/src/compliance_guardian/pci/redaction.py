"""Texts and documents that hold no card number or personal number any more."""

from __future__ import annotations

from typing import Any

from compliance_guardian.pci.findings import Kind
from compliance_guardian.pci.scan import scan

_NUMBERS = frozenset({Kind.CARD_NUMBER, Kind.TRACK_DATA, Kind.CVV, Kind.IBAN, Kind.US_SSN})


def redacted_text(text: str) -> str:
    """The text with every number masked that could be one of a card, an account or a person."""
    pieces: list[str] = []
    done = 0
    for finding in scan(text, _NUMBERS, is_strict=True):
        if finding.start < done:
            continue
        pieces += [text[done : finding.start], finding.masked]
        done = finding.end
    return "".join([*pieces, text[done:]])


def redacted(value: Any) -> Any:
    """A JSON document with every text in it, names of members too, redacted."""
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, dict):
        return {redacted(name): redacted(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(member) for member in value]
    if isinstance(value, int) and not isinstance(value, bool):
        text = redacted_text(str(value))
        return value if text == str(value) else text
    return value
