"""A small shop in a few objects, and what was published of it."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from curated_to_prod.service import Service
from curated_to_prod.settings import Settings
from data_plane.curated_objects import curate, frame
from datalake.contracts.curated import ORDERS, RETURNS
from datalake.layout import is_internal
from datalake.memory import MemoryStorage

SETTINGS = Settings(curated_bucket="curated", prod_bucket="prod")
Tables = dict[str, pl.DataFrame]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def line(order: str, product: str, when: str, **more: Any) -> dict[str, Any]:
    return {
        "order_id": order,
        "product_id": product,
        "quantity": 2,
        "unit_price": Decimal("1.5000"),
        "currency": "GBP",
        "ordered_at": at(when),
        "customer_id": "1",
        "country": "France",
        **more,
    }


def sales(lines: list[dict[str, Any]], returned: list[dict[str, Any]] | None = None) -> Tables:
    credited = [{"is_cancellation": True, **row} for row in returned or []]
    return {"orders": frame(ORDERS, lines), "returns": frame(RETURNS, credited)}


JANUARY = sales([line("1", "A", "2011-01-05"), line("2", "B", "2011-01-31T23:59")])
FEBRUARY = sales(
    [line("2", "B", "2011-01-31T23:59"), line("3", "A", "2011-02-03")],
    [line("C4", "A", "2011-02-04", quantity=1)],
)


def put(storage: MemoryStorage, name: str, tables: Tables, source: str = "shop") -> str:
    return curate(storage, source, name, tables)


def process(storage: MemoryStorage, *keys: str) -> Any:
    return Service(storage, SETTINGS).process(*keys)


def state(storage: MemoryStorage) -> dict[str, object]:
    """The products: all but what is internal, and but partitions that have lost their rows."""
    contents = {
        key: value
        for (bucket, key), value in storage.snapshot().items()
        if bucket == "prod" and not is_internal(key)
    }
    empty = {
        key.rpartition("/")[0]
        for key, (_, metadata) in contents.items()
        if metadata.get("rows") == "0"
    }
    return {key: value for key, value in contents.items() if key.rpartition("/")[0] not in empty}


def result_of(*objects: tuple[str, Tables]) -> dict[str, object]:
    """The products when each object is there once and processed in order."""
    storage = MemoryStorage()
    for name, tables in objects:
        process(storage, put(storage, name, tables))
    return state(storage)


def rows(storage: MemoryStorage, key: str) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(storage.get("prod", key).body))


def manifest(storage: MemoryStorage, folder: str) -> Any:
    return json.loads(storage.get("prod", f"{folder}/_manifest.json").body)
