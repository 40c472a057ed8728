"""The routes on unusual weeks of the past, and on what changed in the last full week."""

from __future__ import annotations

from functools import partial

from demand_insights_engine import stored
from demand_insights_engine.changes_schemas import Anomalies, Movers
from demand_insights_engine.parameters import AnyLevel, AnyName, Currency, Level, Limit, Source
from lambda_app.http import HttpRouter

router = HttpRouter()


@router.get("/demand/<source>/anomalies", summary="Unusual weeks of the past, strongest first")
def read_anomalies(
    source: Source,
    level: AnyLevel = None,
    name: AnyName = None,
    currency: Currency = None,
    limit: Limit = 20,
) -> Anomalies:
    """Weeks whose demand the weeks around them and their season do not explain."""
    from demand_insights_engine import changes_stored

    read = partial(
        changes_stored.anomalies,
        source=source,
        level=level,
        name=name,
        currency=currency,
        limit=limit,
    )
    wanted = " ".join(one for one in (level, name, currency) if one) or "demand"
    return stored.answer(read, f"{wanted} of source {source}")


@router.get("/demand/<source>/movers", summary="What changed since last week")
def read_movers(
    source: Source, level: Level = "product", currency: Currency = None, limit: Limit = 10
) -> Movers:
    """The top risers and fallers, and how the change of the total splits over the products."""
    from demand_insights_engine import changes_stored

    read = partial(
        changes_stored.movers, source=source, level=level, currency=currency, limit=limit
    )
    return stored.answer(read, f"last week of source {source} beside earlier ones")
