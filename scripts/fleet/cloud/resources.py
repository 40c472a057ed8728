"""What the local cloud is made of, derived from the catalogue, equally for both modes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fleet.catalogue import (
    Catalogue,
    Function,
    HttpTrigger,
    S3Trigger,
    ScheduleTrigger,
)
from fleet.catalogue.derive import consumed_queues, fill, physical_name, placeholders, variables
from fleet.emulation import REGION, names
from fleet.emulation import arn as arn
from fleet.key_value_stores import KeyValueStores, declared
from fleet.paths import ROOT

ENVIRONMENT = "local"
DEFAULT_VISIBILITY_S = 30


@dataclass(frozen=True)
class Queue:
    """A queue; its dead-letter queue is `<name>-dlq`.

    A message is hidden for as long as its consumer may take. AWS advises six times that, to have
    room for throttled retries; here nothing throttles, and a failed message comes back sooner.
    """

    name: str
    visibility_s: int
    max_receive_count: int

    @property
    def dead_letters(self) -> str:
        return f"{self.name}-dlq"


@dataclass(frozen=True)
class FunctionResource:
    """A function. `logical` is its name in the catalogue."""

    logical: str
    name: str
    description: str
    timeout_s: int
    memory_mb: int
    ephemeral_storage_mb: int
    environment: dict[str, str]


@dataclass(frozen=True)
class Notification:
    """Objects created under prefix and suffix go to a queue."""

    bucket: str
    queue: str
    prefix: str
    suffix: str


@dataclass(frozen=True)
class EventSourceMapping:
    """A function gets a queue's messages, with partial batch responses."""

    queue: str
    function: str
    batch_size: int
    max_concurrency: int


@dataclass(frozen=True)
class Schedule:
    """An EventBridge rule."""

    rule: str
    expression: str
    function: str


@dataclass(frozen=True)
class Route:
    """A route of the HTTP API, such as `POST /assessments`."""

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
    notifications: list[Notification]
    mappings: list[EventSourceMapping]
    schedules: list[Schedule]
    routes: list[Route]
    authorizer: str | None
    state_machines: list[StateMachine]


def resources_of(
    catalogue: Catalogue, endpoint: str, pool_size: int, root: Path = ROOT
) -> Resources:
    """Derive the resources; `endpoint` is the AWS endpoint's URL as functions reach it.

    `root` holds the definitions of the state machines.
    """

    def name(logical: str) -> str:
        return physical_name(catalogue, ENVIRONMENT, logical)

    def function_arn(logical: str) -> str:
        return arn("lambda", f"function:{name(logical)}")

    local = names(catalogue, ENVIRONMENT, endpoint)
    stores = declared(catalogue, local, catalogue.tables, catalogue.secrets, catalogue.parameters)
    functions = catalogue.functions
    timeouts = {q: f.timeout_s for f in functions.values() for q in consumed_queues(f)}
    project = f"{catalogue.project}-{ENVIRONMENT}"
    return Resources(
        project=project,
        api_id=api_id(catalogue),
        buckets=[name(bucket) for bucket in catalogue.buckets],
        queues=[
            Queue(name(q), timeouts.get(q, DEFAULT_VISIBILITY_S), queue.max_receive_count)
            for q, queue in catalogue.queues.items()
        ],
        tables=stores.tables,
        secrets=stores.secrets,
        parameters=stores.parameters,
        functions=[
            FunctionResource(
                logical=logical,
                name=name(logical),
                description=function.description,
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
        notifications=[
            Notification(name(t.bucket), name(t.queue), t.prefix, t.suffix)
            for function in functions.values()
            for t in function.triggers
            if isinstance(t, S3Trigger)
        ],
        mappings=[
            EventSourceMapping(
                name(queue), name(logical), batch_size, _concurrency(catalogue, queue, pool_size)
            )
            for logical, function in functions.items()
            for queue, batch_size in consumed_queues(function).items()
        ],
        schedules=[
            Schedule(f"{name(logical)}-{number}", t.expression, name(logical))
            for logical, function in functions.items()
            for number, t in enumerate(_schedules(function), start=1)
        ],
        routes=[
            Route(t.route, name(logical), t.authorized)
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


def _concurrency(catalogue: Catalogue, queue: str, pool_size: int) -> int:
    """As catalogued, within what the pool can do; AWS allows a concurrency from 2 on."""
    wanted = catalogue.queues[queue].max_concurrency or pool_size
    return max(2, min(wanted, pool_size))


def _schedules(function: Function) -> list[ScheduleTrigger]:
    return [t for t in function.triggers if isinstance(t, ScheduleTrigger)]
