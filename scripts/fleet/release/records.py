"""Release records: who released what, when; one JSON object each, numbered, in S3.

A record is created before anything moves, which also keeps a second release from starting, and is
completed when the release has ended. Both writes are conditional, so no record is ever lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from fleet.errors import FleetError
from fleet.release.cloud import Clock, MovedByOtherError, Objects

Status = Literal["started", "live", "failed"]
# A rollback reads so many; older releases are on record, but out of its reach.
HISTORY = 50


class Released(BaseModel):
    """One function in a release. `image` is tag@digest; None for a zip function."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    function: str
    version: str
    artifact: str
    image: str | None = None


class Record(BaseModel):
    """One release. A rollback `restores` the release whose versions it brought back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    environment: str
    kind: Literal["deploy", "promote", "rollback"]
    status: Status
    who: str
    commit: str
    dirty: bool = False
    started: datetime
    ended: datetime | None = None
    promoted_from: str | None = None
    restores: int | None = None
    partial: bool = False
    reason: str = ""
    functions: dict[str, Released] = {}

    def describe(self) -> str:
        """Number, kind and who, for messages."""
        return f"release {self.number} ({self.kind} by {self.who}, {self.started:%Y-%m-%d %H:%M})"


@dataclass(frozen=True)
class Stored:
    """A record with the entity tag of its object."""

    record: Record
    tag: str


class Records:
    """The records of one environment."""

    def __init__(self, objects: Objects, environment: str, clock: Clock) -> None:
        self._objects = objects
        self._prefix = f"{environment}/releases/"
        self._environment = environment
        self._clock = clock

    def newest(self, count: int = HISTORY) -> list[Stored]:
        """The newest records, oldest of them first."""
        keys = [key for key in self._objects.keys(self._prefix) if key.endswith(".json")]
        return [self._read(key) for key in keys[-count:]]

    def open(
        self,
        history: list[Stored],
        kind: Literal["deploy", "promote", "rollback"],
        who: str,
        commit: str,
        *,
        dirty: bool = False,
        promoted_from: str | None = None,
    ) -> Stored:
        """Create the next record, as started. Raises FleetError if another release has begun."""
        record = Record(
            number=history[-1].record.number + 1 if history else 1,
            environment=self._environment,
            kind=kind,
            status="started",
            who=who,
            commit=commit,
            dirty=dirty,
            promoted_from=promoted_from,
            started=self._time(),
        )
        try:
            return self._write(record, None)
        except MovedByOtherError as error:
            raise FleetError(
                f"another release of {self._environment} has just begun; `make releases "
                f"ENV={self._environment}` shows it"
            ) from error

    def update(self, stored: Stored, **changes: object) -> Stored:
        """Write a record with changes; one that ends gets the time."""
        if changes.get("status") in ("live", "failed"):
            changes["ended"] = self._time()
        record = Record.model_validate(stored.record.model_dump() | changes)
        return self._write(record, stored.tag)

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def _write(self, record: Record, seen: str | None) -> Stored:
        content = record.model_dump_json(indent=2, exclude_none=True).encode()
        key = f"{self._prefix}{record.number:06}.json"
        return Stored(record, self._objects.put(key, content, seen))

    def _read(self, key: str) -> Stored:
        content, tag = self._objects.get(key)
        try:
            return Stored(Record.model_validate_json(content), tag)
        except ValidationError as error:
            raise FleetError(f"{key} is no release record: {error.errors()[0]['msg']}") from error


def states(history: list[Stored]) -> list[tuple[int, Mapping[str, Released]]]:
    """What was live, oldest first; the last is live now.

    Each is (number of the release, its functions). What a rollback left is gone, so that a second
    rollback goes further back instead of forward again.
    """
    stack: list[tuple[int, Mapping[str, Released]]] = []
    for record in (stored.record for stored in history):
        if record.status != "live":
            continue
        if record.kind != "rollback":
            stack.append((record.number, record.functions))
        elif record.partial:
            stack[-1:] = [(stack[-1][0] if stack else record.number, record.functions)]
        else:
            restored = record.restores or record.number
            stack = [state for state in stack if state[0] < restored]
            stack.append((restored, record.functions))
    return stack


def unfinished(history: list[Stored]) -> Stored | None:
    """The newest record, if its release has not ended."""
    return history[-1] if history and history[-1].record.status == "started" else None
