"""Invokes images through the runtime interface emulator, limited as Lambda would limit them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from fleet.catalogue import Catalogue, Function
from fleet.errors import FleetError
from fleet.images import engine, sandbox
from fleet.images.build import Image
from fleet.images.events import Event
from fleet.images.expect import differences
from fleet.images.smoke_cloud import SmokeCloud

# "Invocation payload", synchronous, in "Lambda quotas"; the emulator checks only the response.
PAYLOAD_BYTES = 6 * 1024 * 1024
# Lambda gives initialisation 10 s; emulation and a busy machine get as much again.
START_TIMEOUT_S = 20
LABEL = "dev.fleet.smoke"
INIT_REPORT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")
HINTS = {
    "Read-only file system": "in Lambda only /tmp can be written to",
    "No space left on device": "the disk is full; raise ephemeral_storage_mb or write less",
    "Runtime.ImportModuleError": "a package is missing in requirements.in, or CMD is wrong",
    "Runtime.HandlerNotFound": "CMD names a function that the module does not have",
    "Function not found": "a called function answers only if given.answers says what",
}


@dataclass(frozen=True)
class Outcome:
    """How one event went; no failures means that it passed."""

    function: str
    event: str
    failures: list[str]
    init_ms: float = 0.0
    duration_ms: float = 0.0
    peak_mb: float = 0.0
    log: str = ""


@dataclass(frozen=True)
class Invocation:
    """What an invocation left behind."""

    body: str
    log: str
    duration_ms: float
    peak_mb: float
    out_of_memory: bool


def smoke(
    catalogue: Catalogue,
    image: Image,
    function_name: str,
    event_name: str,
    event: Event,
    cloud: SmokeCloud | None,
) -> Outcome:
    """Invoke a function of `image` with one event and compare; some events need a `cloud`."""
    function = catalogue.functions[function_name]
    environment = (
        cloud.environment(function_name)
        if cloud
        else sandbox.environment(catalogue, function_name, "smoke")
    )
    payload = event.payload(environment)
    if len(payload) > PAYLOAD_BYTES:
        message = f"the event has {len(payload):,} bytes; Lambda takes {PAYLOAD_BYTES:,}"
        return Outcome(function_name, event_name, [message])
    network = "none"
    if cloud:
        try:
            cloud.prepare(function_name, event)
        except FleetError as error:
            return Outcome(function_name, event_name, [str(error)])
        network = cloud.network
    command = sandbox.command(catalogue, function_name)
    with _container(image, function, command, network, environment) as container:
        invocation = _invoke(container, function, payload)
    init = INIT_REPORT.search(invocation.log)
    init_ms = float(init[1]) if init else 0.0
    failures = _failures(function, event, invocation)
    if not failures and init_ms > function.budgets.init_ms:
        failures = [
            f"initialisation took {init_ms:.0f} ms, over its budget of "
            f"{function.budgets.init_ms} ms; import less at module level"
        ]
    if not failures and cloud:
        failures = list(cloud.differences(event))
    return Outcome(
        function_name, event_name, failures, init_ms, invocation.duration_ms, invocation.peak_mb,
        invocation.log if failures else "",
    )  # fmt: skip


def _failures(function: Function, event: Event, invocation: Invocation) -> list[str]:
    """The emulator answers 200 whatever happened; the body and the cgroup tell."""
    body = invocation.body
    if invocation.out_of_memory:
        return [f"out of memory: killed at memory_mb = {function.memory_mb}"]
    if body.startswith("Task timed out after"):
        return [f"{body.strip()}: timeout_s = {function.timeout_s} in functions.yaml"]
    try:
        response: Any = json.loads(body) if body else None
    except ValueError:
        return [f"no JSON response: {body[:200]!r}"]
    if (
        isinstance(response, dict)
        and _is_error(response)
        and differences(event.expect.response, response)
    ):
        text = f"{response['errorType']}: {response.get('errorMessage', '')}"
        hint = next((h for word, h in HINTS.items() if word in text), None)
        return [f"the handler failed: {text}" + (f" ({hint})" if hint else "")]
    return differences(event.expect.response, response)


def _is_error(response: Mapping[str, Any]) -> bool:
    return "errorType" in response and "errorMessage" in response


@contextmanager
def _container(
    image: Image,
    function: Function,
    command: list[str],
    network: str,
    environment: Mapping[str, str],
) -> Iterator[str]:
    options = sandbox.options(function, network, environment, engine.cpus())
    container = engine.docker(
        "run", "--detach", "--label", LABEL, "--platform", engine.PLATFORMS[image.architecture],
        *options, image.reference, *command,
    ).strip()  # fmt: skip
    try:
        yield container
    finally:
        engine.succeeds("rm", "--force", "--volumes", container)


def _invoke(container: str, function: Function, payload: bytes) -> Invocation:
    """Invoke from inside the container, which needs neither a port nor a network."""
    program = files("fleet.images").joinpath("invoke_inside.py").read_text()
    deadline = START_TIMEOUT_S + function.timeout_s
    command = ["exec", "--interactive", container, "python3", "-c", program, str(deadline)]
    try:
        output = engine.docker(*command, stdin=payload.decode(), timeout=deadline + 10)
        report = json.loads(output)
    except (FleetError, subprocess.TimeoutExpired, ValueError) as error:
        log = engine.logs(container)
        raise FleetError(f"the container did not answer: {error}\n{log[-2000:]}") from error
    return Invocation(log=engine.logs(container), **report)
