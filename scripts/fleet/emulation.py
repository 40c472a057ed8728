"""Emulated AWS, as the local cloud and the smoke tests use it: what it stands for, and clients."""

from __future__ import annotations

import os
from typing import Any, Final

from botocore.config import Config

from fleet.boto_sessions import session
from fleet.catalogue import Catalogue
from fleet.catalogue.derive import Names, physical_name

REGION: Final = "us-east-1"
# The account that ministack gives to credentials which name none.
ACCOUNT: Final = "000000000000"


def arn(service: str, resource: str) -> str:
    """The ARN of a resource of the emulated AWS."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def names(catalogue: Catalogue, environment: str, endpoint: str) -> Names:
    """Names of an environment's resources; functions reach AWS at `endpoint`."""

    def name(logical: str) -> str:
        return physical_name(catalogue, environment, logical)

    return Names(
        bucket=name,
        queue=lambda logical: f"{endpoint}/{ACCOUNT}/{name(logical)}",
        table=name,
        secret=name,
        parameter=lambda logical: f"/{catalogue.project}/{environment}/{logical}",
        function=name,
        service=name,
        state_machine=lambda logical: arn("states", f"stateMachine:{name(logical)}"),
        namespace=f"{catalogue.project}-{environment}",
    )


def client(service: str, endpoint: str, *, timeout_s: float = 60.0) -> Any:
    """A boto3 client that never touches the developer's own AWS configuration.

    `timeout_s` limits one answer, such as that of a synchronous invocation.
    """
    nothing = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return session(nothing).client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=Config(
            read_timeout=timeout_s,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        ),
    )
