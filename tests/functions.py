"""Loads the functions of the catalogue as Lambda would, side by side in one process."""

import importlib.util
import json
import sys
from collections.abc import Callable
from typing import Any

from fleet.catalogue import load
from fleet.paths import CATALOGUE, ROOT


def load_handler(name: str) -> Callable[[Any, Any], Any]:
    """The handler of a function; several functions may have modules of the same name."""
    function = load(CATALOGUE).functions[name]
    source = ROOT / function.folder / "src"
    if str(source) not in sys.path:
        sys.path.append(str(source))
    module_name, attribute = function.handler.split(".")
    unique = f"{name.replace('-', '_')}_{module_name}"
    spec = importlib.util.spec_from_file_location(unique, source / f"{module_name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[unique] = module
    spec.loader.exec_module(module)
    return getattr(module, attribute)


def sample_event(name: str, event: str) -> dict[str, Any]:
    """The event of one of a function's sample events."""
    folder = ROOT / load(CATALOGUE).functions[name].folder
    return json.loads((folder / f"events/{event}.json").read_text())["event"]
