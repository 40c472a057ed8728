"""What the demo prints, part by part.

A part is a module with a title and `show`. A system adds its own here, at its place in the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from rich.console import RenderableType

from tour.parts import (
    answers,
    came_out,
    frauds,
    leaving,
    next_steps,
    outlook,
    products,
    runs,
    went_in,
)

if TYPE_CHECKING:
    from tour.demo import Demo


class Part(Protocol):
    """Lines and tables under a title."""

    TITLE: str

    def show(self, demo: Demo) -> Iterable[RenderableType]:
        """What to print of a run."""


PARTS: tuple[Part, ...] = (
    runs,
    went_in,
    came_out,
    products,
    answers,
    outlook,
    leaving,
    frauds,
    next_steps,
)
