"""Direct invocations of the function: events with an `action`, see README.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class UnknownActionError(Exception):
    """The event asks for something that this function does not do."""


def text_of(event: Mapping[str, Any], name: str) -> str:
    """A text of the event. Raises UnknownActionError."""
    value = event.get(name)
    if not isinstance(value, str) or not value:
        raise UnknownActionError(f"{name} must be a text; README.md describes the events")
    return value
