"""Insights on customers that the batch made, read for an answer.

It imports polars, so the API imports it only where it reads a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from datalake.contracts.insights import (
    CUSTOMER_CARDS,
    CUSTOMER_COHORTS,
    CUSTOMER_MODELS,
    CUSTOMER_RECOMMENDATIONS,
    CUSTOMER_SEGMENTS,
    InsightsTable,
)
from datalake.storage import ObjectStorage
from demand_insights_engine import customers_charts
from demand_insights_engine.customers.activity import BgNbd, through_time
from demand_insights_engine.customers_schemas import (
    Activity,
    Cohort,
    Cohorts,
    CustomerCard,
    Figure,
    Leaving,
    LeavingCustomer,
    Quintiles,
    Recommendation,
    Recommendations,
    Retention,
    Scores,
    Segment,
    Segments,
)
from demand_insights_engine.demand_stored import of_currency
from demand_insights_engine.insights import read

_LEVELS = {
    "p_active": 0.9,
    "purchases": 0.9,
    "mean_amount": 0.9,
    "spend": 0.9,
    "p_leaves": 0.95,
}
"""How sure the intervals of the table customer_cards are."""
_ACTIVITY_WEEKS = 104
_VERSIONS = ("model_version", "data_version")


def card(
    storage: ObjectStorage, bucket: str, *, source: str, customer_id: str, currency: str | None
) -> CustomerCard | None:
    """A customer's card; None where there is none. Raises SeveralCurrenciesError."""
    cards = read(storage, bucket, CUSTOMER_CARDS, source)
    if cards is None:
        return None
    found = of_currency(cards.filter(pl.col("customer_id") == customer_id), currency)
    if found.is_empty():
        return None
    row = found.row(0, named=True)
    activity = _activity(_bg_nbd(storage, bucket, source, row["currency"]), row)
    as_they_are = CustomerCard.model_fields.keys() & row.keys() - _LEVELS.keys()
    facts: dict[str, Any] = {name: row[name] for name in as_they_are}
    figures: dict[str, Any] = {name: _figure(row, name) for name in _LEVELS}
    return CustomerCard(
        source=source,
        **facts,
        **figures,
        scores=Scores(**{name: row[f"{name}_score"] for name in Scores.model_fields}),
        activity=activity,
        chart=customers_charts.activity(customer_id, activity),
    )


def segments(
    storage: ObjectStorage, bucket: str, *, source: str, currency: str | None
) -> Segments | None:
    """The segments of a source; None where there are none. Raises SeveralCurrenciesError."""
    rows = _rows(storage, bucket, CUSTOMER_SEGMENTS, source, currency)
    if not rows:
        return None
    found = [
        Segment(**{name: row[name] for name in Segment.model_fields})
        for row in sorted(rows, key=lambda row: (-row["customers"], row["segment"]))
    ]
    first = rows[0]
    return Segments(
        **_named(first, source, "currency", "as_of"),
        quintiles=Quintiles(
            recency_days=first["recency_quintiles"],
            purchase_days=first["frequency_quintiles"],
            net_amount=first["monetary_quintiles"],
        ),
        segments=found,
        chart=customers_charts.segments(found),
    )


def cohorts(
    storage: ObjectStorage, bucket: str, *, source: str, currency: str | None, limit: int
) -> Cohorts | None:
    """The latest cohorts of a source; None where there are none. Raises SeveralCurrenciesError."""
    rows = _rows(storage, bucket, CUSTOMER_COHORTS, source, currency)
    if not rows:
        return None
    by_month: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_month.setdefault(row["cohort"], []).append(row)
    found = [
        Cohort(
            **{name: months[0][name] for name in ("cohort", "customers", "is_first")},
            months=[Retention(**{k: row[k] for k in Retention.model_fields}) for row in months],
        )
        for _, months in sorted(by_month.items())[-limit:]
    ]
    return Cohorts(
        **_named(rows[0], source, "currency"),
        cohorts=found,
        chart=customers_charts.cohorts(found),
    )


def recommendations(
    storage: ObjectStorage, bucket: str, *, source: str, customer_id: str
) -> Recommendations | None:
    """A customer's next-best products, perhaps none; None where the customer is not known."""
    rows = read(storage, bucket, CUSTOMER_RECOMMENDATIONS, source)
    cards = read(storage, bucket, CUSTOMER_CARDS, source)
    if rows is None or cards is None:
        return None
    is_theirs = pl.col("customer_id") == customer_id
    known = cards.filter(is_theirs).head(1).to_dicts()
    of_customer = rows.filter(is_theirs).sort("rank").to_dicts()
    if not known:
        return None
    found = [
        Recommendation(**{name: row[name] for name in Recommendation.model_fields})
        for row in of_customer
    ]
    return Recommendations(
        **_named(known[0], source, "customer_id"),
        products_bought=of_customer[0]["products_bought"] if of_customer else None,
        recommendations=found,
        chart=customers_charts.recommendations(customer_id, found),
    )


def leaving(
    storage: ObjectStorage,
    bucket: str,
    *,
    source: str,
    currency: str | None,
    min_probability: float,
    limit: int,
) -> Leaving | None:
    """The customers who leave with this probability or a greater one, first those whose leaving
    would cost most; None without customers. Raises SeveralCurrenciesError."""
    cards = read(storage, bucket, CUSTOMER_CARDS, source)
    if cards is None or cards.is_empty():
        return None
    cards = of_currency(cards, currency)
    if cards.is_empty():
        return None
    at_risk = (pl.col("p_leaves") * pl.col("spend")).alias("spend_at_risk")
    gone = cards.filter(pl.col("p_leaves") >= min_probability).with_columns(at_risk)
    rows = gone.sort(
        "spend_at_risk",
        "p_leaves",
        "customer_id",
        descending=[True, True, False],
        nulls_last=True,
    ).head(limit)
    found = [
        LeavingCustomer(
            **{name: row[name] for name in ("customer_id", "segment", "last_day", "purchase_days")},
            p_leaves=_figure(row, "p_leaves"),
            spend=_figure(row, "spend"),
            spend_at_risk=row["spend_at_risk"],
        )
        for row in rows.iter_rows(named=True)
    ]
    return Leaving(
        **_named(cards.row(0, named=True), source, "currency", "as_of", "horizon_days"),
        customers_assessed=cards.height - cards["p_leaves"].null_count(),
        customers_leaving=gone.height,
        spend_at_risk=float(gone["spend_at_risk"].sum()),
        customers=found,
        warnings=_of_all(cards),
        chart=customers_charts.leaving(found),
    )


def _rows(
    storage: ObjectStorage, bucket: str, table: InsightsTable, source: str, currency: str | None
) -> Sequence[dict[str, Any]]:
    rows = read(storage, bucket, table, source)
    return [] if rows is None else of_currency(rows, currency).to_dicts()


def _named(row: Mapping[str, Any], source: str, *names: str) -> dict[str, Any]:
    return {"source": source, **{name: row[name] for name in (*names, *_VERSIONS)}}


def _figure(row: Mapping[str, Any], name: str) -> Figure:
    return Figure(
        value=row[name],
        lower=row[f"{name}_lower"],
        upper=row[f"{name}_upper"],
        level=_LEVELS[name],
        as_of=row["as_of"],
        purchase_days=row["purchase_days"],
    )


def _bg_nbd(storage: ObjectStorage, bucket: str, source: str, currency: str) -> BgNbd | None:
    models = read(storage, bucket, CUSTOMER_MODELS, source)
    if models is None:
        return None
    rows = models.filter(currency=currency, model="BG/NBD")
    return BgNbd(**dict(rows.select("parameter", "value").iter_rows())) if rows.height else None


def _activity(model: BgNbd | None, row: Mapping[str, Any]) -> list[Activity]:
    """Week by week until `as_of`; nothing where the model is not known."""
    if model is None:
        return []
    days = _weekly(row["first_day"], row["as_of"])
    found = through_time(model, row["purchased_on"], days)
    return [Activity(day=day, p_active=p) for day, p in zip(days, found.tolist(), strict=True)]


def _weekly(first: date, last: date) -> list[date]:
    weeks = min((last - first).days - 1, 7 * (_ACTIVITY_WEEKS - 1)) // 7
    return [last - timedelta(weeks=back) for back in range(weeks, -1, -1)]


def _of_all(cards: pl.DataFrame) -> list[str]:
    """The warnings that all cards have."""
    counts = cards.select(pl.col("warnings").list.explode()).to_series().value_counts()
    return sorted(counts.filter(count=cards.height)["warnings"].drop_nulls())
