"""What the scan of an object gives: findings with their places, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass

from compliance_guardian.pci.findings import Finding


class UnreadableError(Exception):
    """The object, or the rest of it, cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Located:
    """A finding and its place. `byte` counts from 0 in the unpacked file, and the value has `size`
    bytes there; `line`, `column` (in characters) and `row` (of data, without the header) count from
    1; None where there is none."""

    finding: Finding
    member: str = ""
    field: str = ""
    byte: int | None = None
    size: int | None = None
    line: int | None = None
    column: int | None = None
    row: int | None = None


@dataclass(slots=True)
class Progress:
    """How far the scan of one file has come."""

    rows: int = 0
    size: int = 0
