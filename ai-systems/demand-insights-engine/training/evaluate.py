"""Evaluates demand-insights-engine: `make evaluate FUNCTION=demand-insights-engine`.

Without DATA it measures everything on the built-in series, the made-up shop and CDNOW, and on the
public data in FLEET_DATA_DIR. DATA is a file of series in the M4 competition's form (its test file
beside it), of retail lines, or of customers' purchases: what it can tell is measured, and the rest
says why not. SPLIT=1997-10-01 is the first day of the test of purchases. JSON=1 prints JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

import data
import evaluate_changes
import evaluate_customers
import evaluate_forecasts
import evaluate_prior
import evaluate_response
import evaluate_retail
import evaluate_stock
import lines as retail
import m4
from errors import DataError
from sources import Form, form_of
from train import HELD_OUT_SEED

from demand_insights_engine import artefact
from forecasting.matrix import align

NOT_MEASURED = "not measured"
_WEEKS = 52  # of a year


@dataclass(frozen=True)
class Table:
    """The measures of files of these forms, or without a file, and their text."""

    forms: tuple[Form, ...]
    evaluate: Callable[[Path | None, date | None], Mapping[str, Any]]
    lines: Callable[[Mapping[str, Any]], Iterable[str]]


def forecasts(file: Path | None, _: date | None = None) -> dict[str, Any]:
    """Forecasts of the M4 competition's series."""
    return evaluate_forecasts.evaluate(evaluate_forecasts.m4_file(file))


def prior(file: Path | None, _: date | None = None) -> dict[str, Any]:
    """Forecasts of single series by the artefact: built-in ones and others."""
    model = artefact.load()
    if file is not None:
        return {file.name: _alone(model, file, form_of(file))}
    metrics, baselines = evaluate_prior.held_out(model.prior, data.built_in(HELD_OUT_SEED))
    found: dict[str, Any] = {
        f"built-in, held out; model {model.version}": {"the artefact": metrics, **baselines},
    }
    for form, public in (
        (Form.SERIES, evaluate_forecasts.m4_file),
        (Form.LINES, retail.retail_file),
    ):
        try:
            given = public(None)
            found[given.name] = _alone(model, given, form)
        except DataError as error:
            found[form.name.lower()] = str(error)
    return found


def _alone(model: artefact.Model, file: Path, form: Form) -> dict[str, Any]:
    if form is Form.SERIES:
        values, period = align(list(m4.read(file).values())), (*m4.frequency(file).periods, 1)[0]
        is_demand = not (values < 0).any()
    else:
        values, period, is_demand = retail.weekly(retail.read(file)).units, _WEEKS, True
    return evaluate_prior.evaluate(model.prior, values, period, is_demand=is_demand)


TABLES = {
    "forecasts of M4 series": Table((Form.SERIES,), forecasts, evaluate_forecasts.lines),
    "forecasts of retail demand": Table(
        (Form.LINES,), lambda file, _: evaluate_retail.evaluate(file), evaluate_retail.lines
    ),
    "forecasts of single series": Table((Form.SERIES, Form.LINES), prior, evaluate_prior.lines),
    "stock": Table(
        (Form.LINES,), lambda file, _: evaluate_stock.evaluate(file), evaluate_stock.lines
    ),
    "prices, seasons and drop-out": Table(
        (Form.LINES,), lambda file, _: evaluate_response.evaluate(file), evaluate_response.lines
    ),
    "changes": Table(
        (Form.LINES,), lambda file, _: evaluate_changes.evaluate(file), evaluate_changes.lines
    ),
    "customers": Table(
        (Form.LINES, Form.PURCHASES), evaluate_customers.evaluate, evaluate_customers.lines
    ),
}


def evaluate(
    file: Path | None, split: date | None = None, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """What each table measures, or why it does not, by name. Raises DataError for a file of no form
    that is known, and for one of which nothing can be measured."""
    form = form_of(file) if file else None
    found: dict[str, Any] = {}
    for name, table in TABLES.items():
        if form and form not in table.forms:
            continue
        progress(name)
        try:
            found[name] = table.evaluate(file, split)
        except DataError as error:
            found[name] = {NOT_MEASURED: str(error)}
    if all(NOT_MEASURED in measured for measured in found.values()):
        reasons = dict.fromkeys(measured[NOT_MEASURED] for measured in found.values())
        raise DataError("; ".join(reasons))
    return found


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """What was measured as text."""
    for name, measured in found.items():
        yield f"== {name}"
        if NOT_MEASURED in measured:
            yield f"{NOT_MEASURED}: {measured[NOT_MEASURED]}"
        else:
            yield from TABLES[name].lines(measured)
        yield ""


def plain(value: Any) -> Any:
    """What JSON has a form for: NaN and infinity are null."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date; write it as 1997-10-01"
        ) from error


def main() -> None:
    """Print the quality of forecasts, stock advice, responses, changes and customers' models."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, help="; ".join(form.value for form in Form))
    parser.add_argument("--split", type=_date, help="first day of the test of purchases")
    parser.add_argument("--json", action="store_true", help="print JSON for a program to read")
    arguments = parser.parse_args()

    def progress(name: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"measuring {name} ...\n")

    try:
        found = evaluate(arguments.data, arguments.split, progress)
    except DataError as error:
        sys.exit(f"error: {error}")
    if arguments.json:
        sys.stdout.write(json.dumps(plain(found), indent=2, allow_nan=False) + "\n")
    else:
        sys.stdout.write("\n".join(lines(found)) + "\n")


if __name__ == "__main__":
    main()
