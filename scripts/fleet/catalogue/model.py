"""What `functions.yaml` may say. The JSON Schema beside it is generated from these models.

Limits are those of AWS Lambda, from "Lambda quotas" in the AWS Lambda developer guide.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length=40,
        description="Lower-case words joined by hyphens, 40 characters at most.",
    ),
]
Description = Annotated[str, Field(min_length=1, max_length=256)]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]+$")]


class Entry(BaseModel):
    """Base of every entry: unknown keys are refused, values are read-only."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Queue(Entry):
    """An SQS queue; each has a dead-letter queue named `<name>-dlq` beside it."""

    description: Description
    max_receive_count: int = Field(
        default=3, ge=1, le=1000, description="Deliveries before a message is dead-lettered."
    )


class S3Trigger(Entry):
    """Objects created under a prefix, delivered as S3 events through a queue."""

    type: Literal["s3"]
    bucket: Name
    prefix: str = ""
    suffix: str = ""
    queue: Name
    batch_size: int = Field(default=1, ge=1, le=10)


class QueueTrigger(Entry):
    """Messages of a queue, with partial batch responses."""

    type: Literal["queue"]
    queue: Name
    batch_size: int = Field(default=10, ge=1, le=10)


class ScheduleTrigger(Entry):
    """An EventBridge schedule."""

    type: Literal["schedule"]
    expression: str = Field(
        pattern=r"^(rate\([1-9]\d* (minutes?|hours?|days?)\)|cron\(\S+( \S+){5}\))$",
        description="rate(5 minutes) or cron(0 6 * * ? *).",
    )


class HttpTrigger(Entry):
    """A route of the HTTP API (API Gateway v2, payload format 2.0)."""

    type: Literal["http"]
    route: str = Field(
        pattern=r"^(GET|POST|PUT|PATCH|DELETE) /[A-Za-z0-9._~{}+/-]*$",
        description="Method and path, such as POST /assessments or GET /orders/{id}.",
    )
    authorized: bool = Field(
        default=False, description="Whether the catalogue's authorizer guards the route."
    )


Trigger = Annotated[
    S3Trigger | QueueTrigger | ScheduleTrigger | HttpTrigger, Field(discriminator="type")
]


class Access(Entry):
    """Buckets and queues by logical name."""

    buckets: list[Name] = []
    queues: list[Name] = []


class Budgets(Entry):
    """Limits the function must stay within; `verify` and `smoke` fail above them."""

    image_mb: int = Field(ge=1, le=10_240, description="Unpacked image size, 10^6 bytes.")
    init_ms: int = Field(
        ge=1, le=10_000, description="Initialisation, in ms; Lambda stops it after 10 s."
    )


class Function(Entry):
    """One Lambda function."""

    folder: str = Field(pattern=r"^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)+$")
    description: Description
    handler: str = Field(
        pattern=r"^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$", description="module.function in src/."
    )
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    memory_mb: int = Field(ge=128, le=10_240)
    timeout_s: int = Field(ge=1, le=900)
    ephemeral_storage_mb: int = Field(default=512, ge=512, le=10_240, description="Size of /tmp.")
    snapstart: bool = False
    environment: dict[EnvironmentName, str] = {}
    reads: Access = Access()
    writes: Access = Access()
    triggers: list[Trigger] = []
    budgets: Budgets


class Catalogue(Entry):
    """Every function, and every bucket and queue they share, once."""

    project: Name = Field(description="First part of every physical name.")
    buckets: dict[Name, Description] = {}
    queues: dict[Name, Queue] = {}
    authorizer: Name | None = Field(
        default=None, description="The function that guards authorized routes."
    )
    functions: dict[Name, Function]
