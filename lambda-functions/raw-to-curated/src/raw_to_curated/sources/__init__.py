"""The declared sources. A new source is one module here with a constant SOURCE."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from raw_to_curated.sources.model import Source

_NOT_A_SOURCE = {"model"}


def _load() -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name not in _NOT_A_SOURCE:
            source: Source = import_module(f"{__name__}.{module.name}").SOURCE
            sources[source.name] = source
    return sources


SOURCES = _load()


def source_of(key: str) -> Source | None:
    """The source of a raw key `<source>/…`; None if there is none of that name."""
    prefix, slash, _ = key.partition("/")
    return SOURCES.get(prefix) if slash else None
