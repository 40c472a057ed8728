"""Loads the functions of the catalogue as Lambda would, side by side in one process."""

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from datalake.memory import MemoryStorage
from fleet.catalogue import derive, load
from fleet.catalogue.model import Function
from fleet.images import events
from fleet.images.expect import differences
from fleet.paths import CATALOGUE, ROOT
from queue_messages import FakeQueues


@dataclass
class App:
    """A function of the data plane, and what it works on in a test."""

    module: ModuleType
    context: object
    storage: MemoryStorage
    queues: FakeQueues = field(default_factory=FakeQueues)

    def invoke(self, event: dict[str, Any]) -> Any:
        """What the handler answers."""
        return self.module.lambda_handler(event, self.context)


def make_importable() -> None:
    """Put the sources of every function of the catalogue on the path.

    Their packages have names of their own; `load_module` keeps the handlers' modules apart.
    """
    catalogue = load(CATALOGUE)
    sys.path += [str(ROOT / catalogue.folder_of(owner) / "src") for owner in catalogue.images]


def load_module(name: str) -> ModuleType:
    """The module of a function's handler; several functions may have modules of the same name."""
    function = _function(name)
    source = folder(name) / "src"
    module_name = function.handler.split(".")[0]
    unique = f"{name.replace('-', '_')}_{module_name}"
    spec = importlib.util.spec_from_file_location(unique, f"{source}/{module_name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    spec.loader.exec_module(module)
    return module


def load_handler(name: str) -> Callable[[Any, Any], Any]:
    """The handler of a function."""
    return getattr(load_module(name), _function(name).handler.split(".")[1])


def load_in_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of a function's handler, with `environment` set."""
    for variable, value in environment(name).items():
        monkeypatch.setenv(variable, value)
    return load_module(name)


def environment(name: str) -> dict[str, str]:
    """What a function finds in its environment; all but queues is called as in the catalogue."""
    names = derive.Names(
        bucket=str,
        queue=queue_url,
        table=str,
        secret=str,
        parameter=str,
        function=str,
        service=str,
        state_machine="arn:aws:states:eu-west-1:0:stateMachine:{}".format,
        namespace="fleet-test",
    )
    return {
        **derive.variables(load(CATALOGUE), name, names),
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }


def queue_url(queue: str) -> str:
    """The URL of a queue in `environment`."""
    return f"https://sqs.local/{queue}"


def sample_event(name: str, event: str) -> dict[str, Any]:
    """The event of one of a function's sample events."""
    sample = sample_events(name)[event]
    return json.loads(sample.payload(environment(name)))


def sample_events(name: str) -> dict[str, events.Event]:
    """All sample events of a function by name."""
    return events.load(load(CATALOGUE), name)


def replay(
    name: str, event: str, invoke: Callable[[dict[str, Any]], Any], storage: MemoryStorage
) -> list[str]:
    """Invoke with a sample event; how response and objects differ from what it expects."""
    sample = sample_events(name)[event]
    for given in sample.given.objects:
        content = given.content(folder(name))
        storage.write(given.bucket, given.key, content, given.metadata)
    found = differences(sample.expect.response, invoke(sample_event(name, event)))
    for expected in sample.expect.objects:
        place = f"{expected.bucket}/{expected.key or expected.prefix}"
        keys = list(storage.keys(expected.bucket, expected.key or expected.prefix or ""))
        if expected.count is not None and len(keys) != expected.count:
            found.append(f"{place} has {len(keys)} objects, expected {expected.count}")
        if expected.key is not None and expected.key not in keys:
            found.append(f"{place} was not written")
        elif expected.key is not None and expected.json_ is not None:
            body = storage.get(expected.bucket, expected.key).body
            found += differences(expected.json_, json.loads(body), place)
    return found


def folder(name: str) -> Path:
    """The folder of the image of a function."""
    return ROOT / load(CATALOGUE).folder_of(name)


def _function(name: str) -> Function:
    return load(CATALOGUE).functions[name]
