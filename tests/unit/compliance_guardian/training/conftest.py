"""The modules of the training folder, which are no package."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from fleet import training
from fleet.catalogue import load
from fleet.paths import CATALOGUE

FOLDER = training.folder_of(load(CATALOGUE), "compliance-guardian")


@pytest.fixture(scope="session")
def training_module() -> Iterator[Callable[[str], ModuleType]]:
    """A module by name. Those of other functions have the same names, so that none stays behind."""
    loaded: dict[str, ModuleType] = {}

    def of(name: str) -> ModuleType:
        if name in loaded:
            return loaded[name]
        sys.path.insert(0, str(FOLDER))
        sys.modules.update(loaded)
        try:
            return importlib.import_module(name)
        finally:
            sys.path.remove(str(FOLDER))
            for found, module in list(sys.modules.items()):
                if Path(getattr(module, "__file__", None) or "/").parent == FOLDER:
                    loaded[found] = sys.modules.pop(found)

    return of
