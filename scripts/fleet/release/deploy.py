"""The part of a release that touches an environment: infrastructure, checks, and users."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from fleet.errors import FleetError
from fleet.images.events import Event
from fleet.images.expect import differences
from fleet.release.cloud import Clock, Cloud, FailureMetric, Version
from fleet.release.infrastructure import Artifacts, Deployed, Infrastructure
from fleet.release.records import Record, Records, Released, Stored, states, unfinished
from fleet.release.shift import Move, Signals, Steps, shift

READY_S = 900.0
POLL_S = 2.0


@dataclass(frozen=True)
class Source:
    """Where the code comes from."""

    commit: str
    dirty: bool = False


@dataclass(frozen=True)
class Release:
    """Everything a release works with. `confirm` asks a question and tells the answer.

    `smoke_events` are, by function of the catalogue, the events that each new version must answer
    as expected before users reach it. `owner_of` tells whose image a function is in, and `keep`
    saves an owner's image (tag@digest) from the registry's lifecycle policy.
    """

    environment: str
    cloud: Cloud
    infrastructure: Infrastructure
    records: Records
    clock: Clock
    steps: Steps
    smoke_events: Mapping[str, Mapping[str, Event]]
    owner_of: Callable[[str], str]
    keep: Callable[[str, str], None]
    report: Callable[[str], None] = field(default=lambda _: None)
    confirm: Callable[[str], bool] = field(default=lambda _: True)

    def run(
        self,
        artifacts: Artifacts,
        source: Source,
        kind: Literal["deploy", "promote"] = "deploy",
        promoted_from: str | None = None,
    ) -> Record:
        """Release `artifacts`; return the record of the live release.

        Raises FleetError, with users on the versions they were on, if anything fails.
        """
        history = self.records.newest()
        refuse_unfinished(history, self.environment)
        self.infrastructure.plan(artifacts)
        if not self.confirm(f"Apply this plan and release to {self.environment}?"):
            raise FleetError("not confirmed; nothing was changed")
        record = self.records.open(
            history,
            kind,
            self.cloud.identity().caller,
            source.commit,
            dirty=source.dirty,
            promoted_from=promoted_from,
        )
        try:
            for owner, image in artifacts.images.items():
                self.keep(owner, image)
            deployed = self.infrastructure.apply()
            released = self._ready(deployed, artifacts)
            record = self.records.update(
                record,
                functions={d.name: r for d, r in released if not d.parallel},
                parallel={d.name: r for d, r in released if d.parallel},
            )
            self._smoke(released, live_now(history))
            self._shift(deployed)
        except BaseException as error:
            self.records.close(record, error, self.report)
            raise
        return self.records.update(record, status="live").record

    def _ready(
        self, deployed: list[Deployed], artifacts: Artifacts
    ) -> list[tuple[Deployed, Released]]:
        """Wait for every version, and compare what it runs with what was pushed."""
        released = []
        deadline = self.clock.now() + READY_S
        for target in deployed:
            version = self._wait(target, deadline)
            owner = self.owner_of(target.name)
            code = artifacts.code(owner, target.package_type)
            if code and version.artifact != code:
                raise FleetError(
                    f"version {target.version} of {target.function} runs {version.artifact}, not "
                    f"{code} that was pushed; users stay on the version they are on"
                )
            pushed = artifacts.images if target.package_type == "image" else artifacts.zips
            one = Released(
                function=target.function,
                version=target.version,
                artifact=version.artifact,
                **{target.package_type: pushed.get(owner)},
            )
            released.append((target, one))
        return released

    def _wait(self, target: Deployed, deadline: float) -> Version:
        while True:
            version = self.cloud.version(target.function, target.version)
            if version.state in ("Active", "Inactive") and version.last_update == "Successful":
                return version
            name = f"version {target.version} of {target.function}"
            if "Failed" in (version.state, version.last_update):
                raise FleetError(f"{name} failed to start: {version.reason}")
            if self.clock.now() > deadline:
                raise FleetError(f"{name} is still {version.state} after {READY_S:.0f} s")
            self.clock.sleep(POLL_S)

    def _smoke(
        self, released: list[tuple[Deployed, Released]], live: Mapping[str, Released]
    ) -> None:
        """Invoke each version that is not live yet, before users reach it."""
        for target, one in released:
            if live.get(target.name) == one:
                continue
            environment = self.cloud.version(target.function, target.version).environment
            for event_name, event in self.smoke_events[target.name].items():
                answer = self.cloud.invoke(
                    target.function, target.version, event.payload(environment)
                )
                where = f"{target.function}, version {target.version}, event {event_name}"
                if answer.error:
                    raise FleetError(f"smoke failed: {where}: {answer.payload[:1000]}")
                try:
                    response = json.loads(answer.payload)
                except ValueError:
                    raise FleetError(
                        f"smoke failed: {where}: no JSON: {answer.payload[:200]!r}"
                    ) from None
                if found := differences(event.expect.response, response):
                    raise FleetError(f"smoke failed: {where}: {'; '.join(found)}")
                self.report(f"{where}: as expected")

    def _shift(self, deployed: list[Deployed]) -> None:
        aliases = {t.function: self.cloud.alias(t.function) for t in deployed}
        if divided := [function for function, alias in aliases.items() if alias.weights]:
            raise FleetError(
                f"the alias of {', '.join(divided)} divides the traffic already: somebody moves it "
                f"by hand; `make rollback ENV={self.environment} TO=...` ends that"
            )
        moving = [t for t in deployed if aliases[t.function].version != t.version]
        if not moving:
            self.report("Every function is on its newest version already.")
            return
        moves = [Move(t.function, aliases[t.function], t.version) for t in moving]
        signals = Signals(
            alarms=frozenset(alarm for target in deployed for alarm in target.alarms),
            failures=_failures(moving),
        )
        shift(self.cloud, moves, signals, self.steps, self.clock, self.report)


def _failures(moving: list[Deployed]) -> dict[FailureMetric, float]:
    return {
        FailureMetric(kept.namespace, name, target.function, target.version): kept.threshold
        for target in moving
        if (kept := target.failures)
        for name in kept.names
    }


def smoke_events(events: Mapping[str, Event]) -> dict[str, Event]:
    """The events that may be sent to a real environment.

    Those that give nothing and expect nothing but a response: locally they pass without any
    network, so they can neither need nor change data.
    """
    return {name: event for name, event in events.items() if not event.needs_cloud}


def live_now(history: list[Stored]) -> Mapping[str, Released]:
    """Every function in the release that is live."""
    stack = states(history)
    return stack[-1][1] if stack else {}


def refuse_unfinished(history: list[Stored], environment: str) -> None:
    """Raise FleetError while another release goes on, or after one that was killed."""
    if other := unfinished(history):
        raise FleetError(
            f"{other.record.describe()} has not ended. Wait for it; if it was killed, "
            f"`make rollback ENV={environment}` puts users back where they were and closes it"
        )
