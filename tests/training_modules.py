"""The modules of a function's folder `training`, for tests."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from fleet import training
from fleet.catalogue import load
from fleet.paths import CATALOGUE


def loader(function: str) -> Callable[[str], ModuleType]:
    """What gives a module by name. Those of other functions have the same names, so that none
    stays in `sys.modules`."""
    folder = training.folder_of(load(CATALOGUE), function)
    loaded: dict[str, ModuleType] = {}

    def of(name: str) -> ModuleType:
        if name in loaded:
            return loaded[name]
        sys.path.insert(0, str(folder))
        sys.modules.update(loaded)
        try:
            return importlib.import_module(name)
        finally:
            sys.path.remove(str(folder))
            for found, module in list(sys.modules.items()):
                if Path(getattr(module, "__file__", None) or "/").parent == folder:
                    loaded[found] = sys.modules.pop(found)

    return of
