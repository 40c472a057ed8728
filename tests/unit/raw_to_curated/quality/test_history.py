from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import polars as pl

from data_plane.shop_months import START, orders, summarize
from raw_to_curated.quality.history import drift


def report(
    name: str, frame: pl.DataFrame, returns: pl.DataFrame | None = None, **more: Any
) -> dict[str, Any]:
    return {"object_id": name, "quality": summarize(frame, returns), **more}


def months(*pence: int) -> list[dict[str, Any]]:
    return [
        report(f"m{i}", orders(600, start=START + timedelta(days=30 * i), pence=factor))
        for i, factor in enumerate(pence)
    ]


def test_prices_in_pence_are_a_shift_and_nothing_else_is() -> None:
    entries = drift(months(1, 1, 100))
    assert entries[0]["columns"] == {}
    assert {column["level"] for column in entries[1]["columns"].values()} == {"stable"}
    levels = {name: column["level"] for name, column in entries[2]["columns"].items()}
    assert levels.pop("unit_price") == "shifted"
    assert set(levels.values()) == {"stable"}


def test_drift_does_not_depend_on_the_order_of_arrival() -> None:
    reports = months(1, 2, 5, 1)
    expected = drift(reports)
    assert [entry["object_id"] for entry in expected] == ["m0", "m1", "m2", "m3"]
    assert all(drift(arrival) == expected for arrival in permutations(reports))


def test_objects_without_orders_are_left_out_of_the_history() -> None:
    rejected = {"object_id": "r", "status": "rejected"}
    empty = report("e", orders(0))
    assert [entry["object_id"] for entry in drift([rejected, empty, *months(1)])] == ["m0"]


def test_few_rows_are_no_drift() -> None:
    few = report("few", orders(2, start=START + timedelta(days=60)))
    columns = drift([*months(1), few])[1]["columns"].values()
    assert max(column["psi"] for column in columns) > 0.25
    assert {column["level"] for column in columns} == {"stable"}
