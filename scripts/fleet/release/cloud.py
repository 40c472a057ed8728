"""What a release needs of AWS, as a port; fleet.release.aws is its implementation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fleet.errors import FleetError

ALIAS = "live"


class MovedByOtherError(FleetError):
    """The alias or record has changed since it was read."""


@dataclass(frozen=True)
class Identity:
    """Whose credentials these are."""

    account: str
    caller: str
    """ARN of the user or role session."""


@dataclass(frozen=True)
class Limits:
    """Account limits and use, of Lambda in one region."""

    concurrent_executions: int
    code_bytes: int
    code_bytes_used: int


@dataclass(frozen=True)
class Version:
    """One published version. `artifact` is the image's digest, or the zip's SHA-256 in base64."""

    number: str
    state: str
    """Pending, Active, Inactive or Failed."""
    last_update: str
    """InProgress, Successful or Failed."""
    reason: str
    artifact: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Alias:
    """Where the alias leads: to `version`, but for the share of `weights` (0 to 1 by version)."""

    version: str
    revision: str
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a synchronous invocation gave; `error` is Lambda's FunctionError, if any."""

    error: str | None
    payload: str


@dataclass(frozen=True)
class FailureMetric:
    """A metric in which a version counts its own failures: they fail no invocation."""

    namespace: str
    name: str
    function: str
    version: str


class Cloud(Protocol):
    """Functions are named as in AWS. Methods raise FleetError for what AWS refuses."""

    region: str

    def identity(self) -> Identity:
        """Whose credentials these are."""

    def limits(self) -> Limits:
        """What the account allows."""

    def version(self, function: str, number: str) -> Version:
        """A published version."""

    def alias(self, function: str) -> Alias:
        """Where the function's alias leads now."""

    def move(self, function: str, seen: Alias, version: str, weights: Mapping[str, float]) -> Alias:
        """Point the alias elsewhere. Raises MovedByOtherError if it has changed since `seen`."""

    def invoke(self, function: str, version: str, payload: bytes) -> Answer:
        """Invoke a version and wait for its answer."""

    def in_alarm(self, alarms: Iterable[str]) -> set[str]:
        """Those of `alarms` that are in state ALARM."""

    def totals(
        self, metrics: Sequence[FailureMetric], since: float, until: float
    ) -> dict[FailureMetric, float]:
        """The sum of each metric between two times in seconds since 1970; 0 without data."""


class Objects(Protocol):
    """A bucket with conditional writes."""

    def keys(self, prefix: str) -> list[str]:
        """All keys under a prefix, in order."""

    def get(self, key: str) -> tuple[bytes, str]:
        """An object's content and entity tag."""

    def put(self, key: str, content: bytes, seen: str | None) -> str:
        """Write an object, if its tag is still `seen` (None: if there is none); return its tag.

        Raises MovedByOtherError otherwise.
        """


class Clock(Protocol):
    """Time, so that tests need not wait."""

    def now(self) -> float:
        """Seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
