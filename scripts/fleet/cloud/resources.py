"""What the local cloud is made of, derived from the catalogue, equally for both modes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fleet.catalogue import Catalogue, HttpTrigger
from fleet.catalogue.derive import (
    ConsumedQueue,
    consumed_queues,
    consumes,
    dead_letters,
    event_pattern,
    fill,
    physical_name,
    placeholders,
    schedule_rules,
    variables,
)
from fleet.emulation import REGION, names
from fleet.emulation import arn as arn
from fleet.key_value_stores import KeyValueStores, declared
from fleet.paths import ROOT

ENVIRONMENT = "local"
# The endpoint hands over no more than this in one batch, and waits for no window.
MAX_BATCH_SIZE = 10
# Batches that it may hand over at a time for `batches` to put together; each takes a thread of it.
MAX_HANDOVERS = 100
DEFAULT_VISIBILITY_S = 30


@dataclass(frozen=True)
class Redrive:
    """Where a message goes that was received `max_receive_count` times."""

    dead_letters: str
    max_receive_count: int


@dataclass(frozen=True)
class Queue:
    """A queue.

    A message is hidden for as long as its consumer may take. AWS advises six times that, to have
    room for throttled retries; here nothing throttles, and a failed message comes back sooner.
    """

    name: str
    visibility_s: int = DEFAULT_VISIBILITY_S
    redrive: Redrive | None = None


@dataclass(frozen=True)
class FunctionResource:
    """A function. `logical` is its name in the catalogue, `image` that of its image's owner."""

    logical: str
    image: str
    name: str
    description: str
    handler: str
    timeout_s: int
    memory_mb: int
    ephemeral_storage_mb: int
    environment: dict[str, str]


@dataclass(frozen=True)
class EventRule:
    """An EventBridge rule: events of a bucket that match a pattern (JSON) go to a queue.

    The queue has the name of the rule.
    """

    name: str
    bucket: str
    pattern: str


@dataclass(frozen=True)
class EventSourceMapping:
    """The endpoint hands a queue's messages to a function, with partial batch responses."""

    queue: str
    function: str
    batch_size: int
    max_concurrency: int


@dataclass(frozen=True)
class Schedule:
    """An EventBridge rule: a function is invoked at certain times."""

    name: str
    expression: str
    function: str


@dataclass(frozen=True)
class Route:
    """A route of the HTTP API, such as `POST /assessments`; the authorizer guards it or not."""

    key: str
    function: str
    authorized: bool


@dataclass(frozen=True)
class StateMachine:
    """A Step Functions state machine; `definition` has its placeholders filled."""

    name: str
    definition: str


@dataclass(frozen=True)
class Resources(KeyValueStores):
    """Every resource, by physical name. `authorizer` is a function's, or None."""

    project: str
    api_id: str
    buckets: list[str]
    queues: list[Queue]
    functions: list[FunctionResource]
    event_rules: list[EventRule]
    mappings: list[EventSourceMapping]
    schedules: list[Schedule]
    routes: list[Route]
    authorizer: str | None
    state_machines: list[StateMachine]


def resources_of(
    catalogue: Catalogue,
    endpoint: str,
    pool_size: int,
    root: Path = ROOT,
    *,
    gathers: bool = False,
) -> Resources:
    """Derive the resources; `endpoint` is the AWS endpoint's URL as functions reach it.

    `root` holds the definitions of the state machines. `gathers` if what the endpoint hands over is
    put together to batches of the catalogue's size.
    """

    def name(logical: str) -> str:
        return physical_name(catalogue, ENVIRONMENT, logical)

    def function_arn(logical: str) -> str:
        return arn("lambda", f"function:{name(logical)}")

    local = names(catalogue, ENVIRONMENT, endpoint)
    stores = declared(catalogue, local, catalogue.tables, catalogue.secrets, catalogue.parameters)
    functions = catalogue.functions
    consumed = [(f, queue) for f in functions for queue in consumed_queues(catalogue, f)]
    project = f"{catalogue.project}-{ENVIRONMENT}"
    return Resources(
        project=project,
        api_id=api_id(catalogue),
        buckets=[name(bucket) for bucket in catalogue.buckets],
        queues=_queues(catalogue, consumed, name),
        tables=stores.tables,
        secrets=stores.secrets,
        parameters=stores.parameters,
        functions=[
            FunctionResource(
                logical=logical,
                image=catalogue.owner_of(logical),
                name=name(logical),
                description=function.description,
                handler=function.handler,
                timeout_s=function.timeout_s,
                memory_mb=function.memory_mb,
                ephemeral_storage_mb=function.ephemeral_storage_mb,
                environment={
                    **variables(catalogue, logical, local),
                    # As AWS SAM says it runs locally: no tracing daemon is looked for.
                    "AWS_SAM_LOCAL": "true",
                },
            )
            for logical, function in functions.items()
        ],
        event_rules=[
            EventRule(
                name(queue.name),
                name(queue.rule.bucket),
                json.dumps(event_pattern(queue.rule, name(queue.rule.bucket))),
            )
            for _, queue in consumed
            if queue.rule
        ],
        mappings=[
            EventSourceMapping(
                name(queue.name),
                name(function),
                min(queue.batch_size, MAX_BATCH_SIZE),
                handovers(queue, pool_size) if gathers else concurrency(queue, pool_size),
            )
            for function, queue in consumed
        ],
        schedules=[
            Schedule(name(rule), expression, name(logical))
            for logical in functions
            for rule, expression in schedule_rules(catalogue, logical).items()
        ],
        routes=[
            # Without an authorizer, routes that need one are open here; on AWS they are refused.
            Route(t.route, name(logical), bool(catalogue.authorizer) and not t.is_open)
            for logical, function in functions.items()
            for t in function.triggers
            if isinstance(t, HttpTrigger)
        ],
        authorizer=name(catalogue.authorizer) if catalogue.authorizer else None,
        state_machines=[
            StateMachine(
                name(logical),
                fill(
                    (root / machine.definition).read_text(encoding="utf-8"),
                    placeholders(machine, function_arn, name),
                ),
            )
            for logical, machine in catalogue.state_machines.items()
        ],
    )


def concurrency(queue: ConsumedQueue, pool_size: int) -> int:
    """How many batches of a queue may be at work: AWS allows from 2 on, the pool limits them."""
    return max(2, min(queue.max_concurrency, pool_size))


def handovers(queue: ConsumedQueue, pool_size: int) -> int:
    """How many batches the endpoint may hand over, each with one message or more, to fill those of
    the catalogue's size."""
    if queue.batch_size <= MAX_BATCH_SIZE:
        return concurrency(queue, pool_size)
    return min(concurrency(queue, pool_size) * queue.batch_size, MAX_HANDOVERS)


def api_id(catalogue: Catalogue) -> str:
    """The HTTP API's id: always the same, so that its URL is."""
    return hashlib.sha256(f"{catalogue.project}-{ENVIRONMENT}".encode()).hexdigest()[:8]


def worker_environment(
    resource: FunctionResource, *, endpoint: str, python: Path, task_root: Path, path: list[Path]
) -> dict[str, str]:
    """What a function finds in its environment where Lambda, not the image, would set it.

    The emulator adds the handler, the version and the names of the log group and stream.
    """
    return {
        "PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": ":".join(map(str, [task_root, *path])),
        "PYTHONUNBUFFERED": "1",
        "LAMBDA_TASK_ROOT": str(task_root),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_LAMBDA_FUNCTION_NAME": resource.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(resource.memory_mb),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(resource.timeout_s),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        **resource.environment,
    }


def _queues(
    catalogue: Catalogue, consumed: list[tuple[str, ConsumedQueue]], name: Callable[[str], str]
) -> list[Queue]:
    """Dead-letter queues, the queues that redrive to them, and those that nobody consumes."""
    with_consumer = {queue.name for _, queue in consumed}
    return [
        *(
            Queue(name(dead_letters(f)))
            for f, entry in catalogue.functions.items()
            if consumes(entry)
        ),
        *(
            Queue(
                name(queue.name),
                catalogue.functions[function].timeout_s,
                Redrive(name(dead_letters(function)), queue.max_receive_count),
            )
            for function, queue in consumed
        ),
        *(Queue(name(queue)) for queue in catalogue.queues if queue not in with_consumer),
    ]
