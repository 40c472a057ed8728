"""Moves users from one version to another, in steps, and back if an alarm goes off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fleet.errors import FleetError
from fleet.release.cloud import Alias, Clock, Cloud, FailureMetric, MovedByOtherError

POLL_S = 5.0


class StoppedError(FleetError):
    """A release was stopped, and users are where they were."""


@dataclass(frozen=True)
class Steps:
    """Shares of the traffic (percent) that the new versions get first, and seconds at each."""

    percents: Sequence[int]
    interval_s: float


@dataclass(frozen=True)
class Move:
    """One function's move; `before` is its alias as it was read."""

    function: str
    before: Alias
    version: str


@dataclass(frozen=True)
class Signals:
    """What stops a release: alarms, and the number of failures of a new version.

    An alarm sees all versions together, and one that an old version keeps in ALARM cannot tell of
    the new one.
    """

    alarms: frozenset[str] = frozenset()
    failures: Mapping[FailureMetric, float] = field(default_factory=dict)


def parse_steps(percents: str, interval_s: float) -> Steps:
    """Steps from text such as `10,50`. Raises FleetError unless they rise between 1 and 99."""
    try:
        values = [int(part) for part in percents.split(",") if part.strip()]
    except ValueError:
        values = [0]
    if values != sorted(set(values)) or any(not 1 <= value <= 99 for value in values):
        raise FleetError(f"CANARY={percents} must be rising percents from 1 to 99, such as 10,50")
    if interval_s < 0:
        raise FleetError(f"CANARY_SECONDS={interval_s:g} must be 0 or more")
    return Steps(values, interval_s)


def shift(
    cloud: Cloud,
    moves: Sequence[Move],
    signals: Signals,
    steps: Steps,
    clock: Clock,
    report: Callable[[str], None],
) -> None:
    """Move all aliases together, step by step, watching `signals` after each step.

    An alarm that is in ALARM before the release is ignored until it is OK again. Any failure, an
    interrupt included, moves every alias back and raises; StoppedError if it was a signal.
    """
    excused = cloud.in_alarm(signals.alarms)
    for name in sorted(excused):
        report(f"Alarm {name} is in ALARM already; it is ignored until it is OK again.")
    current = {move.function: move.before for move in moves}
    touched: list[Move] = []
    # CloudWatch counts by minute, and smoke tests may have failed on purpose in this one.
    since = (clock.now() // 60 + 1) * 60
    try:
        for percent in (*steps.percents, 100):
            for move in moves:
                if move not in touched:
                    touched.append(move)
                seen = current[move.function]
                if percent == 100:
                    moved = cloud.move(move.function, seen, move.version, {})
                else:
                    weights = {move.version: percent / 100}
                    moved = cloud.move(move.function, seen, move.before.version, weights)
                current[move.function] = moved
            report(f"{percent} % of the traffic goes to the new versions.")
            excused = _watch(cloud, signals, excused, since, steps.interval_s, clock)
    except BaseException as error:
        problems = _move_back(cloud, touched)
        if problems:
            raise FleetError("\n".join([str(error), *problems])) from error
        raise


def _watch(
    cloud: Cloud, signals: Signals, excused: set[str], since: float, seconds: float, clock: Clock
) -> set[str]:
    """Wait, polling the signals; return the alarms that have been in ALARM since before."""
    deadline = clock.now() + seconds
    while True:
        in_alarm = cloud.in_alarm(signals.alarms)
        if new := in_alarm - excused:
            raise StoppedError(f"alarm {', '.join(sorted(new))} is in ALARM")
        _check_failures(cloud, signals.failures, since, clock.now())
        excused = excused & in_alarm
        left = deadline - clock.now()
        if left <= 0:
            return excused
        clock.sleep(min(POLL_S, left))


def _check_failures(
    cloud: Cloud, thresholds: Mapping[FailureMetric, float], since: float, now: float
) -> None:
    if now <= since or not thresholds:
        return
    for metric, total in cloud.totals(list(thresholds), since, now).items():
        if total >= thresholds[metric]:
            raise StoppedError(
                f"version {metric.version} of {metric.function} counts {total:g} {metric.name}"
            )


def _move_back(cloud: Cloud, moves: list[Move]) -> list[str]:
    """Move every alias back, whether or not another one fails; return the failures.

    Each alias is read again, because an interrupted move may have taken effect.
    """
    problems = []
    for move in moves:
        before = move.before
        try:
            now = cloud.alias(move.function)
            if (now.version, now.weights) == (before.version, before.weights):
                continue
            if not {now.version, *now.weights} <= {before.version, move.version}:
                raise MovedByOtherError(f"somebody else moved it to version {now.version}")
            cloud.move(move.function, now, before.version, before.weights)
        except Exception as error:
            problems.append(
                f"{move.function} could NOT be moved back to version {before.version}: {error}; "
                "run `make rollback` now"
            )
    return problems
