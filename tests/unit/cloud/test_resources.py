from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet.catalogue import Catalogue
from fleet.cloud.resources import (
    EventSourceMapping,
    Notification,
    Queue,
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
                "new": {"description": "New objects", "max_receive_count": 5},
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
                    writes={"buckets": ["prod"], "queues": ["new-dlq"]},
                    triggers=[
                        {
                            "type": "s3",
                            "bucket": "raw",
                            "suffix": ".csv",
                            "queue": "new",
                            "batch_size": 2,
                        },
                        {"type": "schedule", "expression": "rate(5 minutes)"},
                        {"type": "http", "route": "GET /state"},
                        {"type": "http", "route": "POST /state", "authorized": True},
                    ],
                ),
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
    assert resources.queues == [Queue("shop-local-new", 7, 5), Queue("shop-local-unused", 30, 3)]
    assert resources.queues[0].dead_letters == "shop-local-new-dlq"
    assert resources.tables == [
        Table("shop-local-seen", "id", None, "expires_at"),
        Table("shop-local-baskets", "customer", "opened_at", None),
    ]
    assert resources.secrets == [Value("signing-key", "shop-local-signing-key", "Signs tokens")]
    assert resources.parameters == [Value("limits", "/shop/local/limits", "Largest order")]
    assert resources.notifications == [Notification("shop-local-raw", "shop-local-new", "", ".csv")]
    assert resources.mappings == [EventSourceMapping("shop-local-new", "shop-local-refine", 2, 4)]
    assert resources.schedules == [
        Schedule("shop-local-refine-1", "rate(5 minutes)", "shop-local-refine")
    ]
    assert resources.routes == [
        Route("GET /state", "shop-local-refine", False),
        Route("POST /state", "shop-local-refine", True),
    ]
    assert resources.authorizer == "shop-local-doorman"
    assert len(resources.api_id) == 8


def test_concurrency_has_aws_lower_bound() -> None:
    assert resources_of(catalogue(), ENDPOINT, 1).mappings[0].max_concurrency == 2


def test_a_queue_may_have_less_concurrency_than_the_pool() -> None:
    made = catalogue()
    queues = {
        name: queue.model_copy(update={"max_concurrency": 3}) for name, queue in made.queues.items()
    }

    mappings = resources_of(made.model_copy(update={"queues": queues}), ENDPOINT, 9).mappings

    assert {mapping.max_concurrency for mapping in mappings} == {3}


def test_function_environment() -> None:
    refine, doorman = resources_of(catalogue(), ENDPOINT, 4).functions
    assert refine.environment == {
        "LEVEL": "3",
        "RAW_BUCKET": "shop-local-raw",
        "PROD_BUCKET": "shop-local-prod",
        "NEW_DLQ_QUEUE_URL": f"{ENDPOINT}/000000000000/shop-local-new-dlq",
        "AWS_SAM_LOCAL": "true",
    }
    assert doorman.environment == {
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
