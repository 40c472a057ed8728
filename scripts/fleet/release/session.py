"""What the commands share: an environment's AWS, its buckets, and its registry."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images import events
from fleet.images.build import Image
from fleet.images.events import Event
from fleet.release import aws
from fleet.release.deploy import smoke_events
from fleet.release.environments import Environment
from fleet.release.infrastructure import PackageType
from fleet.release.packages import Packages
from fleet.release.push import Registry, Store
from fleet.release.records import Records, Stored, environments

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

    def require_state(self) -> None:
        """Raise FleetError before the registry root has been applied."""
        if not aws.Bucket(self.state_bucket, self.environment.region).exists():
            raise FleetError(
                f"there is no bucket {self.state_bucket}: nothing has been deployed in account "
                f"{self.account}; `make deploy ENV={self.environment.name}` begins with it"
            )

    def records(self, environment: str | None = None) -> Records:
        """The release records of this environment, or of another in the same account."""
        return Records(self._releases, environment or self.environment.name, self.clock)

    def histories(self) -> dict[str, list[Stored]]:
        """By environment: the newest records of all that have any, checked out here or not."""
        return {name: self.records(name).newest() for name in environments(self._releases)}

    @cached_property
    def _releases(self) -> aws.Bucket:
        return aws.Bucket(self.releases_bucket, self.environment.region)

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

    def store(self, package_type: PackageType) -> Store:
        """Where images, or zip packages, are kept."""
        return self.registry() if package_type == "image" else self._packages

    def newest(self, package_type: PackageType, image: Image) -> str | None:
        """What was pushed last of an image, as a release records it."""
        if package_type == "image":
            repository = image.reference.rpartition(":")[0]
            return self.images.newest(repository, image.architecture)
        package = self._packages.newest(image.name, image.architecture)
        return package.artifact if package else None

    @property
    def _packages(self) -> Packages:
        return Packages(self._releases, self.environment.name, self.environment.zip_runtime)

    def keep(self, owner: str, tag_and_digest: str) -> None:
        """Save a released image from ECR's lifecycle policy."""
        if not os.environ.get(REGISTRY_VARIABLE):
            self.images.keep(f"{self.catalogue.project}/{owner}", tag_and_digest)


def events_of(catalogue: Catalogue) -> Mapping[str, Mapping[str, Event]]:
    """By function: the events that may be sent to a real environment."""
    return {name: smoke_events(events.load(catalogue, name)) for name in catalogue.functions}
