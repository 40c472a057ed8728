"""New payments in prod → histories, scores, alerts, drift and monitoring.

What a partition of insights says follows from prod tables and investigations alone, which its
`data_version` names: in whatever order months arrive, however often, the result is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

import numpy as np
import polars as pl

from compliance_guardian.fraud.alert_table import Alert, AlertTable
from compliance_guardian.fraud.costs import best_threshold, curve
from compliance_guardian.fraud.drift import drift_rows
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.label_table import LabelTable
from compliance_guardian.fraud.model import Model
from compliance_guardian.fraud.monitoring import known_labels, monitoring_rows
from compliance_guardian.fraud.payment_rows import PaymentRows
from compliance_guardian.fraud.replay import Replay
from compliance_guardian.fraud.scored_month import ScoredMonth
from compliance_guardian.fraud.source_state import LOOKBACK_MONTHS, SourceState
from compliance_guardian.fraud_adapter import FraudBatchSettings
from datalake.contracts.insights import (
    FRAUD_ALERTS,
    FRAUD_DRIFT,
    FRAUD_MONITORING,
    FRAUD_SCORES,
    FRAUD_TABLES,
    InsightsTable,
)
from datalake.files import decode
from datalake.items import ItemChangedError
from datalake.layout import Partition
from datalake.parallel import Together, one_by_one
from datalake.periods import shift
from datalake.snapshot import ChangedError, ContentCache, Snapshot
from datalake.storage import ObjectStorage, PreconditionFailedError
from lambda_app.insights import InsightsFile
from lambda_app.observability import count, logger

_CACHE_BYTES = 128 * 1024**2
# Each further round follows a write of somebody else.
_ROUNDS = 5

Files = Mapping[tuple[InsightsTable, str], InsightsFile]
"""By table and month: the insights as they were before anything else was read."""


class UnsettledError(Exception):
    """Prod tables or insights kept changing: to be tried again later."""


@dataclass(frozen=True)
class FraudBatch:
    """What the function works with. Every method is safe to repeat, in any order."""

    storage: ObjectStorage
    settings: FraudBatchSettings
    model: Model
    histories: HistoryTable
    labels: LabelTable
    alerts: AlertTable
    together: Together = one_by_one

    def update(self, source: str, months: Collection[str], today: datetime) -> None:
        """Bring everything up to date that follows from payments of these months of a source.

        These are the months themselves, one before, whose labels may be known now, and
        LOOKBACK_MONTHS after. A month is written once all else that follows from it is. Raises
        UnsettledError.
        """
        reason: Exception | None = None
        # Months whose tables may have been overwritten with those of an older state.
        unsure: set[str] = set()
        for _ in range(_ROUNDS):
            try:
                self._update(source, months, today, unsure)
            except (ChangedError, ItemChangedError, PreconditionFailedError) as error:
                reason = error
            else:
                return
        raise UnsettledError(f"source {source}: {reason}, {_ROUNDS} times in a row")

    def _update(
        self, source: str, months: Collection[str], today: datetime, unsure: set[str]
    ) -> None:
        snapshot = Snapshot(self.storage, self.settings.prod_bucket, source, _cache)
        state = SourceState(snapshot, self.labels, today)
        if state.ahead:
            count("MonthsInFuture", len(state.ahead))
            logger.error(
                "payments are dated in the future, and not scored: correct or remove them",
                extra={"source": source, "months": state.ahead},
            )
        reached = state.reached(months)
        files = self._files(source, reached)
        outdated = [
            month
            for month in reached
            if month in unsure
            or not files[FRAUD_SCORES, month].is_of(**self._versions(state, month))
        ]
        for run in _runs(outdated):
            self._score(state, run, files, unsure)
        for month in reached:
            self._monitor(state, month, files)

    def _files(self, source: str, months: Sequence[str]) -> Files:
        names = [(table, month) for table in FRAUD_TABLES for month in months]
        bucket = self.settings.insights_bucket
        opened = self.together(
            partial(
                InsightsFile.open,
                self.storage,
                bucket,
                Partition(table, source, month).data_key,
                table,
            )
            for table, month in names
        )
        return dict(zip(names, opened, strict=True))

    def _versions(self, state: SourceState, month: str) -> dict[str, str]:
        settings = self.settings
        decided_by = (settings.costs.alert, settings.costs.missed, settings.fraud_cards_a_day)
        return {
            "model_version": self.model.version,
            "data_version": state.version_of_scores(month, decided_by),
        }

    def _score(
        self, state: SourceState, months: Sequence[str], files: Files, unsure: set[str]
    ) -> None:
        """Replay the payments up to the last of these months, and score those in them."""
        replayed = state.between(shift(months[0], -LOOKBACK_MONTHS), months[-1])
        replay = Replay(state.verdicts(replayed))
        for month in replayed:
            payments = state.payments(month)
            if month in months:
                unsure.add(month)
                self._score_month(state, month, payments, replay, files)
                unsure.remove(month)
            else:
                replay.pass_over(payments.labelled)

    def _score_month(
        self,
        state: SourceState,
        month: str,
        payments: PaymentRows,
        replay: Replay,
        files: Files,
    ) -> None:
        values = chain.from_iterable(values for _, values in replay.features(payments.labelled))
        features = np.fromiter(values, np.float64).reshape(-1, len(FEATURES))
        scored = ScoredMonth.of(payments, features, self.model)
        costs = self.settings.costs
        threshold = best_threshold(curve(self.model.calibration, costs), costs)
        alerts = scored.alert_rows(self.model, threshold, self.settings.fraud_cards_a_day)
        if month == state.newest:
            # From the newest month on, these are what requests need; they follow from all before.
            replay.learn_all()
            self.histories.replace(replay)
        self.alerts.replace(state.source, month, _items(alerts, self.model.version))
        versions = self._versions(state, month)
        files[FRAUD_ALERTS, month].write(alerts, **versions)
        drift = drift_rows(payments.weeks, features, self.model.training_bins)
        files[FRAUD_DRIFT, month].write(drift, **versions)
        files[FRAUD_SCORES, month].write(scored.score_rows(), **versions)
        count("PaymentsScored", len(features))
        count("Alerts", alerts.height)
        logger.info(
            "payments scored",
            extra={
                "source": state.source,
                "month": month,
                "payments": len(features),
                "alerts": alerts.height,
            },
        )

    def _monitor(self, state: SourceState, month: str, files: Files) -> None:
        made_of = self._versions(state, month)
        versions = {
            **made_of,
            "data_version": state.version_of_monitoring(month, made_of["data_version"]),
        }
        file = files[FRAUD_MONITORING, month]
        if file.is_of(**versions):
            return
        payments = state.payments(month)
        labels = known_labels(payments, state.verdicts([month]), state.known_until(month))
        scores, alerts, drift = (
            self._rows(state.source, table, month, made_of)
            for table in (FRAUD_SCORES, FRAUD_ALERTS, FRAUD_DRIFT)
        )
        rows = monitoring_rows(payments, labels, scores, alerts, drift)
        file.write(rows, **versions)
        for row in rows.tail(1).filter("train_again").iter_rows(named=True):
            count("TrainAgain")
            extra = {"source": state.source, "week": row["week"].isoformat()}
            logger.warning(row["advice"], extra=extra)

    def _rows(
        self, source: str, table: InsightsTable, month: str, versions: Mapping[str, str]
    ) -> pl.DataFrame:
        """Rows that were written with these versions. Raises ChangedError."""
        key = Partition(table, source, month).data_key
        file = InsightsFile.open(self.storage, self.settings.insights_bucket, key, table)
        if not file.is_of(**versions):
            raise ChangedError(f"another invocation wrote {key}")
        return decode(table, self.storage.get(self.settings.insights_bucket, key).body)


_cache = ContentCache(_CACHE_BYTES)
"""Of prod tables, by hash, for all invocations."""


def _runs(months: Sequence[str]) -> Iterator[list[str]]:
    """Months that are better replayed together: what one looks back to begins with another."""
    run: list[str] = []
    for month in months:
        if run and shift(run[-1], LOOKBACK_MONTHS) < month:
            yield run
            run = []
        run.append(month)
    if run:
        yield run


def _items(alerts: pl.DataFrame, model_version: str) -> Iterator[Alert]:
    """Alerts for the table that investigators page through.

    Without `data_version`: a new payment somewhere else would change every alert.
    """
    for row in alerts.iter_rows(named=True):
        yield {
            **row,
            "day": row["day"].isoformat(),
            "transacted_at": row["transacted_at"].isoformat(),
            "amount": str(row["amount"]),
            "model_version": model_version,
        }
