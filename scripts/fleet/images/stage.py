"""The cloud that smoke tests run against: one AWS endpoint on a network that leads nowhere else."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fleet.catalogue import Catalogue, Function, derive
from fleet.emulation import ACCOUNT, client
from fleet.errors import FleetError
from fleet.images import engine
from fleet.images.events import Event
from fleet.images.expect import differences
from fleet.paths import ROOT

if TYPE_CHECKING:
    pass

HOST = "cloud"
PORT = 4566
READY_TIMEOUT_S = 60


@dataclass(frozen=True)
class Stage:
    """A running endpoint: `endpoint` for this process, `environment` for containers.

    Each event has buckets and queues of its own, so that events never see each other's objects.
    """

    network: str
    endpoint: str
    catalogue: Catalogue
    name: str = "smoke"

    @property
    def environment(self) -> dict[str, str]:
        """What leads a function's SDK to the endpoint."""
        return {"AWS_ENDPOINT_URL": f"http://{HOST}:{PORT}"}

    def for_event(self, function: str, event: str) -> Stage:
        """The same endpoint, with the names of one event."""
        digest = hashlib.sha256(f"{function}/{event}".encode()).hexdigest()
        return replace(self, name=f"smoke-{digest[:8]}")

    def bucket(self, logical: str) -> str:
        """The name of a bucket."""
        return derive.physical_name(self.catalogue, self.name, logical)

    def queue_url(self, queue: str) -> str:
        """The URL by which a container reaches a queue."""
        return f"http://{HOST}:{PORT}/{ACCOUNT}/{self._queue(queue)}"

    def prepare(self, function: Function, event: Event) -> None:
        """Make the buckets and queues that the function may use, and the objects given."""
        s3 = client("s3", self.endpoint)
        for bucket in {*function.reads.buckets, *function.writes.buckets}:
            s3.create_bucket(Bucket=self.bucket(bucket))
        sqs = client("sqs", self.endpoint)
        for queue in {*function.reads.queues, *function.writes.queues}:
            sqs.create_queue(QueueName=self._queue(queue))
        for given in event.given.objects:
            content = given.content(ROOT / function.folder)
            s3.put_object(Bucket=self.bucket(given.bucket), Key=given.key, Body=content)

    def differences(self, event: Event) -> list[str]:
        """What of the event's expected objects is not there or not so."""
        s3 = client("s3", self.endpoint)
        found = []
        for expected in event.expect.objects:
            place = f"{expected.bucket}/{expected.key or expected.prefix}"
            listed = s3.list_objects_v2(
                Bucket=self.bucket(expected.bucket), Prefix=expected.key or expected.prefix or ""
            ).get("Contents", [])
            if expected.count is not None and len(listed) != expected.count:
                found.append(f"{place} has {len(listed)} objects, expected {expected.count}")
            if expected.key is None:
                continue
            if expected.key not in {item.get("Key") for item in listed}:
                found.append(f"{place} was not written")
            elif expected.json_ is not None:
                body = s3.get_object(Bucket=self.bucket(expected.bucket), Key=expected.key)
                found += differences(expected.json_, json.load(body["Body"]), place)
        return found

    def _queue(self, logical: str) -> str:
        return derive.physical_name(self.catalogue, self.name, logical)


@contextmanager
def stage(catalogue: Catalogue, image: str) -> Iterator[Stage]:
    """Run the local cloud's `image` on an internal network of its own; remove both at the end."""
    network = f"{catalogue.project}-smoke-{secrets.token_hex(4)}"
    engine.docker("network", "create", "--internal", network)
    container = ""
    try:
        container = engine.docker(
            "run", "--detach", "--publish", f"127.0.0.1::{PORT}", image
        ).strip()
        engine.docker("network", "connect", "--alias", HOST, network, container)
        address = engine.docker("port", container, str(PORT)).split()[0]
        _wait(f"http://{address}", container)
        yield Stage(network, f"http://{address}", catalogue)
    finally:
        if container:
            engine.succeeds("rm", "--force", "--volumes", container)
        engine.succeeds("network", "rm", network)


def _wait(endpoint: str, container: str) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while True:
        try:
            with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                log = engine.logs(container)[-2000:]
                raise FleetError(f"The cloud for smoke tests did not start:\n{log}") from None
            time.sleep(0.05)
