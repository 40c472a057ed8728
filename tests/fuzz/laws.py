"""Laws that every outcome keeps."""

from __future__ import annotations


class BrokenLawError(AssertionError):
    """An input got an outcome that no input may have."""


def law(holds: bool, message: str) -> None:
    """Raise BrokenLawError with this message unless the law holds."""
    if not holds:
        raise BrokenLawError(message)
