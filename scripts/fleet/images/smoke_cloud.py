"""The cloud that smoke tests run against: one AWS endpoint on a network that leads nowhere else."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from fleet import emulation, key_value_stores
from fleet.catalogue import Catalogue, derive
from fleet.emulation import ACCOUNT, client
from fleet.errors import FleetError
from fleet.images import dynamodb_items, engine, sandbox
from fleet.images.events import Event, ExpectedObject, problems
from fleet.images.expect import differences
from fleet.paths import ROOT

HOST = "cloud"
PORT = 4566
INTERNAL_ENDPOINT = f"http://{HOST}:{PORT}"
READY_TIMEOUT_S = 60
CANNED = "import json\n\ndef handler(event, context):\n    return json.loads({!r})\n"


@dataclass(frozen=True)
class SmokeCloud:
    """A running endpoint: `endpoint` for this process, `INTERNAL_ENDPOINT` for containers.

    Each event has names of its own, so that events never see each other's data.
    """

    network: str
    endpoint: str
    catalogue: Catalogue
    name: str = "smoke"

    @property
    def names(self) -> derive.Names:
        """The environment that functions get."""
        return emulation.names(self.catalogue, self.name, INTERNAL_ENDPOINT)

    def environment(self, function: str) -> dict[str, str]:
        """The environment of a function that finds the endpoint."""
        return sandbox.environment(self.catalogue, function, self.name, INTERNAL_ENDPOINT)

    def for_event(self, function: str, event: str) -> SmokeCloud:
        """The same endpoint, with the names of one event."""
        digest = hashlib.sha256(f"{function}/{event}".encode()).hexdigest()
        return replace(self, name=f"smoke-{digest[:8]}")

    def prepare(self, name: str, event: Event) -> None:
        """Make what the function may use, and what the event gives.

        Raises FleetError for an event that the function's entry in the catalogue does not allow,
        and for an item that DynamoDB refuses.
        """
        function = self.catalogue.functions[name]
        if found := list(problems(event, self.catalogue, function)):
            raise FleetError("; ".join(found))
        uses, given, names = derive.uses(function), event.given, self.names
        s3 = client("s3", self.endpoint)
        for bucket in uses.buckets:
            s3.create_bucket(Bucket=names.bucket(bucket))
        for each in given.objects:
            content = each.content(ROOT / self.catalogue.folder_of(name))
            s3.put_object(
                Bucket=names.bucket(each.bucket),
                Key=each.key,
                Body=content,
                Metadata=each.metadata,
            )
        sqs = client("sqs", self.endpoint)
        queues = {*uses.queues, *([derive.dead_letters(name)] if derive.consumes(function) else [])}
        for queue in queues:
            sqs.create_queue(QueueName=derive.physical_name(self.catalogue, self.name, queue))
        declared = key_value_stores.declared(
            self.catalogue, names, uses.tables, function.secrets, function.parameters
        )
        list(key_value_stores.provision(declared, self.endpoint, given.secrets, given.parameters))
        if given.items:
            dynamodb = client("dynamodb", self.endpoint)
            for item in given.items:
                dynamodb_items.put(dynamodb, names.table(item.table), item)
        if given.answers:
            self._answer(given.answers)

    def differences(self, event: Event) -> Iterator[str]:
        """What of the event's expected objects and items is not there or not so."""
        s3 = client("s3", self.endpoint)
        for expected in event.expect.objects:
            yield from self._object(s3, expected)
        if event.expect.items:
            dynamodb = client("dynamodb", self.endpoint)
            for item in event.expect.items:
                name = self.names.table(item.table)
                table = self.catalogue.tables[item.table]
                yield from dynamodb_items.differences(dynamodb, name, table, item)

    def _object(self, s3: Any, expected: ExpectedObject) -> Iterator[str]:
        bucket = self.names.bucket(expected.bucket)
        prefix = expected.key or expected.prefix or ""
        place = f"{expected.bucket}/{expected.key or expected.prefix}"
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        if expected.count is not None and len(listed) != expected.count:
            yield f"{place} has {len(listed)} objects, expected {expected.count}"
        if expected.key is None:
            return
        if expected.key not in {item.get("Key") for item in listed}:
            yield f"{place} was not written"
        elif expected.json_ is not None:
            body = s3.get_object(Bucket=bucket, Key=expected.key)["Body"]
            yield from differences(expected.json_, json.load(body), place)

    def _answer(self, answers: Mapping[str, Any]) -> None:
        """Create the functions that are called; each returns one fixed answer."""
        functions = client("lambda", self.endpoint)
        for logical, answer in answers.items():
            code = io.BytesIO()
            with zipfile.ZipFile(code, "w") as package:
                package.writestr("canned.py", CANNED.format(json.dumps(answer)))
            functions.create_function(
                FunctionName=self.names.function(logical),
                Runtime="python3.13",
                Handler="canned.handler",
                Role=f"arn:aws:iam::{ACCOUNT}:role/lambda",
                Code={"ZipFile": code.getvalue()},
            )


@contextmanager
def smoke_cloud(catalogue: Catalogue, image: str) -> Iterator[SmokeCloud]:
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
        yield SmokeCloud(network, f"http://{address}", catalogue)
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
