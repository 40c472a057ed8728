"""Where things are: reports in the curated bucket, products and the index in the prod bucket."""

from __future__ import annotations

import re
from dataclasses import dataclass

from datalake.products import COPILOT_FACTS, Product

_REPORT = re.compile(r"data-quality/source=([a-z0-9_-]+)/object=([a-z0-9-]+)/report\.json")


@dataclass(frozen=True)
class CuratedObject:
    """A raw object as curation names it."""

    source: str
    object_id: str

    @property
    def report_key(self) -> str:
        """Key in the curated bucket of the report on the newest version."""
        return f"data-quality/source={self.source}/object={self.object_id}/report.json"


def curated_object(report_key: str) -> CuratedObject | None:
    """The object that a report is on; None if the key is not that of a report."""
    match = _REPORT.fullmatch(report_key)
    return CuratedObject(match[1], match[2]) if match else None


def product_prefix(product: Product, source: str) -> str:
    """Prefix in the prod bucket of a source's partitions of a product."""
    return f"{product.name}/source={source}/"


def data_key(product: Product, source: str, period: str) -> str:
    """Key of a partition's rows. Engines read JSON Lines under the same keys as Parquet."""
    suffix = "jsonl" if product == COPILOT_FACTS else "parquet"
    return f"{_folder(product, source, period)}part-0.{suffix}"


def manifest_key(product: Product, source: str, period: str) -> str:
    """Key of what a partition was made from. Engines pass over names that begin with _."""
    return f"{_folder(product, source, period)}_manifest.json"


def _folder(product: Product, source: str, period: str) -> str:
    prefix = product_prefix(product, source)
    return f"{prefix}{product.partition}={period}/" if period else prefix


def period_of_key(product: Product, key: str) -> str | None:
    """The period of a data key; None for other keys."""
    match = re.search(r"(?:=([0-9-]+)/)?part-0\.(?:parquet|jsonl)\Z", key)
    if match is None:
        return None
    return (match[1] or "") if product.partition else ""


def index_prefix(table: str, source: str) -> str:
    """Prefix in the prod bucket of a source's index of a curated table."""
    return f"_index/{table}/source={source}/"


def index_key(table: str, source: str, period: str, object_id: str) -> str:
    """Key of the mark that an object has, or once had, rows of a table in a period."""
    return f"{index_prefix(table, source)}period={period}/object={object_id}"


def indexed(key: str) -> tuple[str, str]:
    """Period and object id of an index key."""
    period, object_id = key.rsplit("/", 2)[1:]
    return period.removeprefix("period="), object_id.removeprefix("object=")
