"""What the model says of a month's payments: their scores, and the cards to be investigated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from compliance_guardian.fraud.alerts import CardAlert, Scored, card_alerts
from compliance_guardian.fraud.model import Model
from compliance_guardian.fraud.payment_rows import PaymentRows
from datalake.contracts.insights import FRAUD_ALERTS

# The scores of a chunk are in memory as objects.
_CHUNK = 10_000
_SCORE = ("probability", "lower", "upper")


@dataclass(frozen=True)
class ScoredMonth:
    """`features` has a row of FEATURES for each payment, `scored` what the model says of it."""

    payments: PaymentRows
    features: NDArray[np.float64]
    scored: Sequence[Scored]

    @classmethod
    def of(cls, payments: PaymentRows, features: NDArray[np.float64], model: Model) -> ScoredMonth:
        """Score payments by their features."""
        scored = []
        for start in range(0, len(features), _CHUNK):
            end = start + _CHUNK
            scores = model.score(features[start:end])
            scored += [
                Scored(payment, score.probability, score.lower, score.upper)
                for payment, score in zip(payments.payments[start:end], scores, strict=True)
            ]
        return cls(payments, features, scored)

    def score_rows(self) -> pl.DataFrame:
        """FRAUD_SCORES without versions."""
        return self.payments.shown.with_columns(
            pl.Series(name, [getattr(one, name) for one in self.scored], dtype=pl.Float64)
            for name in _SCORE
        )

    def alert_rows(self, model: Model, threshold: float, cards_a_day: int) -> pl.DataFrame:
        """FRAUD_ALERTS without versions: at most `cards_a_day` for each day."""
        by_day = card_alerts(self.scored, threshold, cards_a_day)
        alerts = [alert for of_day in by_day.values() for alert in of_day]
        if not alerts:
            return FRAUD_ALERTS.frame([])
        place = {one.payment.identity: index for index, one in enumerate(self.scored)}
        indexes = [place[alert.worst.payment.identity] for alert in alerts]
        reasons = [
            json.dumps([asdict(reason) for reason in score.reasons])
            for start in range(0, len(indexes), _CHUNK)
            for score in model.score(self.features[indexes[start : start + _CHUNK]], explain=True)
        ]
        own = pl.DataFrame(
            [_own(alert) for alert in alerts], schema_overrides={"payments": pl.Int64}
        )
        rows = pl.concat([own, self.score_rows()[indexes]], how="horizontal")
        return rows.with_columns(pl.Series("reasons", reasons, dtype=pl.String))


def _own(alert: CardAlert) -> dict[str, object]:
    return {
        "alert_id": alert.alert_id,
        "day": alert.worst.day,
        "rank": alert.rank,
        "payments": alert.payments,
    }
