"""What every evaluation raises for data that it cannot measure."""

from __future__ import annotations


class DataError(Exception):
    """The data do not have the form that an evaluation reads, or are too few; the message says
    which and why."""
