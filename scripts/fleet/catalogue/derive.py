"""What follows from the catalogue: physical names, and the environment each function gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fleet.catalogue.model import (
    Access,
    Catalogue,
    Function,
    QueueTrigger,
    S3Trigger,
    StateMachine,
    Table,
)

PLACEHOLDER = re.compile(r"\$\{([a-z0-9_]+)\}")


def physical_name(catalogue: Catalogue, environment: str, logical: str) -> str:
    """The name of a bucket, queue or function in an environment, such as `fleet-local-raw`."""
    return f"{catalogue.project}-{environment}-{logical}"


@dataclass(frozen=True)
class Names:
    """How one cloud names things: each turns a logical name into what functions are told.

    `queue` gives a URL, `state_machine` an ARN, the others what the SDK takes as the name.
    """

    bucket: Callable[[str], str]
    queue: Callable[[str], str]
    table: Callable[[str], str]
    secret: Callable[[str], str]
    parameter: Callable[[str], str]
    function: Callable[[str], str]
    state_machine: Callable[[str], str]


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

    Its own, and one for each thing that it may use: bucket `raw` gives RAW_BUCKET, queue
    `raw-objects` RAW_OBJECTS_QUEUE_URL, table `seen` SEEN_TABLE, secret `key` KEY_SECRET_ID,
    parameter `limits` LIMITS_PARAMETER, function `judge` JUDGE_FUNCTION, and state machine
    `backfill` that it may start BACKFILL_STATE_MACHINE_ARN.
    """
    entry = catalogue.functions[function]
    used = uses(entry)
    started = [
        name for name, machine in catalogue.state_machines.items() if function in machine.started_by
    ]
    return {
        **entry.environment,
        **{f"{_upper(name)}_BUCKET": names.bucket(name) for name in used.buckets},
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


def consumed_queues(function: Function) -> dict[str, int]:
    """The queues whose messages the function gets, each with its batch size."""
    return {
        trigger.queue: trigger.batch_size
        for trigger in function.triggers
        if isinstance(trigger, S3Trigger | QueueTrigger)
    }


def _upper(name: str) -> str:
    return _lower(name).upper()


def _lower(name: str) -> str:
    return name.replace("-", "_")
