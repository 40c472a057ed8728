"""`make bench BENCH=fraud-scores`: how long compliance-guardian takes to score payments on request.

Requests go through the handler of the API in this process, warm, with the committed model. Payments
and histories are made up: each customer and terminal has CUSTOMER_PAYMENTS and TERMINAL_PAYMENTS.
Histories are in the DynamoDB of a local cloud of its own. The table shows the median and the
fastest of ROUNDS.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from math import isnan
from types import SimpleNamespace
from typing import Any, TypeAlias

from compliance_guardian import fraud_adapter
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.history import CustomerHistory, TerminalHistory
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.payments import MINOR, Payment
from compliance_guardian.fraud.replay import Replay
from datalake.parallel import at_once
from fleet import cloud, command
from fleet.catalogue import Catalogue, load
from fleet.catalogue.derive import Names, variables
from fleet.errors import FleetError
from fleet.paths import CATALOGUE
from tour.platform import Platform

FUNCTION = "compliance-guardian"
SOURCE = "card-transactions"
NOW = datetime(2018, 6, 1, tzinfo=UTC)
PAYMENTS = 1_000
CUSTOMER_PAYMENTS, TERMINAL_PAYMENTS = 117, 58
"""As in the two months of the simulated card transactions."""
ROUNDS = 9

Item: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[dict[str, Any], Any], dict[str, Any]]


def main() -> None:
    """Measure each kind of request and print a table. Raises FleetError if one is not answered."""
    chance = random.Random(1)  # noqa: S311  # made-up payments
    payments = [_payment(chance, number) for number in range(PAYMENTS)]
    with _local_cloud(load(CATALOGUE)):
        _remember(chance, payments)
        handler = importlib.import_module("handler").lambda_handler
        replay = HistoryTable(fraud_adapter.histories()).read(payments)
        features = dict(replay.features((payment, False) for payment in payments))
        bare = [_item(payment) for payment in payments]
        given = [
            {**item, "features": _given(features[payment])}
            for item, payment in zip(bare, payments, strict=True)
        ]
        print(f"{'':44} {'median':>7} {'fastest':>7} ms")
        _measure(handler, "1,000 payments with features", given, explain=False)
        _measure(handler, "1,000 payments with features, and reasons", given, explain=True)
        _measure(handler, "1,000 payments from DynamoDB", bare, explain=False)
        _measure(handler, "1 payment with features, and reasons", given[:1], explain=True)
        _measure(handler, "1 payment from DynamoDB, and reasons", bare[:1], explain=True)


@contextmanager
def _local_cloud(catalogue: Catalogue) -> Iterator[None]:
    """A local cloud with the function's tables, which the environment names."""
    with cloud.temporary(catalogue) as running:
        name = Platform(catalogue, running).name
        names = Names(name, name, name, name, name, name, str, name, "bench")
        os.environ |= {
            **variables(catalogue, FUNCTION, names),
            "AWS_ENDPOINT_URL": running.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "POWERTOOLS_TRACE_DISABLED": "true",
            "POWERTOOLS_METRICS_DISABLED": "true",
        }
        yield


def _payment(chance: random.Random, number: int) -> Payment:
    amount = chance.randrange(1_000, 200_000) * 10
    return Payment(SOURCE, None, NOW, f"customer-{number}", f"terminal-{number}", amount, "EUR")


def _remember(chance: random.Random, payments: Sequence[Payment]) -> None:
    """Write the histories of the payments' customers and terminals."""
    replay = Replay()
    for payment in payments:
        for others, count in (
            ("customer_id", TERMINAL_PAYMENTS),
            ("terminal_id", CUSTOMER_PAYMENTS),
        ):
            for number in range(count):
                at = NOW - timedelta(minutes=chance.randrange(1, 80 * 1_440))
                other = replace(payment, at=at, **{others: f"other-{number}"})
                if others == "terminal_id":
                    replay.customers.setdefault(payment.account, CustomerHistory()).add(other)
                elif terminal := payment.terminal:
                    replay.terminals.setdefault(terminal, TerminalHistory()).add(other)
    HistoryTable(fraud_adapter.histories(), at_once).merge(replay)


def _item(payment: Payment) -> Item:
    """A payment as requests have it."""
    return {
        "transacted_at": payment.at.isoformat(),
        "customer_id": payment.customer_id,
        "terminal_id": payment.terminal_id,
        "amount": str(payment.amount / MINOR),
        "currency": payment.currency,
    }


def _given(values: Sequence[float]) -> dict[str, float | None]:
    return {
        feature.name: None if isnan(value) else value
        for feature, value in zip(FEATURES, values, strict=True)
    }


def _measure(handle: Handler, name: str, payments: Sequence[Item], *, explain: bool) -> None:
    body = json.dumps({"source": SOURCE, "payments": payments, "explain": explain})
    event = {
        "version": "2.0",
        "rawPath": "/fraud/scores",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/fraud/scores"}},
        "body": body,
    }
    context = SimpleNamespace(
        aws_request_id="bench",
        function_name=FUNCTION,
        function_version="1",
        invoked_function_arn=FUNCTION,
        memory_limit_in_mb=1_769,
        get_remaining_time_in_millis=lambda: 30_000,
    )
    seconds = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        answer = handle(event, context)
        seconds.append(time.perf_counter() - started)
        if answer["statusCode"] != HTTPStatus.OK:
            raise FleetError(f"{name}: {answer['body'][:500]}")
    warm = seconds[1:]
    median, fastest = 1_000 * statistics.median(warm), 1_000 * min(warm)
    print(f"{name:44} {median:7.1f} {fastest:7.1f}", flush=True)


if __name__ == "__main__":
    command.run(main)
