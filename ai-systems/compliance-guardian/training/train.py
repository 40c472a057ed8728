"""Trains the fraud model: `make train FUNCTION=compliance-guardian [DATA=file.parquet]`.

A challenger trains on 28 days and is compared with the current artefact on the newest two weeks
whose labels are known, 7 days later. It replaces the artefact if it has the higher average
precision. Equal data give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from importlib.resources import files
from math import log
from pathlib import Path

import numpy as np
from learners import BASELINES, HONEST_SHARE, SEED, boosters, read_part
from measures import AP, AP_ALL, CARDS, log_loss, mean, ranking
from payment_files import Payments, PaymentsError, read
from protocol import DELAY_DAYS, TEST_DAYS, TRAIN_DAYS, Floats, Mask, Week, week
from sources import payments_file

from compliance_guardian.fraud.calibration import Calibration, CalibrationError, sigmoid
from compliance_guardian.fraud.costs import Bin
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.model import FeatureBins, Model, ModelError
from compliance_guardian.fraud.trees import Trees
from modelkit import artefact
from modelkit.artefact import Artefact, ArtefactError
from modelkit.card import ArtefactFile, Better, Card, DataSet

VERSION = "1.0"
FILE = "fraud.json.gz"
LOG_LOSS = "log loss"
REPLACED = "the model it replaced"
BETTER: dict[str, Better] = {
    AP: "higher",
    AP_ALL: "higher",
    CARDS: "higher",
    LOG_LOSS: "lower",
}

_WEEKS = 2
_DAYS = TRAIN_DAYS + DELAY_DAYS + _WEEKS * TEST_DAYS
_WIDTH_OF_A_BIN = 0.1
"""Of the calibration, in log-odds."""


def challenger(payments: Payments, rows: Floats, weeks: list[Week]) -> tuple[Model, bytes]:
    """A model trained for the first of two weeks and calibrated on it; its file.

    The second week tells how well it is calibrated, and what its thresholds cost.
    """
    first, second = weeks
    trained = rows[first.train]
    parts = [read_part(member) for member in boosters(trained, payments.fraud[first.train])]
    model = Model(
        version="",
        bag=tuple(Trees.from_xgboost(part) for part in parts),
        line=Calibration(log(HONEST_SHARE), 1.0),
        calibration=(),
        training_bins={
            feature.name: FeatureBins.of(trained[:, number])
            for number, feature in enumerate(FEATURES)
        },
    )
    margins, _ = model.margins(rows[first.test])
    fraud = payments.fraud[first.test]
    model = replace(model, line=Calibration.fit(margins, fraud, prior=model.line.intercept))
    held_back = bins(model.log_odds(rows[second.test]), payments.fraud[second.test])
    model = replace(model, calibration=held_back)
    return model, model.to_bytes(parts)


def bins(log_odds: Floats, fraud: Mask) -> tuple[Bin, ...]:
    """Payments of about equal log-odds together, in their order."""
    number = np.floor(log_odds / _WIDTH_OF_A_BIN)
    probability = sigmoid(log_odds)
    return tuple(
        Bin(float(probability[here].mean()), int(here.sum()), int(fraud[here].sum()))
        for here in (number == one for one in np.unique(number))
    )


def compare(payments: Payments, weeks: list[Week], scores: list[Floats]) -> dict[str, float]:
    """The metrics of a card, of the probabilities of each week: of ranking in the mean of the
    weeks, the logarithmic loss of the last one."""
    measured = mean([ranking(payments, *pair) for pair in zip(weeks, scores, strict=True)])
    measured[LOG_LOSS] = log_loss(payments.fraud[weeks[-1].test], scores[-1])
    return {name: round(value, 4) for name, value in measured.items()}


def current(folder: Path) -> tuple[Card, Model] | None:
    """The artefact in a folder; None if there is none that this code can read."""
    try:
        found = artefact.read(folder)
        return found.card, Model.from_bytes(found.card.model_version, found.content)
    except (ArtefactError, ModelError):
        return None


def newest_weeks(payments: Payments) -> list[Week]:
    """The weeks of the comparison. Raises PaymentsError if there are too few days or frauds."""
    if payments.days < _DAYS:
        raise PaymentsError(
            f"the payments are of {payments.days} days; training needs {_DAYS}: {TRAIN_DAYS} to "
            f"train, {DELAY_DAYS} until labels are known, {_WEEKS * TEST_DAYS} to compare"
        )
    weeks = []
    for number in range(_WEEKS, 0, -1):
        start = payments.days - number * TEST_DAYS
        one = week(start, payments.day, payments.customer, payments.fraud)
        for rows, name in ((one.train, "training"), (one.unknown, "test")):
            if not payments.fraud[rows].any():
                raise PaymentsError(
                    f"the {name} of the week from {payments.date(start)} on has no fraud; give a "
                    "file with more payments"
                )
        weeks.append(one)
    return weeks


def train(file: Path, folder: Path) -> str:
    """Train on a file of payments, and say what was done.

    Raises PaymentsError, CalibrationError.
    """
    payments = read(file)
    weeks = newest_weeks(payments)
    start = payments.days - _WEEKS * TEST_DAYS
    before = current(folder)
    if before and before[0].created >= payments.date(start):
        raise PaymentsError(
            f"the current model was trained on payments until {before[0].created}; a comparison "
            f"needs {_WEEKS} later weeks, the payments end on {payments.date(payments.days - 1)}"
        )
    rows = payments.features()
    model, content = challenger(payments, rows, weeks)

    def of(model: Model) -> dict[str, float]:
        scores = [sigmoid(model.log_odds(rows[one.test])) for one in weeks]
        return compare(payments, weeks, scores)

    metrics, replaced = of(model), {}
    if before:
        replaced = {REPLACED: of(before[1])}
        if metrics[AP] <= replaced[REPLACED][AP]:
            return (
                f"kept the current model: its average precision is {replaced[REPLACED][AP]}, the "
                f"challenger's {metrics[AP]}"
            )
    tests = np.concatenate([rows[one.test] for one in weeks])
    first = weeks[0]
    baselines = {}
    for name, learner in BASELINES.items():
        scores = learner(rows[first.train], payments.fraud[first.train], tests)
        by_week = np.split(scores, [int(first.test.sum())])
        baselines[name] = compare(payments, weeks, by_week)
    card = Card(
        name="compliance-guardian",
        version=VERSION,
        created=payments.date(start - DELAY_DAYS - 1),
        seed=SEED,
        data=DataSet.of(file.name, file.read_bytes(), len(payments)),
        artefact=ArtefactFile.of(FILE, content),
        better=BETTER,
        metrics=metrics,
        baselines=baselines | replaced,
    )
    artefact.write(folder, Artefact(card, content))
    instead = f" instead of {replaced[REPLACED][AP]}" if replaced else ""
    return f"wrote {folder / FILE}: average precision {metrics[AP]}{instead}"


def main() -> None:
    """Train a challenger, and write it if it is better than the current artefact."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, help="Parquet or CSV file of payments")
    parser.add_argument(
        "--folder", type=Path, default=Path(str(files("compliance_guardian") / "model"))
    )
    arguments = parser.parse_args()
    try:
        done = train(payments_file(arguments.data), arguments.folder)
    except (PaymentsError, CalibrationError) as error:
        sys.exit(f"error: {error}")
    sys.stdout.write(f"{done}\n")


if __name__ == "__main__":
    main()
