from __future__ import annotations

import json
from pathlib import Path

import pytest

from data_plane.sql import Second


def test_facts_agree_with_the_lines(shop: Second) -> None:
    files = f"{shop._folder}/prod/copilot_facts/source=made-up/part-0.jsonl"
    facts = [json.loads(line) for line in Path(files).read_text().splitlines()]
    figures = {(f["dimension"], f["member"], f["metric"], f["currency"]): f for f in facts}
    query = """SELECT count(DISTINCT order_id), sum(quantity), sum(quantity * unit_price)::DOUBLE,
               count(DISTINCT customer_id) FROM go WHERE currency = 'GBP' AND """
    for dimension, member, condition in (
        ("total", "all", "true"),
        ("month", "2011-01", "strftime(day, '%Y-%m') = '2011-01'"),
        ("product", "C", "product_id = 'C'"),
        ("country", "France", "country = 'France'"),
    ):
        (row,) = shop.duckdb.execute(query + condition).fetchall()
        for metric, value in zip(("orders", "units", "revenue", "customers"), row, strict=True):
            # Customers do not add up over months, so there are none of a product or country.
            if metric != "customers" or dimension in ("total", "month"):
                found = figures[dimension, member, metric, "GBP"]["value"]
                assert found == pytest.approx(float(value)), (dimension, metric)
    ranked = [f for f in facts if f["dimension"] == "product" and f["metric"] == "revenue"]
    by_rank = sorted((f for f in ranked if f["currency"] == "GBP"), key=lambda f: f["rank"])
    assert [f["rank"] for f in by_rank] == list(range(1, len(by_rank) + 1))
    assert [f["value"] for f in by_rank] == sorted((f["value"] for f in by_rank), reverse=True)
