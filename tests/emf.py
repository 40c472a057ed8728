"""Metrics in the embedded metric format, as a handler prints them."""

import json
from typing import Any


def documents(output: str) -> list[dict[str, Any]]:
    """The documents of metrics in a handler's output."""
    lines = (line for line in output.splitlines() if '"_aws"' in line)
    return [json.loads(line) for line in lines]


def values(output: str, metric: str) -> list[float]:
    """All values of a metric."""
    return [value for one in documents(output) for value in one.get(metric, [])]


def dimensions(output: str, metric: str) -> list[dict[str, str]]:
    """The sets of dimensions under which a metric is stored."""
    return [
        {name: one[name] for name in names}
        for one in documents(output)
        if metric in one
        for directive in one["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
    ]
