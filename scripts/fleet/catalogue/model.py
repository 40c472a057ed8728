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
AttributeName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=255)]
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
    max_concurrency: int | None = Field(
        default=None, ge=2, le=1000, description="Most invocations of the consumer at a time."
    )


class Table(Entry):
    """A DynamoDB table, billed on demand; its keys are strings."""

    description: Description
    partition_key: AttributeName
    sort_key: AttributeName | None = None
    ttl_attribute: AttributeName | None = Field(
        default=None, description="Number: the second since 1970 after which an item is deleted."
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
    """Buckets, queues and tables by logical name."""

    buckets: list[Name] = []
    queues: list[Name] = []
    tables: list[Name] = []


class Budgets(Entry):
    """Limits the function must stay within; `verify` and `smoke` fail above them."""

    image_mb: int = Field(ge=1, le=10_240, description="Unpacked image size, 10^6 bytes.")
    init_ms: int = Field(
        ge=1, le=10_000, description="Initialisation, in ms; Lambda stops it after 10 s."
    )


class Alarms(Entry):
    """From where on an alarm tells somebody."""

    errors: int = Field(default=1, ge=1, description="Failed invocations in 5 minutes.")
    throttles: int = Field(default=1, ge=1, description="Throttled invocations in 5 minutes.")
    duration_percent: int = Field(
        default=80, ge=1, le=100, description="Slowest invocation, in percent of the timeout."
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
    package_type: Literal["image", "zip"] = Field(
        default="image", description="The package whose function gets the events on AWS."
    )
    reserved_concurrency: int | None = Field(
        default=None, ge=1, description="Invocations at a time, kept for and limiting the function."
    )
    provisioned_concurrency: int = Field(
        default=0, ge=0, description="Environments that are always initialised, and always billed."
    )
    async_retries: int = Field(
        default=2, ge=0, le=2, description="Retries of a failed scheduled invocation."
    )
    alarms: Alarms = Alarms()
    environment: dict[EnvironmentName, str] = {}
    reads: Access = Access()
    writes: Access = Access()
    calls: list[Name] = Field(default=[], description="Functions that it invokes.")
    secrets: list[Name] = Field(default=[], description="Secrets that it reads.")
    parameters: list[Name] = Field(default=[], description="Parameters that it reads.")
    triggers: list[Trigger] = []
    budgets: Budgets


class BucketAccess(Entry):
    """Buckets by logical name."""

    buckets: list[Name] = []


class StateMachine(Entry):
    """A Step Functions state machine of type Standard."""

    description: Description
    definition: str = Field(
        pattern=r"^state-machines/[a-z][a-z0-9-]*\.asl\.json$",
        description="Amazon States Language; see state-machines/README.md for ${...}.",
    )
    invokes: list[Name] = Field(default=[], description="Functions that its tasks invoke.")
    reads: BucketAccess = BucketAccess()
    writes: BucketAccess = BucketAccess()
    started_by: list[Name] = Field(
        default=[], description="Functions that may start it; each gets its ARN."
    )


class Catalogue(Entry):
    """Every function, and everything they share, once."""

    project: Name = Field(description="First part of every physical name.")
    buckets: dict[Name, Description] = {}
    expire_days: dict[Name, dict[str, Annotated[int, Field(ge=1)]]] = Field(
        default={},
        description="By bucket and prefix: days after which objects are removed on AWS. All others "
        "stay.",
    )
    queues: dict[Name, Queue] = {}
    tables: dict[Name, Table] = {}
    secrets: dict[Name, Description] = Field(
        default={}, description="In AWS Secrets Manager; made by hand, so that no file holds them."
    )
    parameters: dict[Name, Description] = Field(
        default={}, description="In the SSM parameter store; made by hand."
    )
    authorizer: Name | None = Field(
        default=None, description="The function that guards authorized routes."
    )
    functions: dict[Name, Function]
    state_machines: dict[Name, StateMachine] = {}
