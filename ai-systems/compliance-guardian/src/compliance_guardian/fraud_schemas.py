"""Requests and answers of the routes on fraud."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from math import nan
from operator import itemgetter
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from compliance_guardian.fraud.alert_table import Status
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.payments import MINOR, Payment

MAX_PAYMENTS = 1_000
MAX_ALERTS = 500
# Clocks of terminals may be fast.
_AHEAD = timedelta(days=1)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_MAX_AMOUNT = 1_000_000_000
# Powertools makes the text of every request for its debug log, also where nobody reads it.
_Many = Field(min_length=1, max_length=MAX_PAYMENTS, repr=False)
_NAMES = tuple(feature.name for feature in FEATURES)
_NAMED = frozenset(_NAMES)
_in_order = itemgetter(*_NAMES)

Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Source = Annotated[
    str,
    Field(pattern="^[a-z0-9_-]+$", max_length=64, description="Source of the payments in raw"),
]
Features = dict[str, FiniteFloat | None]
Probability = Annotated[float, Field(ge=0, le=1)]


def _not_ahead(at: datetime) -> datetime:
    if at > datetime.now(UTC) + _AHEAD:
        raise ValueError("is in the future")
    return at


Instant = Annotated[AwareDatetime, Field(ge=_EARLIEST), AfterValidator(_not_ahead)]


class PaymentItem(BaseModel):
    """A payment as the source delivers it to the raw bucket."""

    model_config = ConfigDict(extra="forbid")

    transaction_id: Identifier | None = None
    transacted_at: Annotated[Instant, Field(description="With a time zone")]
    customer_id: Annotated[Identifier, Field(description="Customer, or the holder of the card")]
    terminal_id: Identifier | None = None
    amount: Annotated[
        Decimal,
        Field(ge=0, le=_MAX_AMOUNT, decimal_places=4, description="In the unit of the currency"),
    ]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217")]
    quantity: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    def of(self, source: str) -> Payment:
        """The payment in the terms of the domain."""
        return Payment(
            source,
            self.transaction_id,
            self.transacted_at.astimezone(UTC),
            self.customer_id,
            self.terminal_id,
            int(self.amount * MINOR),
            self.currency,
            self.quantity,
        )


class PaymentToScore(PaymentItem):
    """A payment, with all its features where the caller has them; null where one does not apply."""

    features: Features | None = None

    @field_validator("features")
    @classmethod
    def _every_feature(cls, features: Features | None) -> Features | None:
        if features is not None and features.keys() != _NAMED:
            missing = [name for name in _NAMES if name not in features]
            unknown = [name for name in features if name not in _NAMES]
            raise ValueError(f"missing: {', '.join(missing)}; unknown: {', '.join(unknown)}")
        return features

    @property
    def values(self) -> list[float] | None:
        """The features in the order of FEATURES, NaN for null; None if there are none."""
        if self.features is None:
            return None
        return [nan if value is None else value for value in _in_order(self.features)]


class ScoresRequest(BaseModel):
    """Payments to score, in any order; those of a customer see one another in the order of time.

    Without `features` they are computed from what the batch knows of customer and terminal.
    """

    model_config = ConfigDict(extra="forbid")

    source: Source = "card-transactions"
    payments: Annotated[list[PaymentToScore], _Many]
    explain: Annotated[bool, Field(description="Whether to give reasons")] = True


class Decision(StrEnum):
    """What costs less by expectation."""

    ACCEPT = "accept"
    INVESTIGATE = "investigate"


class ReasonItem(BaseModel):
    """What speaks for fraud, or against it."""

    code: str
    text: str
    contribution: Annotated[FiniteFloat, Field(description="Added to the logarithmic odds")]


class ScoreItem(BaseModel):
    """The score of a payment. The answer's `bias` and the contributions of the reasons add up to
    `log_odds`, the logarithm of the odds of the probability."""

    payment_id: Annotated[str, Field(description="Hash of the payment, as in insights")]
    probability: Annotated[Probability, Field(description="Calibrated probability of fraud")]
    lower: Annotated[Probability, Field(description="Lower bound of its 90 % interval")]
    upper: Annotated[Probability, Field(description="Upper bound of its 90 % interval")]
    decision: Decision
    log_odds: FiniteFloat
    reasons: Annotated[list[ReasonItem], Field(description="Empty unless asked for")]
    warnings: Annotated[list[str], Field(description="What the score could not rest on")]


class ScoresAnswer(BaseModel):
    """A score for each payment, in their order."""

    model_version: str
    threshold: Annotated[Probability, Field(description="Probability from which to investigate")]
    bias: Annotated[FiniteFloat, Field(description="The log-odds before any reason counts")]
    costs: Annotated[str, Field(description="Where the threshold comes from")] = "/fraud/costs"
    scores: list[ScoreItem]


class LabelItem(BaseModel):
    """What an investigation found of a payment."""

    model_config = ConfigDict(extra="forbid")

    payment: PaymentItem
    is_fraud: bool
    investigated_at: Annotated[Instant, Field(description="When it ended, with a time zone")]

    @field_validator("investigated_at")
    @classmethod
    def _after_the_payment(cls, at: datetime, info: ValidationInfo) -> datetime:
        payment = info.data.get("payment")
        if payment and at < payment.transacted_at:
            raise ValueError("is before the payment")
        return at


class LabelsRequest(BaseModel):
    """Investigations; of several of one payment, the newest counts."""

    model_config = ConfigDict(extra="forbid")

    source: Source = "card-transactions"
    labels: Annotated[list[LabelItem], _Many]


class LabelStatus(StrEnum):
    """What became of a label."""

    STORED = "stored"
    REPEATED = "repeated"
    CONTRADICTED = "contradicted"
    """Another investigation of the very same time found the opposite; it stays."""


class StoredLabel(BaseModel):
    """A label that was taken in. An unknown payment may arrive later; a wrong one never does."""

    payment_id: str
    status: LabelStatus
    is_known: Annotated[bool, Field(description="Whether the batch has seen the payment")]


class LabelsAnswer(BaseModel):
    """An entry for each label, in their order."""

    labels: list[StoredLabel]


class Alert(BaseModel):
    """A card to be investigated on account of a day, by its most probable fraud.

    Identifiers that could be card numbers are masked.
    """

    alert_id: str
    source: str
    day: date
    rank: Annotated[int, Field(description="Place among the alerts of the day, from 1")]
    payment_id: str
    transaction_id: str | None
    customer_id: str
    terminal_id: str | None
    transacted_at: datetime
    amount: Decimal
    currency: str
    payments: Annotated[int, Field(description="Payments of the card above the threshold")]
    probability: Probability
    lower: Probability
    upper: Probability
    reasons: list[ReasonItem]
    model_version: str
    status: Status
    reason: Annotated[str | None, Field(description="Why it was closed")]
    closed_at: datetime | None
    closed_by: str | None


class AlertsAnswer(BaseModel):
    """Alerts: the newest day first, of a day the most probable fraud."""

    alerts: list[Alert]
    cursor: Annotated[str | None, Field(description="For the next page; null on the last one")]


class Closing(BaseModel):
    """Why an alert needs no more work."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class CostPoint(BaseModel):
    """What a threshold costs for each 1,000 payments, with a 95 % interval."""

    threshold: Probability
    cost: float
    lower: float
    upper: float
    alerts: Annotated[Probability, Field(description="Share of payments with an alert")]
    found: Annotated[Probability | None, Field(description="Share of frauds with an alert")]


class CostsAnswer(BaseModel):
    """Expected cost by threshold on payments that the model was not trained on, with charts
    (Vega-Lite) of it and of the calibration."""

    model_version: str
    alert: Annotated[float, Field(description="Cost of an alert")]
    missed: Annotated[float, Field(description="Cost of a fraud without an alert")]
    threshold: Annotated[Probability, Field(description="That of the least cost")]
    points: list[CostPoint]
    cost_chart: dict[str, Any]
    calibration_chart: dict[str, Any]
