"""The raw files that the demo sends: public data where it is here, a made-up shop elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from fleet.cloud.environments import Progress
from fleet.paths import STATE
from open_data import raw_files, sets
from shop import Parameters
from shop.files import files as shop_files


class RawFile(Protocol):
    """A file for the raw bucket."""

    @property
    def key(self) -> str: ...
    @property
    def content(self) -> bytes: ...


@dataclass(frozen=True)
class Feed:
    """Raw files, one in memory at a time; `description` says in one line what they are."""

    description: str
    files: Iterator[RawFile]


def source_of(key: str) -> str:
    """The source of a raw file, which its key begins with."""
    return key.partition("/")[0]


def feed(shop: Parameters, progress: Progress) -> Feed:
    """Files of every source: with Online Retail on this machine the public ones, else the shop's.

    The shop stands in for sources without public data. Raises FleetError if a package with public
    data cannot be installed.
    """
    retail = sets.online_retail()
    if retail is None:
        return Feed(
            f"a made-up shop, about {shop.lines:,} order lines (seed {shop.seed}); "
            "`make data` fetches the real Online Retail",
            iter(shop_files(shop)),
        )
    package = raw_files.sample_data(STATE / "envs", progress)

    def public() -> Iterator[RawFile]:
        yield from raw_files.monthly_files(retail)
        if cards := sets.card_transactions():
            yield from raw_files.weekly_files(cards)
        yield from raw_files.packaged_files(package)

    def all_sources() -> Iterator[RawFile]:
        sources = set()
        for file in public():
            sources.add(source_of(file.key))
            yield file
        yield from (file for file in shop_files(shop) if source_of(file.key) not in sources)

    return Feed(
        f"Online Retail, {sets.ONLINE_RETAIL_ROWS:,} lines, from {retail.parent}; "
        f"a made-up shop (seed {shop.seed}) for sources without public data",
        all_sources(),
    )
