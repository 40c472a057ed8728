"""What must hold before a release begins; every problem is named at once."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images import engine
from fleet.images.events import Event
from fleet.paths import ROOT
from fleet.release.cloud import Cloud, Limits
from fleet.release.deploy import Source
from fleet.release.environments import Environment

# "Lambda quotas": the minimum that stays for functions without a reservation.
UNRESERVED = 100
DIRTY_VARIABLE = "ALLOW_DIRTY"


def source() -> Source:
    """The commit that is checked out, and whether files differ from it."""
    commit = _git("rev-parse", "HEAD").strip()
    return Source(commit, dirty=bool(_git("status", "--porcelain").strip()))


def check(
    catalogue: Catalogue,
    environment: Environment,
    cloud: Cloud,
    code: Source,
    events: Mapping[str, Mapping[str, Event]],
    *,
    builds: bool,
) -> None:
    """Raise FleetError with everything that stands against a release to `environment`.

    `builds` tells whether images are to be built here.
    """
    found = [
        *_tree(code),
        *_region(environment),
        *_events(events),
        *(_docker() if builds else []),
        *_account(environment, cloud),
    ]
    if found:
        raise FleetError("\n".join(["not ready to release:", *(f"  - {line}" for line in found)]))
    if quotas := list(quota_problems(catalogue, cloud.limits())):
        raise FleetError("\n".join(quotas))


def quota_problems(catalogue: Catalogue, limits: Limits) -> Iterator[str]:
    """What of the catalogue does not fit into the account."""
    kept = sum(
        f.reserved_concurrency or f.provisioned_concurrency for f in catalogue.functions.values()
    )
    if kept and kept + UNRESERVED > limits.concurrent_executions:
        yield (
            f"the catalogue reserves {kept} concurrent executions, and {UNRESERVED} must stay "
            f"unreserved, but the account allows {limits.concurrent_executions}: lower "
            "reserved_concurrency, or ask for more in the Service Quotas console (Lambda, "
            "Concurrent executions)"
        )
    if limits.code_bytes_used >= limits.code_bytes:
        yield (
            f"Lambda's code storage is full ({limits.code_bytes_used / 1e9:.1f} GB): delete old "
            "versions of zip functions, or ask for more in the Service Quotas console"
        )


def _tree(code: Source) -> Iterator[str]:
    if code.dirty and os.environ.get(DIRTY_VARIABLE) != "1":
        yield (
            "files differ from the commit, which the release record would name: commit them, or "
            f"set {DIRTY_VARIABLE}=1"
        )


def _region(environment: Environment) -> Iterator[str]:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        value = os.environ.get(variable, environment.region)
        if value != environment.region:
            yield f"{variable}={value}, but {environment.name} is in {environment.region}: unset it"


def _events(events: Mapping[str, Mapping[str, Event]]) -> Iterator[str]:
    for name, usable in events.items():
        if not usable:
            yield (
                f"{name} has no sample event that gives nothing and expects but a response, "
                "so that its new version cannot be tried before users reach it: add one to events/"
            )


def _docker() -> Iterator[str]:
    if not engine.available():
        yield "no Docker engine answers: start one; `docker info` checks"
    elif not engine.succeeds("buildx", "version"):
        yield "Docker has no buildx plugin: install docker-buildx; `docker buildx version` checks"


def _account(environment: Environment, cloud: Cloud) -> Iterator[str]:
    try:
        identity = cloud.identity()
    except FleetError as error:
        yield str(error)
        return
    if environment.account_id not in (None, identity.account):
        yield (
            f"the credentials lead to account {identity.account}, {environment.name} belongs to "
            f"{environment.account_id}: choose the right AWS_PROFILE"
        )


def _git(*arguments: str) -> str:
    try:
        result = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise FleetError("a release records its commit: install git") from error
    if result.returncode:
        raise FleetError(
            f"a release records its commit, and git {arguments[0]} failed: {result.stderr.strip()}"
        )
    return result.stdout
