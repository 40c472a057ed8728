"""Release records: who released what, when; one JSON object each, numbered, in S3.

A record is created before anything moves, which also keeps a second release from starting, and is
completed when the release has ended. Both writes are conditional, so no record is ever lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from fleet.errors import FleetError
from fleet.release.cloud import Clock, MovedByOtherError, Objects

Kind = Literal["deploy", "promote", "rollback", "destroy"]
Status = Literal["started", "live", "failed", "gone"]
# How many releases a rollback reads; older ones stay on record, but out of its reach.
HISTORY = 50
KEY = re.compile(r"(?P<environment>[a-z0-9]+)/releases/\d+\.json")


class Released(BaseModel):
    """One function in a release, from an `image` (tag@digest) or a `zip` (s3://…)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    function: str
    version: str
    artifact: str
    image: str | None = None
    zip: str | None = None


class Record(BaseModel):
    """One release. A rollback `restores` the release whose versions it brought back.

    `parallel` holds functions of the other package type, which run beside those that move.
    The end of an environment is on record too: once it has been destroyed, all before is `gone`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    environment: str
    kind: Kind
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
    parallel: dict[str, Released] = {}

    def all_released(self) -> list[tuple[str, Released]]:
        """Every function with its name in the catalogue; one that moves is there twice."""
        return [*self.functions.items(), *self.parallel.items()]

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
        kind: Kind,
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
        if changes.get("status", "started") != "started":
            changes["ended"] = self._time()
        record = Record.model_validate(stored.record.model_dump() | changes)
        return self._write(record, stored.tag)

    def close(self, stored: Stored, error: BaseException, report: Callable[[str], None]) -> None:
        """Put a failure on record; that this is not possible must not hide the failure."""
        try:
            reason = str(error) if isinstance(error, FleetError) else repr(error)
            self.update(stored, status="failed", reason=reason)
        except FleetError as problem:
            report(f"{stored.record.describe()} could not be closed: {problem}")

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
            raise FleetError(
                f"{key} is not a release record: {error.errors()[0]['msg']}"
            ) from error


def environments(objects: Objects) -> list[str]:
    """Every environment that has release records, by name."""
    return sorted(
        {match["environment"] for key in objects.keys("") if (match := KEY.fullmatch(key))}
    )


def since_destruction(history: list[Stored]) -> list[Record]:
    """The records of what may still be there: those after the environment was destroyed last."""
    records = [stored.record for stored in history]
    ends = [index for index, record in enumerate(records) if record.status == "gone"]
    return records[ends[-1] + 1 :] if ends else records


def states(history: list[Stored]) -> list[tuple[int, Mapping[str, Released]]]:
    """What was live, oldest first; the last is live now.

    Each is (number of the release, its functions). What a rollback left is gone, so that a second
    rollback goes further back instead of forward again.
    """
    stack: list[tuple[int, Mapping[str, Released]]] = []
    for record in since_destruction(history):
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
