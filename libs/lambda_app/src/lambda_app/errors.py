"""Errors that parsers of messages raise and the batch skeleton handles."""

from __future__ import annotations


class PoisonMessageError(Exception):
    """The message can never be processed, however often it is tried."""
