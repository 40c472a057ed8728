"""The bill of one environment and month, item by item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from fleet.catalogue import Catalogue, Function, HttpTrigger, S3Trigger, ScheduleTrigger
from fleet.catalogue.derive import consumed_queues, schedule_rules
from fleet.cost.inputs import DEFAULT, FunctionTraffic, Prices, Traffic

MONTH_S = 30 * 24 * 3600
# Lambda counts memory in units of 1024 MB.
MB_PER_GB = 1024
FREE_TMP_MB = 512
# A message is sent, received and deleted; Lambda does the last two for a batch at once.
SQS_CALLS = 3
# Terraform: a function has alarms on errors, throttles and duration; a consumer also on failed
# messages and dead letters, an API also on failed requests; a rule on failed and lost deliveries.
FUNCTION_ALARMS = 3
CONSUMER_ALARMS = 2
RULE_ALARMS = 2
DASHBOARDS = 1
T = TypeVar("T")


@dataclass(frozen=True)
class Item:
    """One line of the bill."""

    of: str
    what: str
    quantity: float
    unit: str
    usd: float


def estimate(catalogue: Catalogue, traffic: Traffic, prices: Prices) -> list[Item]:
    """Every item that costs anything."""

    def item(of: str, name: str, quantity: float) -> Item:
        price = prices.prices[name]
        return Item(of, name, quantity, price.unit, quantity * price.each)

    found: list[tuple[str, str, float]] = []
    for name, function in catalogue.functions.items():
        stated = _of(traffic.functions, name)
        architecture = catalogue.architecture_of(name)
        found += ((name, what, n) for what, n in _function(function, architecture, stated))
        found += ((name, what, n) for what, n in _around(catalogue, name, stated, traffic))
    found += _shared(catalogue, traffic)
    return [item(*line) for line in found if line[2] > 0]


def gb_seconds(function: Function, traffic: FunctionTraffic) -> float:
    """Billed duration times memory: invocations, and initialisation, which images always pay."""
    init_ms = function.budgets.init_ms if traffic.init_ms is None else traffic.init_ms
    cold_ms = 0.0 if function.snapstart else traffic.cold_starts_percent / 100 * init_ms
    seconds = traffic.requests * (traffic.ms + cold_ms) / 1000
    return seconds * function.memory_mb / MB_PER_GB


def _function(
    function: Function, architecture: str, traffic: FunctionTraffic
) -> Iterator[tuple[str, float]]:
    """What Lambda itself bills."""
    requests = traffic.requests
    yield "lambda_requests", requests
    kind = "lambda_provisioned_duration" if function.provisioned_concurrency else "lambda_duration"
    yield f"{kind}_{architecture}", gb_seconds(function, traffic)
    above = max(0, function.ephemeral_storage_mb - FREE_TMP_MB) / MB_PER_GB
    yield "lambda_ephemeral_storage", above * requests * traffic.ms / 1000
    memory_gb = function.memory_mb / MB_PER_GB
    yield (
        f"lambda_provisioned_{architecture}",
        function.provisioned_concurrency * memory_gb * MONTH_S,
    )
    if function.snapstart:
        yield "lambda_snapstart_cache", memory_gb * MONTH_S
        yield "lambda_snapstart_restore", memory_gb * requests * traffic.cold_starts_percent / 100


def _around(
    catalogue: Catalogue, name: str, stated: FunctionTraffic, traffic: Traffic
) -> Iterator[tuple[str, float]]:
    """What goes with a function: its routes, queues, logs, traces, objects and images."""
    function = catalogue.functions[name]
    if any(isinstance(trigger, HttpTrigger) for trigger in function.triggers):
        yield "http_api_requests", stated.requests
        yield "data_out", stated.requests * stated.response_kb / 1e6
    queues = consumed_queues(catalogue, name)
    if queues:
        polled = len(queues) * traffic.queues.empty_receives
        yield "sqs_requests", stated.requests * SQS_CALLS + polled
    logged_gb = stated.requests * stated.log_kb / 1e6
    yield "logs_ingestion", logged_gb
    yield "logs_storage", logged_gb * traffic.logs.kept_months
    yield "traces", stated.requests * traffic.traces.sampled_percent / 100
    yield "s3_gets", stated.requests * stated.s3_gets
    yield "s3_puts", stated.requests * stated.s3_puts
    schedules = len(schedule_rules(catalogue, name))
    rules = schedules + sum(queue.rule is not None for queue in queues)
    yield (
        "alarms",
        FUNCTION_ALARMS
        + (CONSUMER_ALARMS + len(queues) if queues else 0)
        + RULE_ALARMS * rules
        + (1 if schedules else 0)
        + (1 if any(isinstance(t, HttpTrigger) for t in function.triggers) else 0),
    )
    # An image is stored once, whatever functions are in it.
    image_gb = (function.budgets.image_mb or 0) / 1000 * traffic.registry.compressed_percent / 100
    yield "ecr_storage", image_gb * traffic.registry.images


def _shared(catalogue: Catalogue, traffic: Traffic) -> Iterator[tuple[str, str, float]]:
    queues = [q for function in catalogue.functions for q in consumed_queues(catalogue, function)]
    sending = {queue.rule.bucket for queue in queues if queue.rule}
    for bucket in catalogue.buckets:
        of = _of(traffic.buckets, bucket)
        yield f"bucket {bucket}", "s3_storage", of.stored_gb
        # Once for each event, whether a rule takes it or many do.
        yield f"bucket {bucket}", "eventbridge_events", of.events if bucket in sending else 0
    for table in catalogue.tables:
        stated = _of(traffic.tables, table)
        yield f"table {table}", "dynamodb_storage", stated.stored_gb
        yield f"table {table}", "dynamodb_recovery", stated.stored_gb
        yield f"table {table}", "dynamodb_reads", stated.reads
        yield f"table {table}", "dynamodb_writes", stated.writes
    unread = catalogue.queues.keys() - {queue.name for queue in queues}
    yield "queues without consumer", "alarms", len(unread)
    triggers = [t for function in catalogue.functions.values() for t in function.triggers]
    rules = any(isinstance(t, S3Trigger | ScheduleTrigger) for t in triggers)
    yield "undelivered events", "alarms", 1 if rules else 0
    routes = any(isinstance(t, HttpTrigger) for t in triggers)
    yield "HTTP API", "alarms", 1 if routes else 0
    yield "state machines", "alarms", len(catalogue.state_machines)
    yield "secrets", "secrets", len(catalogue.secrets)
    yield "dashboard", "dashboards", DASHBOARDS


def _of(stated: dict[str, T], name: str) -> T:
    return stated.get(name) or stated[DEFAULT]
