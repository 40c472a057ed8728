"""What stands in for Terraform and for parts of AWS that the local cloud lacks."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from fleet.catalogue import Catalogue, derive
from fleet.cloud.provision import ROLE
from fleet.emulation import client, names
from fleet.images import sandbox
from fleet.release.cloud import ALIAS, Alias
from fleet.release.environments import Environment
from fleet.release.infrastructure import (
    Artifacts,
    Deployed,
    FailureMetrics,
    PackageType,
    variables,
)


class StandIn:
    """Makes an environment's functions on the local cloud as the main root does on AWS.

    A changed image or package publishes a version; the alias is made once and then left alone.
    """

    def __init__(
        self, catalogue: Catalogue, environment: Environment, endpoint: str, registry: str
    ) -> None:
        self._catalogue = catalogue
        self._environment = environment
        self._registry = registry
        self._lambda: Any = client("lambda", endpoint)
        self._cloudwatch: Any = client("cloudwatch", endpoint)
        self._variables: dict[str, Any] = {}

    def plan(self, artifacts: Artifacts) -> None:
        self._variables = variables(artifacts)

    def apply(self) -> list[Deployed]:
        types: tuple[PackageType, ...] = ("image", "zip")
        return [
            self._function(name, package_type)
            for package_type in types
            for owner in self._environment.packaged(self._catalogue, package_type)
            for name in self._catalogue.functions_of(owner)
        ]

    def _function(self, name: str, package_type: PackageType) -> Deployed:
        function = derive.physical_name(self._catalogue, self._environment.name, name)
        owner = self._catalogue.owner_of(name)
        if package_type == "zip":
            function += "-zip"
            code = self._zip(owner)
            wanted = self._variables["zips"][owner]["source_code_hash"]
        else:
            code = self._image(owner)
            wanted = code["ImageUri"]
        try:
            current = self._lambda.get_function(FunctionName=function)
        except ClientError:
            self._create(name, function, code)
        else:
            runs = current["Code"].get("ImageUri") or current["Configuration"]["CodeSha256"]
            if runs != wanted:
                self._lambda.update_function_code(FunctionName=function, **code)
        self._lambda.get_waiter("function_updated_v2").wait(
            FunctionName=function, WaiterConfig={"Delay": 1}
        )
        version = self._lambda.publish_version(FunctionName=function)["Version"]
        aliases = self._lambda.list_aliases(FunctionName=function)["Aliases"]
        if not aliases:
            self._lambda.create_alias(FunctionName=function, Name=ALIAS, FunctionVersion=version)
        parallel = package_type != self._catalogue.package_type_of(name)
        alarms = () if parallel else (f"{function}-errors",)
        entry = self._catalogue.functions[name]
        named = names(self._catalogue, self._environment.name, "https://aws.invalid")
        failures = FailureMetrics(named.namespace, ("MessagesFailed",), entry.alarms.errors)
        return Deployed(name, function, version, package_type, alarms, failures, parallel)

    def _image(self, name: str) -> dict[str, str]:
        digest = self._variables["images"][name].partition("@")[2]
        return {"ImageUri": f"{self._registry}/{self._catalogue.project}/{name}@{digest}"}

    def _zip(self, name: str) -> dict[str, str]:
        package = self._variables["zips"][name]
        return {"S3Bucket": package["bucket"], "S3Key": package["key"]}

    def _create(self, name: str, function: str, code: dict[str, str]) -> None:
        entry = self._catalogue.functions[name]
        named = names(self._catalogue, self._environment.name, "https://aws.invalid")
        command = sandbox.command(self._catalogue, name)
        as_image = {"PackageType": "Image", "ImageConfig": {"Command": command} if command else {}}
        as_zip = {"Runtime": self._environment.zip_runtime, "Handler": entry.handler}
        self._lambda.create_function(
            FunctionName=function,
            Code=code,
            Role=ROLE,
            **(as_image if "ImageUri" in code else as_zip),
            Timeout=entry.timeout_s,
            MemorySize=entry.memory_mb,
            Environment={
                "Variables": {
                    **derive.variables(self._catalogue, name, named),
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
