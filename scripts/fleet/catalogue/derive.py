"""What follows from the catalogue: physical names, and the environment each function gets."""

from __future__ import annotations

from collections.abc import Callable

from fleet.catalogue.model import Catalogue, Function, QueueTrigger, S3Trigger


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


def consumed_queues(function: Function) -> dict[str, int]:
    """The queues whose messages the function gets, each with its batch size."""
    return {
        trigger.queue: trigger.batch_size
        for trigger in function.triggers
        if isinstance(trigger, S3Trigger | QueueTrigger)
    }


def _upper(name: str) -> str:
    return name.replace("-", "_").upper()
