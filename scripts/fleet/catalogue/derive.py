"""What follows from the catalogue: physical names, and the environment each function gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fleet.catalogue.model import (
    Access,
    Catalogue,
    Function,
    QueueTrigger,
    S3Trigger,
    ScheduleTrigger,
    StateMachine,
    Table,
)

PLACEHOLDER = re.compile(r"\$\{([a-z0-9_]+)\}")
UNDELIVERED_EVENTS = "undelivered-events"
"""The queue for events that EventBridge could not deliver to a trigger's queue."""
DEAD_LETTER_QUEUE_URL = "DEAD_LETTER_QUEUE_URL"
MAX_RECEIVES = "MAX_RECEIVES"
MAX_RECEIVE_COUNT = 5
"""Deliveries of an event of an s3 trigger before it is dead-lettered."""


def physical_name(catalogue: Catalogue, environment: str, logical: str) -> str:
    """The name of a bucket, queue or function in an environment, such as `fleet-local-raw`."""
    return f"{catalogue.project}-{environment}-{logical}"


@dataclass(frozen=True)
class Names:
    """How one cloud names things: each turns a logical name into what functions are told.

    `queue` gives a URL, `state_machine` an ARN, `service` the function's own name, the others what
    the SDK takes as the name. `namespace` is that of the environment's metrics.
    """

    bucket: Callable[[str], str]
    queue: Callable[[str], str]
    table: Callable[[str], str]
    secret: Callable[[str], str]
    parameter: Callable[[str], str]
    function: Callable[[str], str]
    service: Callable[[str], str]
    state_machine: Callable[[str], str]
    namespace: str


@dataclass(frozen=True)
class ConsumedQueue:
    """A queue as its consumer sees it: how its messages are batched, retried and limited.

    `name` is logical. `batch_window_s` is in seconds. `rule` is the s3 trigger whose events fill
    the queue; None for a queue that the catalogue declares.
    """

    name: str
    batch_size: int
    batch_window_s: int
    max_concurrency: int
    max_receive_count: int
    rule: S3Trigger | None = None


def uses(function: Function) -> Access:
    """What a function reads or writes."""
    reads, writes = function.reads, function.writes
    return Access(
        buckets=sorted({*reads.buckets, *writes.buckets}),
        queues=sorted({*reads.queues, *writes.queues}),
        tables=sorted({*reads.tables, *writes.tables}),
    )


def variables(catalogue: Catalogue, function: str, names: Names) -> dict[str, str]:
    """Every environment variable that a function gets because of the catalogue.

    Its own, the names under which Powertools logs and counts, and one for each thing that it may
    use or inspect: bucket `raw` gives RAW_BUCKET, queue `orders` ORDERS_QUEUE_URL, table `seen`
    SEEN_TABLE, secret `key` KEY_SECRET_ID, parameter `limits` LIMITS_PARAMETER, function `judge`
    JUDGE_FUNCTION, and state machine `backfill` that it may start BACKFILL_STATE_MACHINE_ARN. Who
    consumes a queue gets the DEAD_LETTER_QUEUE_URL of its own dead-letter queue, and MAX_RECEIVES,
    the least of the numbers of times that its queues deliver a message before they give it up.
    """
    entry = catalogue.functions[function]
    used = uses(entry)
    started = [
        name for name, machine in catalogue.state_machines.items() if function in machine.started_by
    ]
    receives = [queue.max_receive_count for queue in consumed_queues(catalogue, function)]
    return {
        "POWERTOOLS_SERVICE_NAME": names.service(function),
        "POWERTOOLS_METRICS_NAMESPACE": names.namespace,
        **entry.environment,
        **({DEAD_LETTER_QUEUE_URL: names.queue(dead_letters(function))} if consumes(entry) else {}),
        **({MAX_RECEIVES: str(min(receives))} if receives else {}),
        **{
            f"{_upper(name)}_BUCKET": names.bucket(name)
            for name in sorted({*used.buckets, *entry.inspects.buckets})
        },
        **{f"{_upper(name)}_QUEUE_URL": names.queue(name) for name in used.queues},
        **{f"{_upper(name)}_TABLE": names.table(name) for name in used.tables},
        **{f"{_upper(name)}_SECRET_ID": names.secret(name) for name in entry.secrets},
        **{f"{_upper(name)}_PARAMETER": names.parameter(name) for name in entry.parameters},
        **{f"{_upper(name)}_FUNCTION": names.function(name) for name in entry.calls},
        **{f"{_upper(name)}_STATE_MACHINE_ARN": names.state_machine(name) for name in started},
    }


def placeholders(
    machine: StateMachine, function_arn: Callable[[str], str], bucket: Callable[[str], str]
) -> dict[str, str]:
    """What `${...}` in a definition stands for: the functions it invokes, the buckets it uses.

    Function `raw-to-curated` gives raw_to_curated_arn, bucket `raw` gives raw_bucket.
    """
    buckets = {*machine.reads.buckets, *machine.writes.buckets}
    return {
        **{f"{_lower(name)}_arn": function_arn(name) for name in machine.invokes},
        **{f"{_lower(name)}_bucket": bucket(name) for name in sorted(buckets)},
    }


def fill(template: str, values: Mapping[str, str]) -> str:
    """Replace every `${name}`, as Terraform's templatefile() does; raises KeyError."""
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


def key_attributes(table: Table) -> list[str]:
    """The attributes that every item of a table has, and that no two items have equal."""
    return [table.partition_key, *([table.sort_key] if table.sort_key else [])]


def consumed_queues(catalogue: Catalogue, function: str) -> list[ConsumedQueue]:
    """The queues whose messages the function gets, one a trigger."""
    found = []
    s3_triggers = 0
    for trigger in catalogue.functions[function].triggers:
        if isinstance(trigger, S3Trigger):
            s3_triggers += 1
            found.append(
                ConsumedQueue(
                    f"{function}-s3-{s3_triggers}",
                    trigger.batch_size,
                    trigger.batch_window_s,
                    trigger.max_concurrency,
                    MAX_RECEIVE_COUNT,
                    trigger,
                )
            )
        elif isinstance(trigger, QueueTrigger) and trigger.queue in catalogue.queues:
            queue = catalogue.queues[trigger.queue]
            found.append(
                ConsumedQueue(
                    trigger.queue,
                    trigger.batch_size,
                    trigger.batch_window_s,
                    queue.max_concurrency,
                    queue.max_receive_count,
                )
            )
    return found


def consumes(function: Function) -> bool:
    """Whether the function gets messages of queues, and so has a dead-letter queue."""
    return any(isinstance(t, S3Trigger | QueueTrigger) for t in function.triggers)


def dead_letters(function: str) -> str:
    """The logical name of the dead-letter queue that all queues of a consumer share."""
    return f"{function}-dlq"


def schedule_rules(catalogue: Catalogue, function: str) -> dict[str, str]:
    """The logical name of each schedule's rule, and its expression."""
    triggers = catalogue.functions[function].triggers
    schedules = [t for t in triggers if isinstance(t, ScheduleTrigger)]
    return {f"{function}-schedule-{n}": s.expression for n, s in enumerate(schedules, start=1)}


def event_pattern(trigger: S3Trigger, bucket: str) -> dict[str, Any]:
    """The EventBridge pattern of the events of a trigger; `bucket` is the physical name.

    Prefix and suffix are one wildcard: of two conditions on one key, one would be enough.
    """
    detail: dict[str, Any] = {"bucket": {"name": [bucket]}}
    if trigger.prefix or trigger.suffix:
        key = f"{_literal(trigger.prefix)}*{_literal(trigger.suffix)}"
        detail["object"] = {"key": [{"wildcard": key}]}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}


def _literal(text: str) -> str:
    """`text` as a part of a wildcard that stands for itself."""
    return re.sub(r"([\\*])", r"\\\1", text)


def _upper(name: str) -> str:
    return _lower(name).upper()


def _lower(name: str) -> str:
    return name.replace("-", "_")
