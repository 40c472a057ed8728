"""A function's log as the endpoint keeps it; containers come and go, their log group stays."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from fleet.cloud.folders import State
from fleet.emulation import client

POLL_S = 0.5


def lines(state: State, function: str, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a function's log group."""
    cloudwatch = client("logs", state.endpoint)
    group = f"/aws/lambda/{state.project}-{function}"
    seen: Counter[tuple[str, int, str]] = Counter()
    while True:
        try:
            pages = cloudwatch.get_paginator("filter_log_events").paginate(logGroupName=group)
            events = [event for page in pages for event in page["events"]]
        except cloudwatch.exceptions.ResourceNotFoundException:
            events = []  # never invoked
        # The endpoint gives events no id, and equal lines are lines of their own.
        now = Counter((e["logStreamName"], e["timestamp"], e["message"]) for e in events)
        for _, _, message in (now - seen).elements():
            yield message.rstrip("\n")
        seen = now
        if not follow:
            return
        time.sleep(POLL_S)
