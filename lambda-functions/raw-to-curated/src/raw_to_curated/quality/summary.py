"""Figures of one object's orders and returns for its report: compact, deterministic, JSON-ready."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from raw_to_curated.quality.keys import PRODUCT
from raw_to_curated.quality.line_types import GOODS

# Logarithmic, and the same for every object, so that objects compare.
_STEPS = (1, 2, 5)
# From text, because polars 2.1 misreads a Decimal with a positive exponent such as 1E+1.
PRICE_EDGES = tuple(
    Decimal(f"{Decimal(step).scaleb(power):f}") for power in range(-2, 5) for step in _STEPS
)
QUANTITY_EDGES = tuple(step * 10**power for power in range(5) for step in _STEPS)

OTHERS = "(others)"
"""Stands for the categories behind the most frequent ones."""

_SHOWN_CATEGORIES = 50
_SHOWN_OUTLIERS = 10
_SHOWN_CHARACTERS = 80
_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
# Rows are counted by the finest unit of which the object spans at most so many hours.
_TIME_UNITS = (("hour", "1h", "%Y-%m-%dT%H:00Z", 48), ("day", "1d", "%Y-%m-%d", 92 * 24))
_MONTH = ("month", "1mo", "%Y-%m")
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S%.6fZ"


def summarize(orders: pl.DataFrame, returns: pl.DataFrame | None) -> dict[str, Any]:
    """The `quality` section of a report, from the frames that `assess` made.

    Histograms count the values below the first edge, from each edge to the next, and from the last
    edge on. Prices and quantities are those of product lines. Times are UTC; prices are text.
    """
    goods = orders.filter(pl.col("line_type") == GOODS)
    section: dict[str, Any] = {
        "orders": {
            **_table(orders),
            "outliers": int(orders["is_outlier"].sum()),
            "near_duplicates": orders.height - orders["near_duplicate_of"].null_count(),
            "imputed": _imputed(orders["imputed_columns"]),
            "distinct": {
                "orders": orders["order_id"].n_unique(),
                "products": orders.select(PRODUCT).to_series().n_unique(),
                "customers": orders["customer_id"].drop_nulls().n_unique(),
            },
            "unit_price": _distribution(goods["unit_price"], PRICE_EDGES),
            "quantity": _distribution(goods["quantity"], QUANTITY_EDGES),
            "rows_over_time": _over_time(orders["ordered_at"]),
            "top_outliers": _top_outliers(goods),
        }
    }
    if returns is not None:
        section["returns"] = {
            **_table(returns),
            "cancellations": int(returns["is_cancellation"].sum()),
            "matched": returns.height - returns["matched_line_number"].null_count(),
        }
    return section


def _table(frame: pl.DataFrame) -> dict[str, Any]:
    times = frame.select(
        # Formatted by polars: Python's time zones need a tz database, which slim images lack.
        min=pl.col("ordered_at").min().dt.strftime(_TIME_FORMAT),
        max=pl.col("ordered_at").max().dt.strftime(_TIME_FORMAT),
    )
    return {
        "rows": frame.height,
        "time_range": times.row(0, named=True),
        "null_counts": frame.null_count().row(0, named=True),
        "line_types": _categories(frame["line_type"]),
        "countries": _categories(frame["country"]),
    }


def _categories(values: pl.Series) -> dict[str, int]:
    """Rows of the most frequent values, most frequent first, then of all others."""
    counts = (
        values.str.head(_SHOWN_CHARACTERS)
        .value_counts()
        .sort(["count", values.name], descending=[True, False])
    )
    shown = dict(counts.head(_SHOWN_CATEGORIES).rows())
    rest = int(counts.slice(_SHOWN_CATEGORIES)["count"].sum())
    return {**shown, OTHERS: rest} if rest else shown


def _imputed(columns: pl.Series) -> dict[str, int]:
    names = columns.filter(columns != "").str.split(",").explode()
    counts: dict[str, int] = dict(names.value_counts().sort(names.name).iter_rows())
    return counts


def _distribution(values: pl.Series, edges: Sequence[Decimal | int]) -> dict[str, Any]:
    is_from = [int((values >= edge).sum()) for edge in edges]
    counts = [
        above - below for above, below in zip([values.len(), *is_from], [*is_from, 0], strict=True)
    ]
    quantiles = {
        f"p{quantile * 100:g}": _plain(_quantile(values, quantile)) for quantile in _QUANTILES
    }
    return {
        "min": _plain(values.min()),
        **quantiles,
        "max": _plain(values.max()),
        "histogram": {"edges": [_plain(edge) for edge in edges], "counts": counts},
    }


def _quantile(values: pl.Series, quantile: float) -> Any:
    """The value at the nearest lower rank, exactly as it is in the table."""
    ordered = values.sort()
    return ordered[int(quantile * (len(ordered) - 1))] if len(ordered) else None


def _plain(value: Any) -> Any:
    """A number that JSON holds exactly: Decimal as text, without exponent and idle zeros."""
    if not isinstance(value, Decimal):
        return value
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _over_time(times: pl.Series) -> dict[str, Any]:
    """Rows per hour, day or month, whichever suits the span; units without rows are left out."""
    if times.is_empty():
        return {"unit": "day", "rows": {}}
    span = times.alias("time").to_frame().select(pl.col("time").max() - pl.col("time").min())
    hours = span["time"].dt.total_hours().item()
    unit, every, form = next(
        ((unit, every, form) for unit, every, form, most in _TIME_UNITS if hours <= most), _MONTH
    )
    counts = (
        times.alias("time")
        .dt.truncate(every)
        .value_counts()
        .sort("time")
        .with_columns(pl.col("time").dt.strftime(form))
    )
    return {"unit": unit, "rows": dict(counts.rows())}


def _top_outliers(goods: pl.DataFrame) -> list[dict[str, Any]]:
    """The outliers with the greatest scores, with what is usual for their products."""
    usual = goods.select(
        "line_number",
        "order_id",
        "product_id",
        "description",
        "quantity",
        "unit_price",
        "outlier_score",
        "is_outlier",
        pl.col("quantity").median().over(PRODUCT).alias("usual_quantity"),
        pl.col("unit_price").cast(pl.Float64).median().over(PRODUCT).alias("usual_unit_price"),
    )
    top = (
        usual.filter("is_outlier")
        .drop("is_outlier")
        .sort(["outlier_score", "line_number"], descending=[True, False])
        .head(_SHOWN_OUTLIERS)
    )
    return [
        {name: _shortened(_plain(value)) for name, value in row.items()}
        for row in top.iter_rows(named=True)
    ]


def _shortened(value: Any) -> Any:
    return value[:_SHOWN_CHARACTERS] if isinstance(value, str) else value
