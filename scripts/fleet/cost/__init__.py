"""What a month costs: the catalogue times stated traffic times dated prices."""

from __future__ import annotations

from pathlib import Path

from fleet import console
from fleet.catalogue import Catalogue
from fleet.cost.estimate import estimate
from fleet.cost.inputs import load_prices, load_traffic


def print_estimate(catalogue: Catalogue, traffic: str, *, as_json: bool = False) -> None:
    """Print every item of the bill, the largest first, and what was assumed."""
    prices = load_prices()
    stated = load_traffic(catalogue, Path(traffic) if traffic else None)
    items = sorted(estimate(catalogue, stated, prices), key=lambda item: -item.usd)
    total = sum(item.usd for item in items)
    if as_json:
        console.print_json({"items": [vars(item) for item in items], "usd": total})
        return
    table = console.table(["of", "item"], ["quantity", "USD a month"])
    for item in items:
        table.add_row(item.of, item.what, f"{item.quantity:,.1f} {item.unit}", f"{item.usd:,.2f}")
    table.add_row("total", "", "", f"{total:,.2f}")
    console.out.print(table)
    console.err.print(
        f"Assumed traffic: {stated.source}. Prices of {prices.region}, {prices.written}, without "
        "free tiers and tax; Step Functions, VPC endpoints, KMS and models are not counted."
    )
