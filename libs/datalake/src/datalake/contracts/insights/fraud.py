"""What the fraud model says of payments, which are to be investigated, and how well it does.

A `week` is a Monday; where it spans two months, each has a row with its own days. Identifiers that
could be card numbers are masked; `payment_id` and `alert_id` are hashes in letters.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from datalake.contracts import Column
from datalake.contracts.insights.model import VERSION_COLUMNS, InsightsTable
from datalake.contracts.prod import MERGED_TRANSACTIONS

_SYSTEM = "compliance-guardian"
_COUNT = pl.Int64()


def _probability(name: str, description: str, *, nullable: bool = False) -> Column:
    return Column(name, pl.Float64(), description, nullable=nullable, minimum=0.0, maximum=1.0)


def _number(name: str, description: str, unit: str, *, nullable: bool = False) -> Column:
    return Column(name, pl.Float64(), description, unit, nullable=nullable, minimum=0.0)


_PAYMENT_ID = Column("payment_id", pl.String(), "Hash of the payment", pattern="[a-p]{16}")
_PAYMENT = (
    _PAYMENT_ID,
    *(
        replace(MERGED_TRANSACTIONS[name], unit=None)
        for name in ("transaction_id", "customer_id", "terminal_id")
    ),
    *(MERGED_TRANSACTIONS[name] for name in ("transacted_at", "amount", "currency")),
)
_SCORE = (
    _probability("probability", "Calibrated probability of fraud"),
    _probability("lower", "Lower bound of its 90 % interval"),
    _probability("upper", "Upper bound of its 90 % interval"),
)
_WEEK = Column("week", pl.Date(), "Monday of the week", unit="UTC day")

FRAUD_SCORES = InsightsTable(
    name="fraud_scores",
    version="1.0",
    system=_SYSTEM,
    description="The probability of fraud of every payment, from what was known at its time.",
    columns=(*_PAYMENT, *_SCORE, *VERSION_COLUMNS),
    key=("payment_id",),
)

FRAUD_ALERTS = InsightsTable(
    name="fraud_alerts",
    version="1.0",
    system=_SYSTEM,
    description="The cards to be investigated of each day: those with the most probable frauds, as "
    "many as the investigators have time for. A row names the card's most probable fraud.",
    columns=(
        Column(
            "alert_id", pl.String(), "Day, and hash of the card", pattern="[0-9-]{10}-[a-p]{16}"
        ),
        Column("day", pl.Date(), "Day of the payments", unit="UTC day"),
        Column("rank", _COUNT, "Place among the alerts of the day, from 1", minimum=1),
        *_PAYMENT,
        *_SCORE,
        Column("payments", _COUNT, "Payments of the card above the threshold that day", minimum=1),
        Column(
            "reasons",
            pl.String(),
            "What speaks for and against fraud, each with its share of the logarithmic odds",
        ),
        *VERSION_COLUMNS,
    ),
    key=("alert_id",),
)

FRAUD_MONITORING = InsightsTable(
    name="fraud_monitoring",
    version="1.0",
    system=_SYSTEM,
    description="How well scores and alerts did by week, and whether to train again. A label is "
    "known a week after its payment, or once it was investigated.",
    columns=(
        _WEEK,
        Column("days", _COUNT, "Days of the week in this month", "days", minimum=1, maximum=7),
        Column("payments", _COUNT, "Payments", minimum=1),
        Column("labelled", _COUNT, "Payments whose label is known", minimum=0),
        Column("frauds", _COUNT, "Frauds among them", minimum=0),
        _number("expected_frauds", "Sum of their probabilities", "payments"),
        _number("expected_frauds_lower", "Lower bound of a 99 % interval", "payments"),
        _number("expected_frauds_upper", "Upper bound of a 99 % interval", "payments"),
        Column("alerts", _COUNT, "Alerts", minimum=0),
        Column("alerts_labelled", _COUNT, "Alerts whose payments all have known labels", minimum=0),
        Column("alerts_confirmed", _COUNT, "Those with a fraud on that day", minimum=0),
        _probability("precision", "Share of them; null without any", nullable=True),
        _probability("precision_lower", "Lower bound of a 95 % interval (Wilson)", nullable=True),
        _probability("precision_upper", "Upper bound of a 95 % interval (Wilson)", nullable=True),
        Column(
            "shifted_features", _COUNT, "Features that have shifted since the training", minimum=0
        ),
        Column("train_again", pl.Boolean(), "Whether it is time to train again"),
        Column("advice", pl.String(), "Why, or why not"),
        *VERSION_COLUMNS,
    ),
    key=("week",),
)

FRAUD_DRIFT = InsightsTable(
    name="fraud_drift",
    version="1.0",
    system=_SYSTEM,
    description="How far each feature has moved from the training data, by week: the population "
    "stability index. `is_weekend`, which the calendar decides, is left out.",
    columns=(
        _WEEK,
        Column("feature", pl.String(), "Feature of the model"),
        _number("stability_index", "Population stability index", "1"),
        _number("noise", "What chance alone exceeds once in 1,000 times", "1"),
        Column(
            "level", pl.String(), "How far it has moved", allowed=("stable", "moved", "shifted")
        ),
        *VERSION_COLUMNS,
    ),
    key=("week", "feature"),
)

FRAUD_TABLES = (FRAUD_ALERTS, FRAUD_DRIFT, FRAUD_SCORES, FRAUD_MONITORING)
"""In the order in which they are written: where fraud_scores is, alerts and drift are too."""
