"""Runs inside a function's container: sends standard input to the emulator, prints a report.

Usage: python3 -c PROGRAM SECONDS. Standard library only; the report is the JSON of an Invocation
without its log.
"""

import json
import sys
import time
import urllib.error
import urllib.request

URL = "http://127.0.0.1:8080/2015-03-31/functions/function/invocations"
# cgroup version 2, then 1.
PEAK = ("/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes")
EVENTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def first_readable(paths: "tuple[str, ...]") -> str:
    """The content of the first of `paths` that exists."""
    for path in paths:
        try:
            with open(path) as file:
                return file.read()
        except OSError:
            continue
    return ""


def main() -> None:
    """Wait for the emulator to listen, invoke once, report."""
    payload = sys.stdin.buffer.read()
    deadline = time.monotonic() + float(sys.argv[1])
    while True:
        started = time.monotonic()
        try:
            with urllib.request.urlopen(URL, payload, deadline - started) as answer:
                body = answer.read().decode("utf-8", "replace")
            break
        except urllib.error.HTTPError as error:
            body = error.read().decode("utf-8", "replace")
            break
        except urllib.error.URLError:
            # Refused: nothing ran yet, so that trying again does not invoke twice.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    duration = time.monotonic() - started
    fields = dict(line.split()[:2] for line in first_readable(EVENTS).splitlines())
    json.dump(
        {
            "body": body,
            "duration_ms": duration * 1000,
            "peak_mb": int(first_readable(PEAK) or 0) / 1e6,
            "out_of_memory": int(fields.get("oom_kill", 0)) > 0,
        },
        sys.stdout,
    )


main()
