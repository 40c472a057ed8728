"""What follows from the catalogue: physical names, and the environment each function gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from fleet.catalogue.model import (
    Catalogue,
    Function,
    QueueTrigger,
    S3Trigger,
    StateMachine,
)

PLACEHOLDER = re.compile(r"\$\{([a-z0-9_]+)\}")


def physical_name(catalogue: Catalogue, stage: str, logical: str) -> str:
    """The name of a bucket, queue or function in a stage, such as `fleet-local-raw`."""
    return f"{catalogue.project}-{stage}-{logical}"


def environment(
    function: Function, bucket: Callable[[str], str], queue: Callable[[str], str]
) -> dict[str, str]:
    """The function's own variables, and one for each bucket and queue it may use.

    Bucket `raw` gives RAW_BUCKET, queue `raw-objects` gives RAW_OBJECTS_QUEUE_URL; `bucket` and
    `queue` turn a logical name into the value.
    """
    buckets = {*function.reads.buckets, *function.writes.buckets}
    queues = {*function.reads.queues, *function.writes.queues}
    return {
        **function.environment,
        **{f"{_upper(name)}_BUCKET": bucket(name) for name in sorted(buckets)},
        **{f"{_upper(name)}_QUEUE_URL": queue(name) for name in sorted(queues)},
    }


def references(
    function: Function,
    table: Callable[[str], str],
    secret: Callable[[str], str],
    parameter: Callable[[str], str],
    called: Callable[[str], str],
) -> dict[str, str]:
    """A variable for each table, secret, parameter and function that the function may use.

    Table `seen` gives SEEN_TABLE, secret `key` KEY_SECRET_ID, parameter `limits` LIMITS_PARAMETER
    and function `judge` JUDGE_FUNCTION; the callables turn a logical name into the value.
    """
    tables = {*function.reads.tables, *function.writes.tables}
    return {
        **{f"{_upper(name)}_TABLE": table(name) for name in sorted(tables)},
        **{f"{_upper(name)}_SECRET_ID": secret(name) for name in function.secrets},
        **{f"{_upper(name)}_PARAMETER": parameter(name) for name in function.parameters},
        **{f"{_upper(name)}_FUNCTION": called(name) for name in function.calls},
    }


def state_machine_arns(
    catalogue: Catalogue, function: str, arn: Callable[[str], str]
) -> dict[str, str]:
    """A variable for each state machine that the function may start.

    State machine `backfill` gives BACKFILL_STATE_MACHINE_ARN.
    """
    return {
        f"{_upper(name)}_STATE_MACHINE_ARN": arn(name)
        for name, machine in catalogue.state_machines.items()
        if function in machine.started_by
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
