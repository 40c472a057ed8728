"""What stands in for Terraform and for parts of AWS that the local cloud lacks."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from fleet.catalogue import Catalogue
from fleet.catalogue.derive import environment, physical_name
from fleet.cloud.provision import ROLE
from fleet.emulation import client
from fleet.release.cloud import ALIAS, Alias
from fleet.release.infrastructure import Deployed


class StandIn:
    """Makes an environment's functions on the local cloud as the main root does on AWS.

    A changed image publishes a version; the alias is made once and then left alone.
    """

    def __init__(self, catalogue: Catalogue, stage: str, endpoint: str, registry: str) -> None:
        self._catalogue = catalogue
        self._stage = stage
        self._registry = registry
        self._lambda: Any = client("lambda", endpoint)
        self._cloudwatch: Any = client("cloudwatch", endpoint)
        self._images: dict[str, str] = {}

    def plan(self, images: Mapping[str, str], *, only_look: bool = False) -> None:
        self._images = dict(images)

    def apply(self) -> dict[str, Deployed]:
        return {name: self._function(name, image) for name, image in self._images.items()}

    def _function(self, name: str, image: str) -> Deployed:
        function = physical_name(self._catalogue, self._stage, name)
        uri = f"{self._registry}/{self._catalogue.project}/{name}@{image.partition('@')[2]}"
        try:
            current = self._lambda.get_function(FunctionName=function)
        except ClientError:
            self._create(name, function, uri)
        else:
            if current["Code"]["ImageUri"] != uri:
                self._lambda.update_function_code(FunctionName=function, ImageUri=uri)
        self._lambda.get_waiter("function_updated_v2").wait(
            FunctionName=function, WaiterConfig={"Delay": 1}
        )
        version = self._lambda.publish_version(FunctionName=function)["Version"]
        aliases = self._lambda.list_aliases(FunctionName=function)["Aliases"]
        if not aliases:
            self._lambda.create_alias(FunctionName=function, Name=ALIAS, FunctionVersion=version)
        return Deployed(function, version, (f"{function}-errors",))

    def _create(self, name: str, function: str, uri: str) -> None:
        entry = self._catalogue.functions[name]

        def named(logical: str) -> str:
            return physical_name(self._catalogue, self._stage, logical)

        self._lambda.create_function(
            FunctionName=function,
            PackageType="Image",
            Code={"ImageUri": uri},
            Role=ROLE,
            Timeout=entry.timeout_s,
            MemorySize=entry.memory_mb,
            Environment={
                "Variables": {
                    **environment(entry, named, "https://queue.invalid/{}".format),
                    # No tracing daemon is looked for.
                    "AWS_SAM_LOCAL": "true",
                }
            },
        )
        self._cloudwatch.put_metric_alarm(
            AlarmName=f"{function}-errors",
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Dimensions=[{"Name": "FunctionName", "Value": function}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )


class Users:
    """Requests through the alias, as AWS divides them.

    The local cloud ignores the alias's weights, so they are drawn here; and it judges alarms when a
    metric is put, not as time goes by.
    """

    def __init__(
        self, endpoint: str, function: str, alias: Callable[[str], Alias], payload: bytes
    ) -> None:
        self._lambda: Any = client("lambda", endpoint)
        self._cloudwatch: Any = client("cloudwatch", endpoint)
        self._function = function
        self._alias = alias
        self._payload = payload
        self._random = random.Random(4)
        self.versions: list[str] = []

    def call(self, times: int) -> None:
        for _ in range(times):
            alias = self._alias(self._function)
            number = self._random.random()
            version = next((v for v, w in alias.weights.items() if number < w), alias.version)
            self._lambda.invoke(
                FunctionName=self._function, Qualifier=version, Payload=self._payload
            )
            self.versions.append(version)
        self._cloudwatch.put_metric_data(
            Namespace="Test", MetricData=[{"MetricName": "Requests", "Value": times}]
        )
