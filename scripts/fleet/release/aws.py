"""AWS through boto3, behind the ports of fleet.release.cloud."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from fleet.boto_sessions import session
from fleet.errors import FleetError
from fleet.images import engine
from fleet.release.cloud import (
    ALIAS,
    Alias,
    Answer,
    FailureMetric,
    Identity,
    Limits,
    MovedByOtherError,
    Version,
)

# The most alarms that one call to CloudWatch describes by name.
ALARMS_AT_ONCE = 100
# The most metrics that one call to CloudWatch reads.
METRICS_AT_ONCE = 500
# Lambda's longest timeout, and time for the answer.
INVOKE_S = 930
# terraform/registry/main.tf keeps what has such a tag.
RELEASE_PREFIX = "release-"
# As fleet.images.tags makes them: a content hash and the architecture.
BUILD_TAG = re.compile(r"[0-9a-f]{16}-(?P<architecture>x86_64|arm64)")
CONDITION_FAILED = {
    "PreconditionFailedException", "PreconditionFailed", "ConditionalRequestConflict",
}  # fmt: skip


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Aws:
    """Lambda, CloudWatch and STS of one region, with the credentials of the environment."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._lambda: Any = _client("lambda", region)
        # Sent once: a second try after a lost answer would invoke twice.
        once = Config(read_timeout=INVOKE_S, retries={"total_max_attempts": 1})
        self._invoker: Any = _client("lambda", region, once)
        self._cloudwatch: Any = _client("cloudwatch", region)
        self._sts: Any = _client("sts", region)

    def identity(self) -> Identity:
        with errors():
            answer = self._sts.get_caller_identity()
        return Identity(account=answer["Account"], caller=answer["Arn"])

    def limits(self) -> Limits:
        with errors():
            answer = self._lambda.get_account_settings()
        return Limits(
            concurrent_executions=answer["AccountLimit"]["ConcurrentExecutions"],
            code_bytes=answer["AccountLimit"]["TotalCodeSize"],
            code_bytes_used=answer["AccountUsage"]["TotalCodeSize"],
        )

    def version(self, function: str, number: str) -> Version:
        with errors():
            answer = self._lambda.get_function(FunctionName=function, Qualifier=number)
        configuration, code = answer["Configuration"], answer["Code"]
        resolved = code.get("ResolvedImageUri")
        return Version(
            number=number,
            state=configuration.get("State", "Active"),
            last_update=configuration.get("LastUpdateStatus", "Successful"),
            reason=configuration.get("StateReason")
            or configuration.get("LastUpdateStatusReason")
            or "AWS gives no reason",
            artifact=resolved.partition("@")[2] if resolved else configuration["CodeSha256"],
            environment=configuration.get("Environment", {}).get("Variables", {}),
        )

    def alias(self, function: str) -> Alias:
        with errors():
            return _alias(self._lambda.get_alias(FunctionName=function, Name=ALIAS))

    def move(self, function: str, seen: Alias, version: str, weights: Mapping[str, float]) -> Alias:
        with errors():
            return _alias(
                self._lambda.update_alias(
                    FunctionName=function,
                    Name=ALIAS,
                    FunctionVersion=version,
                    RoutingConfig={"AdditionalVersionWeights": dict(weights)},
                    RevisionId=seen.revision,
                )
            )

    def invoke(self, function: str, version: str, payload: bytes) -> Answer:
        with errors():
            answer = self._invoker.invoke(FunctionName=function, Qualifier=version, Payload=payload)
            return Answer(answer.get("FunctionError"), answer["Payload"].read().decode())

    def in_alarm(self, alarms: Iterable[str]) -> set[str]:
        names = sorted(alarms)
        found: set[str] = set()
        for start in range(0, len(names), ALARMS_AT_ONCE):
            with errors():
                answer = self._cloudwatch.describe_alarms(
                    AlarmNames=names[start : start + ALARMS_AT_ONCE],
                    StateValue="ALARM",
                    MaxRecords=ALARMS_AT_ONCE,
                )
            found |= {alarm["AlarmName"] for alarm in answer["MetricAlarms"]}
        return found

    def totals(
        self, metrics: Sequence[FailureMetric], since: float, until: float
    ) -> dict[FailureMetric, float]:
        totals = dict.fromkeys(metrics, 0.0)
        for start in range(0, len(metrics), METRICS_AT_ONCE):
            asked = metrics[start : start + METRICS_AT_ONCE]
            pages = self._cloudwatch.get_paginator("get_metric_data").paginate(
                MetricDataQueries=[_sum(f"m{i}", metric) for i, metric in enumerate(asked)],
                StartTime=datetime.fromtimestamp(since, UTC),
                EndTime=datetime.fromtimestamp(until, UTC),
            )
            with errors():
                for page in pages:
                    for result in page["MetricDataResults"]:
                        totals[asked[int(result["Id"][1:])]] += sum(result["Values"])
        return totals


def _sum(query: str, metric: FailureMetric) -> dict[str, Any]:
    """A query for a metric's sum by minute."""
    dimensions = {"service": metric.function, "function_version": metric.version}
    return {
        "Id": query,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": v} for name, v in dimensions.items()],
            },
            "Period": 60,
            "Stat": "Sum",
        },
    }


class Bucket:
    """An S3 bucket with conditional writes."""

    def __init__(self, name: str, region: str) -> None:
        self.name = name
        self._s3: Any = _client("s3", region)

    def exists(self) -> bool:
        """Whether the bucket is there; no permission counts as an error."""
        try:
            self._s3.head_bucket(Bucket=self.name)
        except ClientError as error:
            if _code(error) in ("404", "NoSuchBucket"):
                return False
            raise FleetError(f"bucket {self.name}: {error}") from error
        except BotoCoreError as error:
            raise FleetError(f"AWS cannot be asked: {error}") from error
        return True

    def keys(self, prefix: str) -> list[str]:
        return list(self.times(prefix))

    def times(self, prefix: str) -> dict[str, datetime]:
        with errors():
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=prefix
            )
            listed = [entry for page in pages for entry in page.get("Contents", [])]
        return {entry["Key"]: entry["LastModified"] for entry in listed}

    def get(self, key: str) -> tuple[bytes, str]:
        with errors():
            answer = self._s3.get_object(Bucket=self.name, Key=key)
            return answer["Body"].read(), answer["ETag"]

    def put(self, key: str, content: bytes, seen: str | None) -> str:
        condition = {"IfNoneMatch": "*"} if seen is None else {"IfMatch": seen}
        with errors():
            answer = self._s3.put_object(
                Bucket=self.name,
                Key=key,
                Body=content,
                ContentType="application/json",
                **condition,
            )
        tag: str = answer["ETag"]
        return tag

    def upload(self, key: str, path: Path, sha256: str) -> None:
        with path.open("rb") as content, errors():
            self._s3.put_object(
                Bucket=self.name, Key=key, Body=content, ChecksumSHA256=sha256, IfNoneMatch="*"
            )


class Images:
    """What AWS holds of images in one region: repositories, and versions that use them."""

    def __init__(self, region: str) -> None:
        self._ecr: Any = _client("ecr", region)
        self._lambda: Any = _client("lambda", region)

    def log_in(self) -> None:
        """Give Docker the credentials for the account's registry; they hold for 12 hours."""
        with errors():
            [data] = self._ecr.get_authorization_token()["authorizationData"]
        user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
        engine.docker(
            "login", "--username", user, "--password-stdin", data["proxyEndpoint"], stdin=password
        )

    def has(self, repository: str) -> bool:
        """Whether the repository is there."""
        with errors():
            try:
                self._ecr.describe_repositories(repositoryNames=[repository])
            except self._ecr.exceptions.RepositoryNotFoundException:
                return False
        return True

    def stored(self, repository: str) -> Iterator[dict[str, Any]]:
        """Every image: imageDigest, imageTags, imagePushedAt, imageSizeInBytes."""
        with errors():
            pages = self._ecr.get_paginator("describe_images").paginate(repositoryName=repository)
            for page in pages:
                yield from page["imageDetails"]

    def newest(self, repository: str, architecture: str) -> str | None:
        """The build for `architecture` that was pushed last, as tag@digest; None if there is none.

        An image that somebody pushed by hand under another kind of tag is not a build.
        """
        if not self.has(repository):
            return None
        builds = [
            (image["imagePushedAt"], f"{tag}@{image['imageDigest']}")
            for image in self.stored(repository)
            for tag in image.get("imageTags", ())
            if (match := BUILD_TAG.fullmatch(tag)) and match["architecture"] == architecture
        ]
        return max(builds)[1] if builds else None

    def repositories(self, prefix: str) -> list[str]:
        """The names of all repositories that begin with `prefix`."""
        with errors():
            pages = self._ecr.get_paginator("describe_repositories").paginate()
            names = [r["repositoryName"] for page in pages for r in page["repositories"]]
        return sorted(name for name in names if name.startswith(prefix))

    def used(self) -> dict[str, str]:
        """By digest, a version that runs it: every version of every function of the region."""
        found: dict[str, str] = {}
        with errors():
            pages = self._lambda.get_paginator("list_functions").paginate()
            functions = [f for page in pages for f in page["Functions"]]
            versions = self._lambda.get_paginator("list_versions_by_function")
            for name in (f["FunctionName"] for f in functions if f["PackageType"] == "Image"):
                for page in versions.paginate(FunctionName=name):
                    for version in (v["Version"] for v in page["Versions"]):
                        for digest in self._digests(name, version):
                            found.setdefault(digest, f"{name}:{version}")
        return found

    def _digests(self, function: str, version: str) -> set[str]:
        code = self._lambda.get_function(FunctionName=function, Qualifier=version)["Code"]
        uris = (code.get("ResolvedImageUri"), code.get("ImageUri"))
        return {digest for uri in uris if uri and (digest := uri.partition("@")[2])}

    def keep(self, repository: str, tag_and_digest: str) -> None:
        """Tag an image as released, so that the lifecycle policy leaves it alone."""
        tag, _, digest = tag_and_digest.partition("@")
        with errors():
            [image] = self._ecr.batch_get_image(
                repositoryName=repository, imageIds=[{"imageDigest": digest}]
            )["images"]
            try:
                self._ecr.put_image(
                    repositoryName=repository,
                    imageManifest=image["imageManifest"],
                    imageManifestMediaType=image["imageManifestMediaType"],
                    imageTag=f"{RELEASE_PREFIX}{tag}",
                    imageDigest=digest,
                )
            except self._ecr.exceptions.ImageAlreadyExistsException:
                return

    def delete(self, repository: str, digests: list[str]) -> None:
        """Delete images with all their tags. Raises FleetError naming what could not be."""
        for start in range(0, len(digests), 100):
            with errors():
                answer = self._ecr.batch_delete_image(
                    repositoryName=repository,
                    imageIds=[{"imageDigest": d} for d in digests[start : start + 100]],
                )
            if answer["failures"]:
                failure = answer["failures"][0]
                raise FleetError(
                    f"{repository}: {failure['imageId']} is not deleted: {failure['failureReason']}"
                )


@contextmanager
def errors() -> Iterator[None]:
    """Turn what boto3 raises into a FleetError that says what to do."""
    try:
        yield
    except ClientError as error:
        code = _code(error)
        if code in CONDITION_FAILED:
            raise MovedByOtherError("somebody else has changed it meanwhile") from error
        if code in ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"):
            raise FleetError(f"the AWS credentials are not valid any more: {error}") from error
        raise FleetError(f"AWS refuses: {error}") from error
    except BotoCoreError as error:
        raise FleetError(
            f"AWS cannot be asked: {error}. Choose credentials with AWS_PROFILE; "
            "`aws sts get-caller-identity` shows whose they are"
        ) from error


def _client(service: str, region: str, config: Config | None = None) -> Any:
    with errors():
        return session().client(service, region_name=region, config=config)


def _alias(answer: Mapping[str, Any]) -> Alias:
    routing = answer.get("RoutingConfig") or {}
    return Alias(
        version=answer["FunctionVersion"],
        revision=answer["RevisionId"],
        weights=dict(routing.get("AdditionalVersionWeights") or {}),
    )


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
