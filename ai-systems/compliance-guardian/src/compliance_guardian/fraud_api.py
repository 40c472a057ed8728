"""The routes on fraud: request in, domain call, answer out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus
from itertools import chain
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from compliance_guardian import charts, fraud_adapter
from compliance_guardian.fraud import alert_table, names
from compliance_guardian.fraud.alert_table import (
    AlertTable,
    ClosedAlertError,
    CursorError,
    Filter,
    Status,
    UnknownAlertError,
)
from compliance_guardian.fraud.costs import best_threshold, curve
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.label_table import ContradictionError, Investigation, LabelTable
from compliance_guardian.fraud.online import learn, observe, warnings
from compliance_guardian.fraud.payments import Payment
from compliance_guardian.fraud_schemas import (
    MAX_ALERTS,
    Alert,
    AlertsAnswer,
    Closing,
    CostPoint,
    CostsAnswer,
    Decision,
    LabelsAnswer,
    LabelsRequest,
    LabelStatus,
    Probability,
    ReasonItem,
    ScoreItem,
    ScoresAnswer,
    ScoresRequest,
    StoredLabel,
)
from compliance_guardian.pci.redaction import redacted_text
from datalake.parallel import at_once
from lambda_app.http import HttpRouter, ProblemError

router = HttpRouter()

AlertId = Annotated[str, Path(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-p]{16}$")]
Day = Annotated[date | None, Query(description="Only alerts of this day, UTC")]
MinProbability = Annotated[Probability, Query(description="Only alerts from this probability on")]
WantedStatus = Annotated[Status | None, Query(description="Only alerts of this status")]
Limit = Annotated[int, Query(ge=1, le=MAX_ALERTS, description="Most alerts of the page")]
Cursor = Annotated[str | None, Query(max_length=200, description="`cursor` of the page before")]


@router.post("/fraud/scores", summary="Score payments")
def score_payments(request: ScoresRequest) -> ScoresAnswer:
    """Say how probable fraud is, whether to investigate, and why. Nothing is stored."""
    model, costs = fraud_adapter.model(), fraud_adapter.settings().costs
    payments = [item.of(request.source) for item in request.payments]
    rows = _features(request, payments)
    scores = model.score(rows, explain=request.explain)
    threshold = best_threshold(curve(model.calibration, costs), costs)
    items = [
        ScoreItem(
            payment_id=names.payment_id(payment),
            probability=score.probability,
            lower=score.lower,
            upper=score.upper,
            decision=Decision.INVESTIGATE if score.probability >= threshold else Decision.ACCEPT,
            log_odds=score.log_odds,
            reasons=[ReasonItem(**vars(reason)) for reason in score.reasons],
            warnings=warnings(values),
        )
        for payment, values, score in zip(payments, rows, scores, strict=True)
    ]
    return ScoresAnswer(
        model_version=model.version, threshold=threshold, bias=model.bias, scores=items
    )


@router.post("/fraud/labels", summary="Take in what investigations found")
def store_labels(request: LabelsRequest) -> LabelsAnswer:
    """Store each label; those of known payments count from now on, the others once they arrive."""
    investigations = [
        Investigation(item.payment.of(request.source), item.is_fraud, item.investigated_at)
        for item in request.labels
    ]
    statuses = _store(investigations)
    accepted = [
        one
        for one, status in zip(investigations, statuses, strict=True)
        if status != LabelStatus.CONTRADICTED
    ]
    known = learn(HistoryTable(fraud_adapter.histories(), at_once), accepted)
    return LabelsAnswer(
        labels=[
            StoredLabel(
                payment_id=names.payment_id(one.payment),
                status=status,
                is_known=one.payment.identity in known,
            )
            for one, status in zip(investigations, statuses, strict=True)
        ]
    )


@router.get("/fraud/alerts", summary="Page through alerts")
def list_alerts(
    day: Day = None,
    min_probability: MinProbability = 0.0,
    status: WantedStatus = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> AlertsAnswer:
    """The cards to be investigated, the newest day first, of a day the most probable fraud."""
    table = AlertTable(fraud_adapter.alerts())
    try:
        page = table.page(Filter(day, min_probability, status), limit, cursor)
    except CursorError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{error}; leave it out to begin with the first page.",
            errors=[{"detail": str(error), "in": "query", "parameter": "cursor"}],
        ) from error
    return AlertsAnswer(alerts=[_alert(one) for one in page.alerts], cursor=page.cursor)


@router.post("/fraud/alerts/<alert_id>/close", summary="Close an alert")
def close_alert(alert_id: AlertId, closing: Closing) -> Alert:
    """Close an alert with a reason. What was found of payments goes to /fraud/labels."""
    caller = router.caller
    try:
        closed = AlertTable(fraud_adapter.alerts()).close(
            alert_id,
            redacted_text(closing.reason),
            redacted_text(caller.subject) if caller else None,
            datetime.now(UTC),
        )
    except UnknownAlertError as error:
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            f"There is no alert {alert_id}; GET /fraud/alerts lists them.",
            errors=[{"detail": "unknown", "in": "path", "parameter": "alert_id"}],
        ) from error
    except ClosedAlertError as error:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"The alert was closed at {error} for another reason, which stays.",
            errors=[{"detail": "another reason", "pointer": "#/reason"}],
        ) from error
    return _alert(closed)


@router.get("/fraud/costs", summary="Show where the threshold comes from")
def show_costs() -> CostsAnswer:
    """The expected cost of every threshold on payments that the model was not trained on."""
    model, costs = fraud_adapter.model(), fraud_adapter.settings().costs
    points = curve(model.calibration, costs)
    return CostsAnswer(
        model_version=model.version,
        alert=costs.alert,
        missed=costs.missed,
        threshold=best_threshold(points, costs),
        points=[CostPoint(**vars(point)) for point in points],
        cost_chart=charts.costs(points),
        calibration_chart=charts.calibration(model.calibration),
    )


def _features(request: ScoresRequest, payments: Sequence[Payment]) -> list[list[float]]:
    """Of each payment those that the request gives, or else those of the histories."""
    given = [item.values for item in request.payments]
    unseen = [payment for payment, values in zip(payments, given, strict=True) if values is None]
    computed = iter(observe(HistoryTable(fraud_adapter.histories()), unseen))
    return [next(computed) if values is None else values for values in given]


def _store(investigations: Sequence[Investigation]) -> list[LabelStatus]:
    """Store all, those of one payment one after the other."""
    table = LabelTable(fraud_adapter.labels())
    by_payment: defaultdict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(investigations):
        by_payment[one.payment.identity].append(place)
    statuses = dict(
        chain.from_iterable(
            at_once(
                partial(_store_each, table, [(place, investigations[place]) for place in places])
                for places in by_payment.values()
            )
        )
    )
    return [statuses[place] for place in range(len(investigations))]


def _store_each(
    table: LabelTable, investigations: Sequence[tuple[int, Investigation]]
) -> list[tuple[int, LabelStatus]]:
    statuses = []
    for place, one in investigations:
        try:
            status = LabelStatus.STORED if table.add(one) else LabelStatus.REPEATED
        except ContradictionError:
            status = LabelStatus.CONTRADICTED
        statuses.append((place, status))
    return statuses


def _alert(alert: alert_table.Alert) -> Alert:
    reasons = json.loads(str(alert["reasons"]))
    return Alert.model_validate({**alert, "reasons": reasons})
