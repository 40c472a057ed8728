"""Keeps numbers out of the logs, whoever writes them."""

from __future__ import annotations

import json
from typing import Any

from compliance_guardian.pci.redaction import redacted
from lambda_app.observability import logger


def install() -> None:
    """Redact every line of the log, errors and their traces too."""
    # Powertools has made its formatter already, and nothing tells its type.
    formatter: Any = logger.registered_formatter
    formatter.json_serializer = _serialised


def _serialised(line: dict[str, Any]) -> str:
    return json.dumps(redacted(json.loads(json.dumps(line, default=str))), separators=(",", ":"))
