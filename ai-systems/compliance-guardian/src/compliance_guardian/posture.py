"""The PCI DSS posture: card data by source, how buckets keep it, open findings; from inventories.

It is evidence for an assessment, and no assessment: what cannot be seen from here is `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from datalake.contracts.insights import COMPLIANCE_INVENTORY
from datalake.policies import Action, Policy

_CARD_DATA = ("card_numbers", "track_data", "verification_codes")
TREND_MONTHS = 24


@dataclass(frozen=True)
class BucketFacts:
    """How a bucket keeps objects; None is what could not be seen. `expire_days` are days by prefix,
    `old_versions_days` how long overwritten and deleted objects are kept: 0 without versions."""

    name: str
    encryption: str | None
    expire_days: Mapping[str, int] | None
    old_versions_days: int | None
    problem: str | None = None


@dataclass(frozen=True)
class SourceLine:
    """What the scans found of one source. `readable` counts values that the raw bucket shows."""

    source: str
    policy: str
    bucket: str
    objects: int
    incomplete: int
    with_card_data: int
    card_numbers: int
    track_data: int
    verification_codes: int
    personal_data: int
    readable: int
    first_delivery: datetime | None
    last_delivery: datetime | None

    @property
    def card_data(self) -> int:
        """Card numbers, stripes and codes."""
        return self.card_numbers + self.track_data + self.verification_codes

    @property
    def protected_share(self) -> float | None:
        """The share of card data that the raw bucket does not show; None without any."""
        return 1 - self.readable / self.card_data if self.card_data else None


@dataclass(frozen=True)
class Month:
    """What was delivered in a month, of all sources."""

    month: str
    objects: int
    with_card_data: int
    card_data: int
    readable: int


@dataclass(frozen=True)
class Line:
    """What the evidence says of a requirement: `open`, `none found` or `unknown`."""

    requirement: str
    state: str
    evidence: str


@dataclass(frozen=True)
class Posture:
    """The posture at a time (UTC)."""

    at: datetime
    sources: Sequence[SourceLine]
    buckets: Sequence[BucketFacts]
    trend: Sequence[Month]
    lines: Sequence[Line]


def posture(
    inventories: Mapping[str, pl.DataFrame],
    policies: Mapping[str, Policy],
    buckets: Sequence[BucketFacts],
    at: datetime,
) -> Posture:
    """The posture that follows from the inventory and the policy of each source."""
    sources = [
        _source_line(source, policies[source], rows) for source, rows in sorted(inventories.items())
    ]
    return Posture(at, sources, buckets, _trend(inventories), list(_lines(sources, buckets)))


def _source_line(source: str, policy: Policy, rows: pl.DataFrame) -> SourceLine:
    sums = rows.select(
        pl.len().alias("objects"),
        (~pl.col("is_complete")).sum().alias("incomplete"),
        (pl.sum_horizontal(_CARD_DATA) > 0).sum().alias("with_card_data"),
        *(pl.col(name).sum() for name in (*_CARD_DATA, "personal_data", "readable")),
        pl.col("delivered_at").min().alias("first_delivery"),
        pl.col("delivered_at").max().alias("last_delivery"),
    ).row(0, named=True)
    return SourceLine(source=source, policy=policy.action, bucket=policy.bucket, **sums)


def _trend(inventories: Mapping[str, pl.DataFrame]) -> list[Month]:
    empty = pl.DataFrame(schema=COMPLIANCE_INVENTORY.schema)
    months = (
        pl.concat([empty, *inventories.values()])
        .group_by(pl.col("delivered_at").dt.strftime("%Y-%m").alias("month"))
        .agg(
            pl.len().alias("objects"),
            (pl.sum_horizontal(_CARD_DATA) > 0).sum().alias("with_card_data"),
            pl.sum_horizontal(pl.col(name).sum() for name in _CARD_DATA).alias("card_data"),
            pl.col("readable").sum(),
        )
        .sort("month")
        .tail(TREND_MONTHS)
    )
    return [Month(**row) for row in months.iter_rows(named=True)]


def _lines(sources: Sequence[SourceLine], buckets: Sequence[BucketFacts]) -> Iterator[Line]:
    objects = sum(line.objects for line in sources)
    incomplete = sum(line.incomplete for line in sources)
    readable = [line.source for line in sources if line.readable]
    unseen = [bucket.name for bucket in buckets if bucket.expire_days is None]
    endless = [bucket.name for bucket in buckets if bucket.expire_days == {}]
    yield Line(
        "3.2.1",
        "unknown" if unseen else "open" if readable and endless else "none found",
        f"Without end of retention: {_listed(endless)}. Not seen: {_listed(unseen)}.",
    )
    codes = [s.source for s in sources if s.readable and s.track_data + s.verification_codes]
    yield Line("3.3.1", _state(codes, objects), _readable_in(codes, "Stripes or codes"))
    yield Line(
        "3.4.1",
        "none found" if objects else "unknown",
        "Answers, insights and logs show masked values only.",
    )
    numbers = [line.source for line in sources if line.readable and line.card_numbers]
    yield Line("3.5.1", _state(numbers, objects), _readable_in(numbers, "Card numbers"))
    hashed = [line.source for line in sources if line.policy == Action.HASH]
    yield Line(
        "3.5.1.1",
        "none found" if hashed else "unknown",
        f"Hashed with a key (HMAC-SHA-256): {_listed(hashed)}.",
    )
    yield Line(
        "12.5.2",
        "open" if incomplete else "none found" if objects else "unknown",
        f"{objects} objects scanned, {incomplete} of them not to the end.",
    )
    unexpected = [line.source for line in sources if line.readable and line.policy != Action.REPORT]
    yield Line(
        "12.10.7",
        _state(unexpected, objects),
        _readable_in(unexpected, "Card data of sources that mask, hash or block"),
    )


def _state(found: Sequence[str], objects: int) -> str:
    return "open" if found else "none found" if objects else "unknown"


def _readable_in(found: Sequence[str], what: str) -> str:
    return f"{what} can be read in raw: {_listed(found)}."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
