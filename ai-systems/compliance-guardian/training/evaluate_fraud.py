"""How well the fraud model finds frauds, beside other models and an approximate oracle.

Weeks follow `protocol`. Each model of the table trains anew for each week; the oracle needs the
simulator's scenarios. The artefact, which is trained once, is measured on the weeks after its
training.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from learners import BASELINES, boosters, read_part
from measures import AP, AP_ALL, CARDS, mean, ranking, spread
from oracle import Oracle
from payment_files import SCENARIO, Payments, PaymentsError, read
from protocol import DELAY_DAYS, TEST_DAYS, TRAIN_DAYS, Floats, Mask, Week, week

from compliance_guardian import artefact
from compliance_guardian.fraud.calibration import sigmoid
from compliance_guardian.fraud.trees import Trees
from modelkit.artefact import load

OURS, ORACLE, IN_IMAGE = "our model", "oracle", "the artefact in the image"

_WEEKS = 4
_STEP_DAYS = 6
_FIRST_START = TRAIN_DAYS + DELAY_DAYS
_MEASURES = (AP, AP_ALL, CARDS)


def our_model(rows: Floats, fraud: Mask, others: Floats) -> Floats:
    """The recipe of the artefact, scored by the code of the image."""
    bag = [Trees.from_xgboost(read_part(member)) for member in boosters(rows, fraud)]
    margins: Floats = np.mean([trees.margins(others) for trees in bag], axis=0)
    return margins


def starts(payments: Payments, splits: Sequence[date]) -> list[int]:
    """The first days of the weeks: those given, or the last four that start 6 days apart.

    Raises PaymentsError where a week has no days, or no frauds to learn from or to find.
    """
    last = payments.days - TEST_DAYS
    if splits:
        chosen = [(split - payments.date(0)).days for split in splits]
    else:
        chosen = [last - _STEP_DAYS * number for number in reversed(range(_WEEKS))]
        chosen = [start for start in chosen if start >= _FIRST_START] or [last]
    if last < _FIRST_START:
        raise PaymentsError(
            f"the payments are of {payments.days} days; {_FIRST_START + TEST_DAYS} are needed: "
            f"{TRAIN_DAYS} of training, {DELAY_DAYS} until labels are known, {TEST_DAYS} of test"
        )
    if not _FIRST_START <= min(chosen) <= max(chosen) <= last:
        raise PaymentsError(
            f"the first day of a test must be between {payments.date(_FIRST_START)} and "
            f"{payments.date(last)}: the payments are of {payments.date(0)} to "
            f"{payments.date(payments.days - 1)}, and {_FIRST_START} days come before a test of "
            f"{TEST_DAYS}"
        )
    return chosen


def evaluate(file: Path, splits: Sequence[date]) -> dict[str, Any]:
    """All measures of all models on a file of payments. Raises PaymentsError."""
    payments = read(file)
    begins = starts(payments, splits)
    payments = payments.until(max(begins) + TEST_DAYS)
    weeks, notes = {}, []
    for begin in begins:
        one = week(begin, payments.day, payments.customer, payments.fraud)
        if lacking := _lacking(payments, one):
            notes.append(f"the week from {payments.date(begin)} on is left out: {lacking}")
        else:
            weeks[begin] = one
    if not weeks:
        raise PaymentsError(f"no week can be measured: {'; '.join(notes)}")
    rows = payments.features()
    learners = {**BASELINES, OURS: our_model}
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in learners}
    for one in weeks.values():
        trained, fraud = rows[one.train], payments.fraud[one.train]
        for name, learner in learners.items():
            scores = learner(trained, fraud, rows[one.test])
            measured[name].append(ranking(payments, one, scores))
    if payments.scenario is None:
        notes.append(f"no oracle, because the file has no {SCENARIO}")
    else:
        oracle = Oracle.of(payments)
        measured[ORACLE] = [
            ranking(payments, one, oracle.scores(np.flatnonzero(one.test).tolist()))
            for one in weeks.values()
        ]
    return {
        "payments": len(payments),
        "frauds": int(payments.fraud.sum()),
        "weeks": [payments.date(begin).isoformat() for begin in weeks],
        "models": {name: _summary(values) for name, values in measured.items()},
        IN_IMAGE: _in_image(payments, rows, weeks),
        "notes": notes,
    }


def _lacking(payments: Payments, one: Week) -> str:
    if not payments.fraud[one.train].any():
        return "no fraud in the training"
    if payments.fraud[one.train].all():
        return "no honest payment in the training"
    if not payments.fraud[one.unknown].any():
        return "no fraud in the test"
    return ""


def _summary(weeks: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    return {
        name: {
            "mean": round(value, 4),
            "plus or minus": _rounded(spread([week[name] for week in weeks])),
            "weeks": [round(week[name], 4) for week in weeks],
        }
        for name, value in mean(weeks).items()
    }


def _in_image(payments: Payments, rows: Floats, weeks: Mapping[int, Week]) -> dict[str, Any]:
    """The artefact on the weeks that begin after its training and calibration."""
    card, model = load("compliance_guardian").card, artefact.load()
    known_until = (card.created - payments.date(0)).days + DELAY_DAYS + TEST_DAYS
    is_other_data = payments.date(0) > card.created
    later = {begin: one for begin, one in weeks.items() if is_other_data or begin > known_until}
    if not later:
        return {"version": model.version}
    scores = [sigmoid(model.log_odds(rows[one.test])) for one in later.values()]
    pairs = list(zip(later.values(), scores, strict=True))
    return {
        "version": model.version,
        "weeks": [payments.date(begin).isoformat() for begin in later],
        **_summary([ranking(payments, *pair) for pair in pairs]),
        "frauds": sum(int(payments.fraud[one.test].sum()) for one in later.values()),
        "expected frauds": round(float(sum(score.sum() for score in scores)), 1),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None or isnan(value) else round(value, 4)


def lines(found: Mapping[str, Any]) -> Iterable[str]:
    """What `evaluate` found as text: a table of means over weeks, with 95 % intervals."""
    yield (
        f"{found['payments']:,} payments, {found['frauds']:,} frauds; weeks from "
        f"{', '.join(found['weeks'])} on"
    )
    yield ""
    table = [["mean over weeks", *_MEASURES]]
    table += [[name, *map(_cell, _values(values))] for name, values in found["models"].items()]
    own = found[IN_IMAGE]
    if "weeks" in own:
        table.append([IN_IMAGE, *map(_cell, _values(own))])
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = zip(row[1:], widths[1:], strict=True)
        yield "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in cells)])
    yield ""
    if ORACLE in found["models"]:
        ours, best = (found["models"][name][AP]["mean"] for name in (OURS, ORACLE))
        yield f"{OURS} has {ours / best:.3f} of the oracle's {AP}"
    if "weeks" in own:
        yield (
            f"{IN_IMAGE}, {own['version']}, in {len(own['weeks'])} weeks after its training: "
            f"{own['frauds']} frauds, {own['expected frauds']} expected"
        )
    else:
        yield f"{IN_IMAGE}, {own['version']}, is not measured: it knows these weeks"
    yield from found["notes"]


def _values(measures: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [measures[name] for name in _MEASURES]


def _cell(measure: Mapping[str, Any]) -> str:
    spread = measure["plus or minus"]
    return f"{measure['mean']:.3f}" + ("" if spread is None else f" ± {spread:.3f}")
