"""`make backfill`: raw objects under a prefix through Step Functions, and what became of each.

The state machine does the work and skips finished objects; this module starts it,
watches it and reads its results.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from fleet import cloud, console
from fleet.catalogue import Catalogue
from fleet.catalogue.derive import physical_name
from fleet.cloud.outcome import reported
from fleet.cloud.resources import ENVIRONMENT, arn
from fleet.emulation import client
from fleet.errors import FleetError
from fleet.paths import STATE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STATE_MACHINE = "backfill"
BUCKET = "raw"
POLL_S = 0.2
# Of DescribeExecution calls, one per object.
THREADS = 8
MAX_REASON = 500
FAILED = "failed"
# The statuses of raw-to-curated that a person has to look at.
BAD = (FAILED, "rejected")


@dataclass(frozen=True)
class Item:
    """What became of one raw object.

    `status` is that of raw-to-curated's last answer (its README lists them), `folder` for an
    object that stands for one, or `failed`. `reason` is set for failed and rejected objects,
    `counts` (rows) for curated ones.
    """

    key: str
    status: str
    reason: str = ""
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """Where a backfill runs: clients, and the names of what they use."""

    stepfunctions: Any
    s3: S3Client
    state_machine: str
    bucket: str


def local_target(catalogue: Catalogue, base: Path = STATE) -> Target:
    """The running local cloud. Raises FleetError if there is none."""
    if STATE_MACHINE not in catalogue.state_machines:
        raise FleetError(f"functions.yaml has no state machine {STATE_MACHINE!r}")
    running = cloud.status(base=base)
    if running is None:
        raise FleetError("the local cloud does not run; make up starts it, make demo fills it")
    return Target(
        stepfunctions=client("stepfunctions", running.endpoint),
        s3=client("s3", running.endpoint),
        state_machine=arn(
            "states", f"stateMachine:{physical_name(catalogue, ENVIRONMENT, STATE_MACHINE)}"
        ),
        bucket=physical_name(catalogue, ENVIRONMENT, BUCKET),
    )


def run(target: Target, prefix: str) -> list[Item]:
    """Run the backfill and wait for it; one item per object, in the order of their keys.

    Raises FleetError if the prefix holds nothing or the run as a whole cannot go on. An interrupt
    also stops the run.
    """
    try:
        _check(target, prefix)
        execution = _start(target, prefix)
        try:
            ended, map_run = _watch(target, execution)
        except BaseException:
            target.stepfunctions.stop_execution(executionArn=execution)
            raise
        _require_complete(ended, map_run)
        return sorted(_items(target, map_run), key=lambda item: item.key)
    except (BotoCoreError, ClientError) as error:
        raise FleetError(
            f"the local cloud does not answer as it should: {error}. Bring it up to date with "
            "make up and repeat the backfill: it goes on where it was"
        ) from error


def show(items: list[Item], seconds: float) -> None:
    """Print every object, then the sums."""
    columns = ["rows in", "curated", "quarantined", "duplicates"]
    table = console.table(["raw object", "status"], columns)
    for item in items:
        counts = [f"{item.counts[c]:,}" if c in item.counts else "" for c in columns]
        table.add_row(_plain(item.key), item.status, *counts)
    console.out.print(table)
    for item in items:
        if item.status in BAD:
            reason = _plain(" ".join(item.reason.split()))
            console.out.print(f"\n[red]{item.status}[/] {_plain(item.key)}\n  {reason}")
    statuses = [item.status for item in items]
    sums = ", ".join(f"{statuses.count(s)} {s}" for s in sorted(set(statuses)))
    noun = "object" if len(items) == 1 else "objects"
    console.out.print(f"\n{len(items)} {noun} in {seconds:.1f} s: {sums}")


def require_success(items: list[Item]) -> None:
    """Raise FleetError if an object failed or was rejected."""
    bad = [item.status for item in items if item.status in BAD]
    if bad:
        raise FleetError(
            f"{len(bad)} of {len(items)} objects were not curated. Repeat the backfill once the "
            "cause is removed: it skips finished objects. Log: make logs FUNCTION=raw-to-curated"
        )


def _check(target: Target, prefix: str) -> None:
    if not prefix or prefix.startswith(("/", "s3:")):
        what = f"PREFIX={prefix} is not a prefix of keys" if prefix else "PREFIX=... is missing"
        raise FleetError(f"{what}; write it as in PREFIX=online-retail/. {_present(target)}")
    found = target.s3.list_objects_v2(Bucket=target.bucket, Prefix=prefix, MaxKeys=1)
    if not found.get("Contents"):
        raise FleetError(f"{target.bucket} holds nothing under {prefix!r}. {_present(target)}")


def _present(target: Target) -> str:
    """A sentence about the prefixes that there are."""
    listed = target.s3.list_objects_v2(Bucket=target.bucket, Delimiter="/")
    prefixes = [entry["Prefix"] for entry in listed.get("CommonPrefixes", [])]
    return f"{target.bucket} has: {', '.join(prefixes) or 'nothing under any prefix'}"


def _start(target: Target, prefix: str) -> str:
    stepfunctions = target.stepfunctions
    try:
        started = stepfunctions.start_execution(
            stateMachineArn=target.state_machine, input=json.dumps({"prefix": prefix})
        )
    except stepfunctions.exceptions.StateMachineDoesNotExist as error:
        raise FleetError(
            "the local cloud was started before it had the state machine; make up adds it"
        ) from error
    execution: str = started["executionArn"]
    return execution


def _watch(target: Target, execution: str) -> tuple[dict[str, Any], str]:
    """Show the progress; return the execution once it has ended, and its Map Run if it had one."""
    map_run = ""
    with console.progress() as progress:
        task = progress.add_task("Raw objects", total=None)
        while True:
            # Asked for first, so that the counts read after it are those of the end.
            now = target.stepfunctions.describe_execution(executionArn=execution)
            runs = target.stepfunctions.list_map_runs(executionArn=execution)["mapRuns"]
            if runs:
                map_run = runs[0]["mapRunArn"]
                counts = target.stepfunctions.describe_map_run(mapRunArn=map_run)["itemCounts"]
                ended = sum(counts[c] for c in ("succeeded", "failed", "timedOut", "aborted"))
                progress.update(task, total=counts["total"], completed=ended)
            if now["status"] != "RUNNING":
                return now, map_run
            time.sleep(POLL_S)


def _require_complete(ended: dict[str, Any], map_run: str) -> None:
    error = ended.get("error", ended["status"])
    # The failed objects already say that too many failed.
    if not map_run or error not in ("SUCCEEDED", "States.ExceedToleratedFailureThreshold"):
        raise FleetError(
            f"the backfill ended early: {error}: {ended.get('cause', 'no cause given')}. "
            "Repeat it once the cause is removed: it skips finished objects"
        )


def _items(target: Target, map_run: str) -> Iterator[Item]:
    pages = target.stepfunctions.get_paginator("list_executions").paginate(mapRunArn=map_run)
    executions = [e["executionArn"] for page in pages for e in page["executions"]]
    with ThreadPoolExecutor(THREADS) as threads:
        yield from threads.map(
            lambda arn: item(target.stepfunctions.describe_execution(executionArn=arn)), executions
        )


def item(execution: Any) -> Item:
    """What DescribeExecution says about one object's execution."""
    key = json.loads(execution["input"])["key"]
    if execution["status"] != "SUCCEEDED":
        error = execution.get("error", execution["status"])
        return Item(key, FAILED, _reason(error, execution.get("cause", ""))[:MAX_REASON])
    answer = json.loads(execution["output"])
    if answer["status"] != "curated":
        reason = f"{answer.get('reason', '')}: {answer.get('message', '')}"
        return Item(key, answer["status"], reason.strip(": ")[:MAX_REASON])
    counts = {
        "rows in": answer["rows_in"],
        "curated": sum(answer["rows_curated"].values()),
        "quarantined": answer["rows_quarantined"],
        "duplicates": answer["exact_duplicates"],
    }
    return Item(key, answer["status"], counts=counts)


def _reason(error: str, cause: str) -> str:
    """The error without its stack trace: `ValueError: no such column`."""
    try:
        message = json.loads(cause)["errorMessage"]
    except (ValueError, KeyError, TypeError):
        return f"{error}: {cause}"
    # In mode process the endpoint wraps what the function said.
    inner = reported(message)
    return inner if inner != message else f"{error}: {message}"


def _plain(text: str) -> str:
    """A text from elsewhere, so that it is neither markup nor a control sequence."""
    return "".join(c if c.isprintable() else "?" for c in text).replace("[", "\\[")
