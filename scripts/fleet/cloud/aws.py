"""Clients of the local cloud's AWS endpoint."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from fleet.cloud.plan import REGION


def client(service: str, endpoint: str, *, timeout_s: float = 60.0) -> Any:
    """A boto3 client that never touches the developer's own AWS configuration.

    `timeout_s` limits one answer, such as that of a synchronous invocation.
    """
    session: Any = boto3.session.Session()
    return session.client(
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
