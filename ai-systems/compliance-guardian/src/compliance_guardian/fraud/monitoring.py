"""How well scores and alerts did, week by week, and whether it is time to train again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

import polars as pl

from compliance_guardian.fraud.features import FEATURES, LABEL_DAYS
from compliance_guardian.fraud.names import alert_id
from compliance_guardian.fraud.payment_rows import PaymentRows, week
from compliance_guardian.fraud.replay import Verdicts
from datalake.contracts.insights import FRAUD_MONITORING
from modelkit.shares import share

_QUANTILE_90 = 1.645
_QUANTILE_99 = 2.576
_LISTED = 5
# A few features shift with the season, and as long as a source is new. Of these labels tell more.
_MOST_SHIFTED = len(FEATURES) // 4


def known_labels(payments: PaymentRows, verdicts: Verdicts, now: datetime) -> list[bool | None]:
    """Whether each payment is fraud, as far as that is known; None where it is not.

    The prod table's label is known LABEL_DAYS after the payment. An honest one says only that
    nobody has found fraud, so that whatever an investigation found counts for more.
    """
    delay = timedelta(days=LABEL_DAYS)
    labels: list[bool | None] = []
    for payment, is_fraud in zip(payments.payments, payments.is_fraud, strict=True):
        known_at = payment.at + delay
        found = list(verdicts.get(payment.identity, ()))
        if is_fraud and known_at <= now:
            found.append((known_at, True))
        if found:
            labels.append(max(found)[1])
        else:
            labels.append(is_fraud if known_at <= now else None)
    return labels


def monitoring_rows(
    payments: PaymentRows,
    labels: Sequence[bool | None],
    scores: pl.DataFrame,
    alerts: pl.DataFrame,
    drift: pl.DataFrame,
) -> pl.DataFrame:
    """FRAUD_MONITORING without versions, of a month's payments with these labels, and of the rows
    of FRAUD_SCORES, FRAUD_ALERTS and FRAUD_DRIFT on them."""
    cards = [
        alert_id(payment.at.date(), payment.source, payment.customer_id)
        for payment in payments.payments
    ]
    labelled = (
        payments.ids.to_frame()
        .with_columns(
            pl.Series("fraud", labels, dtype=pl.Boolean),
            pl.Series("alert_id", cards, dtype=pl.String),
        )
        .join(scores, on="payment_id", how="left", maintain_order="left")
        .with_columns(week("transacted_at"), pl.col("transacted_at").dt.date().alias("day"))
    )
    by_card = labelled.group_by("alert_id").agg(
        pl.col("fraud").is_not_null().all().alias("known"), pl.col("fraud").any().alias("confirmed")
    )
    alerted = alerts.select("alert_id", week("day")).join(by_card, on="alert_id", how="left")
    shifted: dict[object, list[str]] = {}
    for row in drift.filter(level="shifted").sort("week", "feature").iter_rows(named=True):
        shifted.setdefault(row["week"], []).append(row["feature"])
    rows = []
    for (monday,), of_week in labelled.sort("week").group_by("week", maintain_order=True):
        found = Week.of(of_week, alerted.filter(week=monday), shifted.get(monday, []))
        rows.append({"week": monday, **found.row()})
    return FRAUD_MONITORING.frame(rows)


@dataclass(frozen=True)
class Week:
    """What was found of a week; `spread` are the lower and the upper half of a 99 % interval."""

    days: int
    payments: int
    labelled: int
    frauds: int
    expected: float
    spread: tuple[float, float]
    alerts: int
    alerts_labelled: int
    alerts_confirmed: int
    shifted: Sequence[str]

    @classmethod
    def of(cls, rows: pl.DataFrame, alerts: pl.DataFrame, shifted: Sequence[str]) -> Week:
        known = rows.filter(pl.col("fraud").is_not_null())
        probability = pl.col("probability")
        chance, below, above = known.select(
            (probability * (1 - probability)).sum().alias("chance"),
            (probability - pl.col("lower")).sum().alias("below"),
            (pl.col("upper") - probability).sum().alias("above"),
        ).row(0)
        # Frauds vary by chance, and all probabilities may be wrong in the same direction.
        spread = tuple(
            _QUANTILE_99 * sqrt(chance + (half / _QUANTILE_90) ** 2) for half in (below, above)
        )
        alerts_known = alerts.filter("known")
        return cls(
            days=rows["day"].n_unique(),
            payments=rows.height,
            labelled=known.height,
            frauds=int(known["fraud"].sum()),
            expected=float(known["probability"].sum()),
            spread=(spread[0], spread[1]),
            alerts=alerts.height,
            alerts_labelled=alerts_known.height,
            alerts_confirmed=int(alerts_known["confirmed"].sum()),
            shifted=shifted,
        )

    def row(self) -> Mapping[str, object]:
        """FRAUD_MONITORING without week and versions."""
        lower, upper = max(self.expected - self.spread[0], 0.0), self.expected + self.spread[1]
        why = list(self._why(lower, upper))
        precision = share(self.alerts_confirmed, self.alerts_labelled)
        return {
            "days": self.days,
            "payments": self.payments,
            "labelled": self.labelled,
            "frauds": self.frauds,
            "expected_frauds": self.expected,
            "expected_frauds_lower": lower,
            "expected_frauds_upper": upper,
            "alerts": self.alerts,
            "alerts_labelled": self.alerts_labelled,
            "alerts_confirmed": self.alerts_confirmed,
            "precision": precision and precision.value,
            "precision_lower": precision and precision.lower,
            "precision_upper": precision and precision.upper,
            "shifted_features": len(self.shifted),
            "train_again": bool(why),
            "advice": f"Train again: {'; '.join(why)}." if why else f"{self._why_not()}.",
        }

    def _why(self, lower: float, upper: float) -> Iterator[str]:
        if self.labelled and not lower <= self.frauds <= upper:
            yield f"{self.frauds} frauds, where {lower:.1f} to {upper:.1f} were expected"
        if len(self.shifted) > _MOST_SHIFTED:
            yield self._shifts()

    def _why_not(self) -> str:
        frauds = "the frauds are as many as expected" if self.labelled else "no label is known yet"
        return f"Do not train: {frauds}; {self._shifts()}"

    def _shifts(self) -> str:
        if not self.shifted:
            return "no feature has shifted"
        names = ", ".join(self.shifted[:_LISTED])
        more = len(self.shifted) - _LISTED
        others = f" and {more} more" if more > 0 else ""
        return f"shifted since the training: {names}{others}"
