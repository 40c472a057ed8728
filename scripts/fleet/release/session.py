"""What the commands share: an environment's AWS, its buckets, and its registry."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cached_property

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images import events
from fleet.images.events import Event
from fleet.paths import ROOT
from fleet.release import aws
from fleet.release.deploy import smoke_events
from fleet.release.environments import Environment
from fleet.release.push import Registry
from fleet.release.records import Records

REGISTRY_VARIABLE = "REGISTRY"


class Session:
    """Everything of one environment, made when it is first asked for."""

    def __init__(self, catalogue: Catalogue, environment: Environment) -> None:
        self.catalogue = catalogue
        self.environment = environment
        self.clock = aws.SystemClock()
        self.cloud = aws.Aws(environment.region)
        self.images = aws.Images(environment.region)

    @cached_property
    def account(self) -> str:
        """The account that the credentials lead to, if it is the environment's."""
        account = self.cloud.identity().account
        if self.environment.account_id not in (None, account):
            raise FleetError(
                f"the credentials lead to account {account}, {self.environment.name} belongs to "
                f"{self.environment.account_id}: choose the right AWS_PROFILE"
            )
        return account

    @property
    def state_bucket(self) -> str:
        """Where terraform/registry keeps Terraform's states."""
        return f"{self.catalogue.project}-terraform-state-{self.account}"

    @property
    def releases_bucket(self) -> str:
        """Where terraform/registry keeps releases."""
        return f"{self.catalogue.project}-releases-{self.account}"

    def records(self, environment: str | None = None) -> Records:
        """The release records of this environment, or of another in the same account."""
        bucket = aws.Bucket(self.releases_bucket, self.environment.region)
        return Records(bucket, environment or self.environment.name, self.clock)

    @property
    def registry_prefix(self) -> str:
        """The account's ECR registry, unless the developer names another."""
        if other := os.environ.get(REGISTRY_VARIABLE):
            return other
        return f"{self.account}.dkr.ecr.{self.environment.region}.amazonaws.com"

    def registry(self) -> Registry:
        """The registry, with Docker logged in where it is ECR."""
        if not os.environ.get(REGISTRY_VARIABLE):
            self.images.log_in()
        return Registry(self.registry_prefix)

    def keep(self, function: str, tag_and_digest: str) -> None:
        """Save a released image from ECR's lifecycle policy."""
        if not os.environ.get(REGISTRY_VARIABLE):
            self.images.keep(f"{self.catalogue.project}/{function}", tag_and_digest)


def image_functions(catalogue: Catalogue, names: Iterable[str]) -> list[str]:
    """Those of `names` whose image gets events; the others come as zip packages."""
    return [name for name in names if catalogue.functions[name].package_type == "image"]


def events_of(catalogue: Catalogue) -> Mapping[str, Mapping[str, Event]]:
    """By function: the events that may be sent to a real environment."""
    return {
        name: smoke_events(events.load(ROOT / function.folder))
        for name, function in catalogue.functions.items()
    }
