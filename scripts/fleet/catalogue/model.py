"""What `functions.yaml` may say. The JSON Schema beside it is generated from these models.

Limits are those of AWS Lambda, from "Lambda quotas" in the AWS Lambda developer guide.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

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


MaxConcurrency = Annotated[
    int, Field(ge=2, le=1000, description="Most invocations of the consumer at a time.")
]
BatchSize = Annotated[
    int,
    Field(ge=1, le=10_000, description="Most messages of one invocation; see batch_window_s."),
]
BatchWindow = Annotated[
    int,
    Field(
        ge=0,
        le=300,
        description="Seconds to wait for a full batch; batches of more than 10 need at least 1.",
    ),
]


class Queue(Entry):
    """An SQS queue that anyone may fill; its messages go to one function's queue trigger."""

    description: Description
    max_receive_count: int = Field(
        default=5, ge=1, le=1000, description="Deliveries before a message is dead-lettered."
    )
    max_concurrency: MaxConcurrency = 10


class Table(Entry):
    """A DynamoDB table, billed on demand; its keys are strings."""

    description: Description
    partition_key: AttributeName
    sort_key: AttributeName | None = None
    ttl_attribute: AttributeName | None = Field(
        default=None, description="Number: the second since 1970 after which an item is deleted."
    )


class S3Trigger(Entry):
    """Objects created in a bucket, delivered through EventBridge and a queue of the trigger's own.

    Any number of functions may read one prefix: each trigger gets every event.
    """

    type: Literal["s3"]
    bucket: Name
    prefix: str = ""
    suffix: str = ""
    batch_size: BatchSize = 10
    batch_window_s: BatchWindow = 0
    max_concurrency: MaxConcurrency = 10


class QueueTrigger(Entry):
    """Messages of a queue, with partial batch responses."""

    type: Literal["queue"]
    queue: Name
    batch_size: BatchSize = 10
    batch_window_s: BatchWindow = 0


class ScheduleTrigger(Entry):
    """An EventBridge schedule."""

    type: Literal["schedule"]
    expression: str = Field(
        pattern=r"^(rate\([1-9]\d* (minutes?|hours?|days?)\)|cron\(\S+( \S+){5}\))$",
        description="rate(5 minutes) or cron(0 6 * * ? *).",
    )


Scope = Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")]


class Scopes(Entry):
    """The OAuth 2.0 scopes that an access token needs for a route."""

    scopes: list[Scope] = Field(min_length=1)


def _kind_of_authorized(value: object) -> str:
    return "[scopes]" if isinstance(value, dict | Scopes) else "[true]"


# The type of the value selects the model, so a mistake is reported once.
Authorized = Annotated[
    Annotated[Literal[True], Tag("[true]")] | Annotated[Scopes, Tag("[scopes]")],
    Discriminator(_kind_of_authorized),
]


class HttpTrigger(Entry):
    """A route of the HTTP API (API Gateway v2, payload format 2.0).

    Each says who may call it: `authorized: true`, `authorized: {scopes: [...]}` or `open: true`.
    """

    type: Literal["http"]
    route: str = Field(
        pattern=r"^(GET|POST|PUT|PATCH|DELETE) /[A-Za-z0-9._~{}+/-]*$",
        description="Method and path, such as POST /assessments or GET /orders/{id}.",
    )
    authorized: Authorized | None = Field(
        default=None, description="The authorizer admits callers: any, or those with the scopes."
    )
    open: Literal[True] | None = Field(default=None, description="Anyone may call the route.")

    @property
    def is_open(self) -> bool:
        """Whether anyone may call the route."""
        return self.open is not None

    @model_validator(mode="after")
    def _says_who_may_call(self) -> Self:
        if (self.authorized is None) == (self.open is None):
            raise ValueError(
                "say who may call the route: authorized: true, authorized: {scopes: [...]} "
                "or open: true"
            )
        return self


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

    image_mb: int | None = Field(
        default=None,
        ge=1,
        le=10_240,
        description="Unpacked image size, 10^6 bytes; required beside `folder`.",
    )
    init_ms: int = Field(
        ge=1, le=10_000, description="Initialisation, in ms; Lambda stops it after 10 s."
    )


class Alarms(Entry):
    """From where on an alarm tells somebody."""

    errors: int = Field(
        default=1, ge=1, description="Failed invocations, or failed messages, in 5 minutes."
    )
    throttles: int = Field(default=1, ge=1, description="Throttled invocations in 5 minutes.")
    duration_percent: int = Field(
        default=80, ge=1, le=100, description="Slowest invocation, in percent of the timeout."
    )


class BucketAccess(Entry):
    """Buckets by logical name."""

    buckets: list[Name] = []


class Function(Entry):
    """One Lambda function: the first of a folder, or another handler of that function's image."""

    folder: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?$",
        description="Folder of the image's sources, one level deep or two.",
    )
    image: Name | None = Field(
        default=None,
        description="In place of a folder: the function in whose image the handler is.",
    )
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
    inspects: BucketAccess = Field(
        default=BucketAccess(),
        description="Buckets whose configuration it reads: encryption, retention, versions.",
    )
    calls: list[Name] = Field(default=[], description="Functions that it invokes.")
    secrets: list[Name] = Field(default=[], description="Secrets that it reads.")
    parameters: list[Name] = Field(default=[], description="Parameters that it reads.")
    triggers: list[Trigger] = []
    budgets: Budgets


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
    """Every function, and everything they share, once.

    Functions with a folder own an image, and name it; the others are in the image of one of them.
    """

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

    @property
    def images(self) -> list[str]:
        """The names of the images, which are those of their owners."""
        return [name for name, function in self.functions.items() if function.image is None]

    def owner_of(self, function: str) -> str:
        """The function whose folder the image of `function` is built from."""
        return self.functions[function].image or function

    def folder_of(self, function: str) -> str:
        """The folder that the image of `function` is built from, relative to the checkout."""
        folder = self.functions[self.owner_of(function)].folder
        if folder is None:
            raise ValueError(f"{function} has neither a folder nor the image of one that has")
        return folder

    def architecture_of(self, function: str) -> Literal["x86_64", "arm64"]:
        """The architecture of the image of `function`."""
        return self.functions[self.owner_of(function)].architecture

    def package_type_of(self, function: str) -> Literal["image", "zip"]:
        """What Lambda runs `function` from: its image, or a zip package with what that holds."""
        return self.functions[self.owner_of(function)].package_type

    def functions_of(self, image: str) -> list[str]:
        """Every function of an image, its owner first."""
        others = [name for name, function in self.functions.items() if function.image == image]
        return [image, *others]
