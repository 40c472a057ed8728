"""How buckets keep objects, as Amazon S3 says."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from compliance_guardian.posture import BucketFacts

_NOT_SET = {
    "ServerSideEncryptionConfigurationNotFoundError": "none",
    "NoSuchLifecycleConfiguration": {},
}


def facts(s3: Any, name: str, bucket: str) -> BucketFacts:
    """The facts of the bucket that the catalogue calls `name`; what S3 does not tell is None."""
    problems: list[str] = []

    def asked(operation: str) -> Any:
        try:
            return getattr(s3, operation)(Bucket=bucket)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _NOT_SET:
                return _NOT_SET[code]
            problems.append(f"{operation}: {code}")
        except BotoCoreError as error:
            problems.append(f"{operation}: {type(error).__name__}")
        return None

    encryption = asked("get_bucket_encryption")
    lifecycle = asked("get_bucket_lifecycle_configuration")
    versioning = asked("get_bucket_versioning")
    return BucketFacts(
        name,
        encryption if isinstance(encryption, str | None) else _algorithm(encryption),
        None if lifecycle is None else dict(_expirations(lifecycle.get("Rules", []))),
        _old_versions_days(versioning, lifecycle),
        "; ".join(problems) or None,
    )


def _algorithm(answer: Any) -> str:
    [rule] = answer["ServerSideEncryptionConfiguration"]["Rules"]
    return str(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])


def _expirations(rules: list[Any]) -> list[tuple[str, int]]:
    return [
        (_prefix(rule), rule["Expiration"]["Days"])
        for rule in rules
        if rule["Status"] == "Enabled" and "Days" in rule.get("Expiration", {})
    ]


def _old_versions_days(versioning: Any, lifecycle: Any) -> int | None:
    """How long every replaced object stays; None where that is unknown or without an end."""
    if versioning is None or lifecycle is None:
        return None
    if "Status" not in versioning:
        return 0
    days = [
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        for rule in lifecycle.get("Rules", [])
        if rule["Status"] == "Enabled"
        and "NoncurrentVersionExpiration" in rule
        and not _prefix(rule)
    ]
    return min(days, default=None)


def _prefix(rule: Any) -> str:
    return str(rule.get("Filter", {}).get("Prefix") or rule.get("Prefix") or "")
