from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fleet.catalogue import Catalogue
from fleet.cloud.resources import (
    MAX_HANDOVERS,
    EventRule,
    EventSourceMapping,
    Queue,
    Redrive,
    Route,
    Schedule,
    resources_of,
    worker_environment,
)
from fleet.key_value_stores import Table, Value

ENDPOINT = "http://127.0.0.1:4566"


def function(**more: Any) -> dict[str, Any]:
    return {
        "folder": "some/folder",
        "description": "Does something",
        "handler": "handler.lambda_handler",
        "memory_mb": 256,
        "timeout_s": 7,
        "budgets": {"image_mb": 1, "init_ms": 1},
        **more,
    }


def catalogue() -> Catalogue:
    return Catalogue.model_validate(
        {
            "project": "shop",
            "buckets": {"raw": "Raw", "prod": "Prod"},
            "queues": {
                "calls": {"description": "Calls", "max_receive_count": 3},
                "unused": {"description": "Nobody reads it"},
            },
            "tables": {
                "seen": {
                    "description": "Answered",
                    "partition_key": "id",
                    "ttl_attribute": "expires_at",
                },
                "baskets": {
                    "description": "Baskets",
                    "partition_key": "customer",
                    "sort_key": "opened_at",
                },
            },
            "secrets": {"signing-key": "Signs tokens"},
            "parameters": {"limits": "Largest order"},
            "authorizer": "doorman",
            "functions": {
                "refine": function(
                    environment={"LEVEL": "3"},
                    reads={"buckets": ["raw"]},
                    writes={"buckets": ["prod"]},
                    triggers=[
                        {
                            "type": "s3",
                            "bucket": "raw",
                            "suffix": ".csv",
                            "batch_size": 500,
                            "batch_window_s": 60,
                        },
                        {"type": "queue", "queue": "calls", "batch_size": 2},
                        {"type": "s3", "bucket": "raw", "prefix": "in/"},
                        {"type": "schedule", "expression": "rate(5 minutes)"},
                        {"type": "http", "route": "GET /state", "open": True},
                        {"type": "http", "route": "POST /state", "authorized": True},
                        {"type": "http", "route": "PUT /state", "authorized": {"scopes": ["rw"]}},
                    ],
                ),
                "again": {
                    "image": "refine",
                    "description": "Does it again",
                    "handler": "batch_handler.lambda_handler",
                    "memory_mb": 512,
                    "timeout_s": 900,
                    "budgets": {"init_ms": 1},
                    "reads": {"buckets": ["raw"]},
                    "triggers": [{"type": "s3", "bucket": "raw", "prefix": "in/"}],
                },
                "doorman": function(
                    writes={"tables": ["seen"]},
                    secrets=["signing-key"],
                    parameters=["limits"],
                    calls=["refine"],
                ),
            },
        }
    )


def test_resources() -> None:
    resources = resources_of(catalogue(), ENDPOINT, 4)
    assert resources.buckets == ["shop-local-raw", "shop-local-prod"]
    refine = "shop-local-refine"
    assert resources.queues == [
        Queue(f"{refine}-dlq"),
        Queue("shop-local-again-dlq"),
        Queue(f"{refine}-s3-1", 7, Redrive(f"{refine}-dlq", 5)),
        Queue("shop-local-calls", 7, Redrive(f"{refine}-dlq", 3)),
        Queue(f"{refine}-s3-2", 7, Redrive(f"{refine}-dlq", 5)),
        Queue("shop-local-again-s3-1", 900, Redrive("shop-local-again-dlq", 5)),
        Queue("shop-local-unused"),
    ]
    assert resources.tables == [
        Table("shop-local-seen", "id", None, "expires_at"),
        Table("shop-local-baskets", "customer", "opened_at", None),
    ]
    assert resources.secrets == [Value("signing-key", "shop-local-signing-key", "Signs tokens")]
    assert resources.parameters == [Value("limits", "/shop/local/limits", "Largest order")]
    assert resources.event_rules == [
        EventRule(f"{refine}-s3-1", "shop-local-raw", pattern("*.csv")),
        EventRule(f"{refine}-s3-2", "shop-local-raw", pattern("in/*")),
        EventRule("shop-local-again-s3-1", "shop-local-raw", pattern("in/*")),
    ]
    # The endpoint hands over ten messages at most.
    assert resources.mappings == [
        EventSourceMapping(f"{refine}-s3-1", refine, 10, 4),
        EventSourceMapping("shop-local-calls", refine, 2, 4),
        EventSourceMapping(f"{refine}-s3-2", refine, 10, 4),
        EventSourceMapping("shop-local-again-s3-1", "shop-local-again", 10, 4),
    ]
    assert resources.schedules == [Schedule(f"{refine}-schedule-1", "rate(5 minutes)", refine)]
    assert resources.routes == [
        Route("GET /state", refine, False),
        Route("POST /state", refine, True),
        Route("PUT /state", refine, True),
    ]
    assert resources.authorizer == "shop-local-doorman"
    assert len(resources.api_id) == 8


def pattern(wildcard: str) -> str:
    """The events of the raw bucket by key."""
    detail = {
        "bucket": {"name": ["shop-local-raw"]},
        "object": {"key": [{"wildcard": wildcard}]},
    }
    return json.dumps({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail})


def test_without_an_authorizer_every_route_is_open() -> None:
    made = catalogue().model_copy(update={"authorizer": None})
    routes = resources_of(made, ENDPOINT, 4).routes
    assert [route.authorized for route in routes] == [False, False, False]


def test_functions_of_one_image_have_handlers_of_their_own() -> None:
    functions = resources_of(catalogue(), ENDPOINT, 4).functions
    assert [(f.logical, f.image, f.handler, f.memory_mb) for f in functions] == [
        ("refine", "refine", "handler.lambda_handler", 256),
        ("again", "refine", "batch_handler.lambda_handler", 512),
        ("doorman", "doorman", "handler.lambda_handler", 256),
    ]


def test_concurrency_has_aws_lower_bound() -> None:
    assert resources_of(catalogue(), ENDPOINT, 1).mappings[0].max_concurrency == 2


def test_batches_that_are_put_together_are_handed_over_one_by_one_message_if_need_be() -> None:
    mappings = resources_of(catalogue(), ENDPOINT, 4, gathers=True).mappings

    # The first trigger has batches of 500, the others of ten at most.
    assert [(m.batch_size, m.max_concurrency) for m in mappings] == [
        (10, MAX_HANDOVERS), (2, 4), (10, 4), (10, 4)
    ]  # fmt: skip


def test_a_queue_may_have_less_concurrency_than_the_pool() -> None:
    made = catalogue()
    calls = made.queues["calls"].model_copy(update={"max_concurrency": 3})

    made = made.model_copy(update={"queues": {**made.queues, "calls": calls}})
    mappings = resources_of(made, ENDPOINT, 20).mappings

    assert [mapping.max_concurrency for mapping in mappings] == [10, 3, 10, 10]


def test_function_environment() -> None:
    refine, again, doorman = resources_of(catalogue(), ENDPOINT, 4).functions
    assert refine.environment == {
        "POWERTOOLS_SERVICE_NAME": "shop-local-refine",
        "POWERTOOLS_METRICS_NAMESPACE": "shop-local",
        "LEVEL": "3",
        "RAW_BUCKET": "shop-local-raw",
        "PROD_BUCKET": "shop-local-prod",
        "DEAD_LETTER_QUEUE_URL": f"{ENDPOINT}/000000000000/shop-local-refine-dlq",
        # Of queue calls; events of S3 are delivered five times.
        "MAX_RECEIVES": "3",
        "AWS_SAM_LOCAL": "true",
    }
    assert again.environment == {
        "POWERTOOLS_SERVICE_NAME": "shop-local-again",
        "POWERTOOLS_METRICS_NAMESPACE": "shop-local",
        "RAW_BUCKET": "shop-local-raw",
        "DEAD_LETTER_QUEUE_URL": f"{ENDPOINT}/000000000000/shop-local-again-dlq",
        "MAX_RECEIVES": "5",
        "AWS_SAM_LOCAL": "true",
    }
    assert doorman.environment == {
        "POWERTOOLS_SERVICE_NAME": "shop-local-doorman",
        "POWERTOOLS_METRICS_NAMESPACE": "shop-local",
        "SEEN_TABLE": "shop-local-seen",
        "SIGNING_KEY_SECRET_ID": "shop-local-signing-key",
        "LIMITS_PARAMETER": "/shop/local/limits",
        "REFINE_FUNCTION": "shop-local-refine",
        "AWS_SAM_LOCAL": "true",
    }


def test_worker_environment() -> None:
    refine = resources_of(catalogue(), ENDPOINT, 4).functions[0]
    environment = worker_environment(
        refine,
        endpoint=ENDPOINT,
        python=Path("/envs/refine/bin/python"),
        task_root=Path("/src"),
        path=[Path("/libs")],
    )
    assert environment.items() >= refine.environment.items()
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "shop-local-refine"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["AWS_LAMBDA_FUNCTION_TIMEOUT"] == "7"
    assert environment["AWS_ENDPOINT_URL"] == ENDPOINT
    assert environment["PATH"].startswith("/envs/refine/bin:")
    assert environment["PYTHONPATH"] == "/src:/libs"
