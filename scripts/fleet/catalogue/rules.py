"""What one entry cannot tell by itself: names that must exist, and triggers that clash."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from fleet.catalogue.derive import (
    DEAD_LETTER_QUEUE_URL,
    MAX_RECEIVES,
    PLACEHOLDER,
    UNDELIVERED_EVENTS,
    consumed_queues,
    placeholders,
)
from fleet.catalogue.model import (
    Catalogue,
    Function,
    HttpTrigger,
    QueueTrigger,
    S3Trigger,
    StateMachine,
)

Location = tuple[str | int, ...]
Found = Iterator[tuple[Location, str]]

# "Defined runtime environment variables" in the AWS Lambda developer guide: AWS refuses these.
RESERVED_ENVIRONMENT = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)
# What every function, or every consumer of a queue, gets because of the catalogue.
DERIVED_ENVIRONMENT = frozenset(
    {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", DEAD_LETTER_QUEUE_URL, MAX_RECEIVES}
)
ENVIRONMENT_BYTES = 4096
# Above, SQS fills a batch only while it waits ("Lambda event source mappings", same guide).
BATCH_WITHOUT_WINDOW = 10
# redrive_allow_policy of a dead-letter queue names 10 source queues at most.
QUEUES_OF_A_FUNCTION = 10
# What follows from these names: dead-letter queues, zip packages, queues of s3 triggers.
KEPT_NAMES = {
    r".*-dlq": "a dead-letter queue",
    r".*-zip": "a zip package",
    r".*-s3-[0-9]+": "the queue of an s3 trigger",
    UNDELIVERED_EVENTS: "the queue for events that could not be delivered",
}
# Terraform's templatefile() would take these for more than a name, the local cloud would not.
NO_PLACEHOLDER = re.compile(r"\$\$\{|%\{|\$\{(?![a-z0-9_]+\})")


def problems(catalogue: Catalogue, root: Path) -> Found:
    """Yield (location, message) for everything that breaks a rule; `root` holds the folders."""
    for name, function in catalogue.functions.items():
        for where, what in _function(function, catalogue, root):
            yield ("functions", name, *where), what
    for name, machine in catalogue.state_machines.items():
        for where, what in _state_machine(machine, catalogue, root):
            yield ("state_machines", name, *where), what
    for bucket in catalogue.expire_days:
        if bucket not in catalogue.buckets:
            yield ("expire_days", bucket), _unknown("bucket", bucket, catalogue.buckets)
    yield from _names(catalogue)
    yield from _tables(catalogue)
    yield from _folders(catalogue)
    yield from _images(catalogue)
    yield from _queue_consumers(catalogue)
    yield from _routes(catalogue)
    authorizer = catalogue.authorizer
    if authorizer and authorizer not in catalogue.functions:
        yield ("authorizer",), _unknown("function", authorizer, catalogue.functions)


def _function(function: Function, catalogue: Catalogue, root: Path) -> Found:
    yield from _sources(function, catalogue, root)
    for key in function.environment:
        if key in RESERVED_ENVIRONMENT:
            yield ("environment", key), "reserved by Lambda, which sets it; choose another name"
        if key in DERIVED_ENVIRONMENT:
            yield ("environment", key), "follows from the catalogue; remove it"
    size = sum(len(k) + len(v) for k, v in function.environment.items())
    if size > ENVIRONMENT_BYTES:
        yield ("environment",), f"{size} bytes; Lambda allows {ENVIRONMENT_BYTES} in all"
    if function.snapstart and function.ephemeral_storage_mb > 512:
        yield ("snapstart",), "not possible with more than 512 MB of ephemeral storage"

    if function.snapstart and function.provisioned_concurrency:
        yield ("snapstart",), "not possible with provisioned concurrency; keep one of the two"
    reserved = function.reserved_concurrency
    if reserved is not None and function.provisioned_concurrency > reserved:
        yield (
            ("provisioned_concurrency",),
            f"{function.provisioned_concurrency} is above reserved_concurrency {reserved}",
        )

    named = (
        ("calls", "function", function.calls, catalogue.functions),
        ("secrets", "secret", function.secrets, catalogue.secrets),
        ("parameters", "parameter", function.parameters, catalogue.parameters),
    )
    for key, kind, names, known in named:
        for name in names:
            if name not in known:
                yield (key,), _unknown(kind, name, known)

    for bucket in function.inspects.buckets:
        if bucket not in catalogue.buckets:
            yield ("inspects", "buckets"), _unknown("bucket", bucket, catalogue.buckets)
    for direction, access in (("reads", function.reads), ("writes", function.writes)):
        for bucket in access.buckets:
            if bucket not in catalogue.buckets:
                yield (direction, "buckets"), _unknown("bucket", bucket, catalogue.buckets)
        for name in access.queues:
            if name not in catalogue.queues:
                yield (direction, "queues"), _unknown("queue", name, catalogue.queues)
        for table in access.tables:
            if table not in catalogue.tables:
                yield (direction, "tables"), _unknown("table", table, catalogue.tables)

    for index, trigger in enumerate(function.triggers):
        here: Location = ("triggers", index)
        if isinstance(trigger, S3Trigger):
            if trigger.bucket not in catalogue.buckets:
                yield (*here, "bucket"), _unknown("bucket", trigger.bucket, catalogue.buckets)
            elif trigger.bucket not in function.reads.buckets:
                yield (
                    (*here, "bucket"),
                    f"{trigger.bucket} triggers this function, but it may not read it; "
                    f"add {trigger.bucket} to reads.buckets",
                )
        if isinstance(trigger, QueueTrigger) and trigger.queue not in catalogue.queues:
            yield (*here, "queue"), _unknown("queue", trigger.queue, catalogue.queues)
        if (
            isinstance(trigger, S3Trigger | QueueTrigger)
            and trigger.batch_size > BATCH_WITHOUT_WINDOW
            and not trigger.batch_window_s
        ):
            yield (
                (*here, "batch_size"),
                f"{trigger.batch_size} is more than {BATCH_WITHOUT_WINDOW}, which needs "
                "batch_window_s of at least 1",
            )


def _sources(function: Function, catalogue: Catalogue, root: Path) -> Found:
    """Where the handler's source is: in a folder of its own, or in that of another function."""
    owner = function if function.image is None else catalogue.functions.get(function.image)
    if (function.folder is None) == (function.image is None):
        yield (), "name either folder, or image: the function in whose image the handler is"
    elif owner is None:
        yield ("image",), _unknown("function", str(function.image), catalogue.functions)
    elif owner.folder is None:
        yield ("image",), f"{function.image} has no folder; name the function that has it"
    else:
        folder = root / owner.folder
        module = function.handler.split(".")[0]
        if not folder.is_dir():
            yield ("folder",), f"{owner.folder} does not exist; `make new` creates a folder"
            return
        needed = ["Dockerfile", "requirements.in"] if owner is function else []
        for name in (*needed, f"src/{module}.py"):
            if not (folder / name).is_file():
                place = "folder" if owner is function else "handler"
                yield (place,), f"{owner.folder} has no {name}"


def _state_machine(machine: StateMachine, catalogue: Catalogue, root: Path) -> Found:
    for key, names in (("invokes", machine.invokes), ("started_by", machine.started_by)):
        for name in names:
            if name not in catalogue.functions:
                yield (key,), _unknown("function", name, catalogue.functions)
    for direction, access in (("reads", machine.reads), ("writes", machine.writes)):
        for bucket in access.buckets:
            if bucket not in catalogue.buckets:
                yield (direction, "buckets"), _unknown("bucket", bucket, catalogue.buckets)

    here: Location = ("definition",)
    try:
        text = (root / machine.definition).read_text(encoding="utf-8")
        json.loads(text)
    except OSError:
        yield here, f"{machine.definition} does not exist"
        return
    except ValueError as error:
        yield here, f"{machine.definition} is not valid JSON: {error}"
        return
    if strange := NO_PLACEHOLDER.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        yield here, f"{machine.definition}:{line}: {strange[0]!r} is not allowed; write ${{name}}"
    allowed = placeholders(machine, str, str)
    used = {match[1]: match.start() for match in PLACEHOLDER.finditer(text)}
    for name in sorted(used.keys() - allowed.keys()):
        line = text.count("\n", 0, used[name]) + 1
        unknown = _unknown("placeholder", name, allowed)
        yield here, f"{machine.definition}:{line}: {unknown}"
    for name in sorted(allowed.keys() - used.keys()):
        yield here, f"{machine.definition} does not use ${{{name}}}; remove what it stands for"


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    allowed = ", ".join(sorted(known)) or "none is declared"
    return f"{kind} {name!r} is not declared; allowed: {allowed}"


def _names(catalogue: Catalogue) -> Found:
    for kind, names in (("functions", catalogue.functions), ("queues", catalogue.queues)):
        for name in names:
            for pattern, owner in KEPT_NAMES.items():
                if re.fullmatch(pattern, name):
                    yield (kind, name), f"the name is kept for {owner}; choose another"


def _tables(catalogue: Catalogue) -> Found:
    for name, table in catalogue.tables.items():
        if table.sort_key == table.partition_key:
            yield ("tables", name, "sort_key"), f"{table.sort_key} is the partition key already"
        if table.ttl_attribute and table.ttl_attribute in (table.partition_key, table.sort_key):
            yield (
                ("tables", name, "ttl_attribute"),
                f"{table.ttl_attribute} is a key, which is text; name an attribute of its own",
            )


def _folders(catalogue: Catalogue) -> Found:
    owner: dict[str, str] = {}
    for name, function in catalogue.functions.items():
        if function.folder is None:
            continue
        first = owner.setdefault(function.folder, name)
        if first != name:
            yield (
                ("functions", name, "folder"),
                f"{function.folder} belongs to {first} already; "
                f"write image: {first} for another handler of it",
            )


def _images(catalogue: Catalogue) -> Found:
    """What belongs to an image stands once, beside its folder."""
    for name, function in catalogue.functions.items():
        here: Location = ("functions", name)
        if function.image is None:
            if function.budgets.image_mb is None:
                yield (*here, "budgets"), "image_mb is missing; it is required beside folder"
            continue
        for key in ("architecture", "package_type"):
            if key in function.model_fields_set:
                yield (*here, key), f"follows from {function.image}, the owner of the image"
        if function.budgets.image_mb is not None:
            yield (*here, "budgets", "image_mb"), f"belongs to {function.image}, the image's owner"


def _queue_consumers(catalogue: Catalogue) -> Found:
    """Two functions on one queue would each see a random half of its messages."""
    consumer: dict[str, str] = {}
    for name, function in catalogue.functions.items():
        queues = consumed_queues(catalogue, name)
        if len(queues) > QUEUES_OF_A_FUNCTION:
            yield (
                ("functions", name, "triggers"),
                f"{len(queues)} queues; their dead-letter queue takes {QUEUES_OF_A_FUNCTION}",
            )
        total = sum(queue.max_concurrency for queue in queues)
        reserved = function.reserved_concurrency
        if reserved is not None and total > reserved:
            yield (
                ("functions", name, "reserved_concurrency"),
                f"{reserved} is below max_concurrency {total} of the queues "
                f"{', '.join(queue.name for queue in queues)}, so messages would be throttled into "
                "the dead-letter queue",
            )
        for index, trigger in enumerate(function.triggers):
            if not isinstance(trigger, QueueTrigger):
                continue
            if trigger.queue in consumer:
                yield (
                    ("functions", name, "triggers", index, "queue"),
                    f"queue {trigger.queue} is consumed by {consumer[trigger.queue]} already; "
                    "one queue has one trigger, give this one a queue of its own",
                )
            consumer.setdefault(trigger.queue, name)


def _routes(catalogue: Catalogue) -> Found:
    owner: dict[str, str] = {}
    for name, function in catalogue.functions.items():
        for index, trigger in enumerate(function.triggers):
            if not isinstance(trigger, HttpTrigger):
                continue
            # /orders/{id} and /orders/{key} are the same route to API Gateway.
            shape = re.sub(r"\{[^}]*\}", "{}", trigger.route)
            if shape in owner:
                here = ("functions", name, "triggers", index, "route")
                yield here, f"{trigger.route} is taken by {owner[shape]}"
            owner[shape] = name
