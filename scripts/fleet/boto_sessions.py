"""boto3 sessions that share the descriptions of services, which botocore is slow to read."""

from __future__ import annotations

from typing import Any, Final

import boto3
import botocore.session
from botocore.loaders import create_loader

LOADER: Final = create_loader()


def session(variables: dict[str, tuple[Any, Any, Any, Any]] | None = None) -> Any:
    """A new session; `variables` are botocore's session variables that differ from its own."""
    made = botocore.session.Session(session_vars=variables)
    made.register_component("data_loader", LOADER)
    return boto3.session.Session(botocore_session=made)
