"""The routes of the posture: card data by source, how buckets keep it, open findings."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from compliance_guardian import adapter
from compliance_guardian.posture_schemas import (
    BucketPosture,
    Copy,
    MonthPosture,
    ObjectPosture,
    PostureAnswer,
    RequirementPosture,
    SourceAnswer,
    SourcePosture,
)
from compliance_guardian.requirements import REQUIREMENTS
from datalake.parallel import at_once
from lambda_app.http import HttpRouter, ProblemError

router = HttpRouter()

PAGE = 20
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@router.get("/compliance/posture", summary="The PCI DSS posture of all sources")
def read_posture() -> PostureAnswer:
    """Card data by source, how buckets keep it, open findings, and the requirement of each line."""
    from compliance_guardian import charts

    found = _posture()
    return PostureAnswer(
        at=found.at,
        requirements=[
            RequirementPosture(
                requirement=line.requirement,
                title=REQUIREMENTS[line.requirement],
                state=line.state,
                evidence=line.evidence,
            )
            for line in found.lines
        ],
        sources=[_source(line) for line in found.sources],
        buckets=[
            BucketPosture(
                bucket=one.name,
                encryption=one.encryption,
                expire_days=None if one.expire_days is None else dict(one.expire_days),
                old_versions_days=one.old_versions_days,
                problem=one.problem,
            )
            for one in found.buckets
        ],
        trend=[MonthPosture(**vars(month)) for month in found.trend],
        chart=charts.card_data(found.trend),
    )


@router.get("/compliance/posture.html", summary="The same as a page for people")
def read_page() -> Response[str]:
    """One page that needs nothing else: no script, no font, no request."""
    from compliance_guardian.posture_page import page

    return Response(HTTPStatus.OK, "text/html; charset=utf-8", page(_posture()), _HEADERS)


@router.get("/compliance/posture/<source>", summary="The objects of a source with findings")
def read_source(
    source: Annotated[str, Path(pattern="^[a-z0-9_-]{1,100}$")],
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> SourceAnswer:
    """The objects with readable card data first, each with the files that may hold copies."""
    import polars as pl

    from compliance_guardian import inventory, lineage, posture

    settings, storage = adapter.posture_settings(), adapter.storage()
    rows = inventory.read(storage, settings.insights_bucket, source)
    if rows is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"No object of a source {source} was scanned.")
    counts = ("card_numbers", "track_data", "verification_codes", "personal_data")
    listed = rows.filter(pl.sum_horizontal(counts) > 0).sort(
        "readable", "delivered_at", "object", descending=[True, True, False]
    )
    page = listed.slice(offset, PAGE).to_dicts()
    copies = at_once(
        partial(
            lineage.copies,
            storage,
            settings.curated_bucket,
            source,
            one["object"],
            one["key"],
        )
        for one in page
    )
    [line] = posture.posture({source: rows}, _policies([source]), [], datetime.now(UTC)).sources
    return SourceAnswer(
        posture=_source(line),
        prod=[
            Copy(bucket=place.bucket, key=place.key)
            for place in lineage.prod_tables(storage, settings.prod_bucket, source)
        ],
        objects=[_object(one, places) for one, places in zip(page, copies, strict=True)],
        next=offset + PAGE if offset + PAGE < listed.height else None,
    )


def _object(row: dict[str, Any], places: Any) -> ObjectPosture:
    names = set(ObjectPosture.model_fields) - {"copies"}
    found = None if places is None else [Copy(bucket=p.bucket, key=p.key) for p in places]
    return ObjectPosture(**{name: row[name] for name in names}, copies=found)


def _posture() -> Any:
    from compliance_guardian import inventory, posture

    settings, storage = adapter.posture_settings(), adapter.storage()
    bucket = settings.insights_bucket
    names = inventory.sources(storage, bucket)
    tables = at_once(partial(inventory.read, storage, bucket, name) for name in names)
    inventories = {name: rows for name, rows in zip(names, tables, strict=True) if rows is not None}
    facts = at_once(
        partial(adapter.bucket_facts, name, physical) for name, physical in settings.buckets
    )
    return posture.posture(inventories, _policies(names), facts, datetime.now(UTC))


def _policies(names: list[str]) -> Any:
    from datalake.policies import policy_of

    return {name: policy_of(name) for name in names}


def _source(line: Any) -> SourcePosture:
    names = set(SourcePosture.model_fields)
    return SourcePosture(**{name: getattr(line, name) for name in names})
