"""The version of the methods that forecasts and figures of customers come from."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from modelkit.artefact import load

_VERSION = "1.0"
_PACKAGES = (
    "forecasting",
    *(
        f"demand_insights_engine.{one}"
        for one in ("changes", "customers", "demand", "response", "stock")
    ),
)


@cache
def methods_version() -> str:
    """A number, and a hash of the modules that hold the methods, and of the trained prior."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted(files(package).rglob("*.py")):  # type: ignore[attr-defined]
            digest.update(path.read_bytes())
    digest.update(load("demand_insights_engine").content)
    return f"{_VERSION}+{digest.hexdigest()[:12]}"
