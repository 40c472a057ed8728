"""Evaluates compliance-guardian: `make evaluate FUNCTION=compliance-guardian`.

Without DATA it measures the scan on made-up texts, and the fraud model on the public payments in
FLEET_DATA_DIR. DATA=file.jsonl are texts with labelled spans, DATA=file.parquet or file.csv are
payments; SPLIT=2018-07-25,2018-08-01 are the first days of test weeks. JSON=1 prints JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import evaluate_cards
import evaluate_fraud
from data import DataError
from payment_files import SUFFIXES, PaymentsError
from sources import payments_file

NO_PAYMENTS = "fraud is not measured"


def evaluate(file: Path | None, seed: int, splits: list[date]) -> dict[str, Any]:
    """What is measured, by name; payments under `fraud`. Raises DataError, PaymentsError."""
    if file and file.suffix in SUFFIXES:
        return {"fraud": evaluate_fraud.evaluate(file, splits)}
    cards = evaluate_cards.evaluate(file, seed)
    if file:
        return cards
    try:
        payments = payments_file(None)
    except PaymentsError as error:
        return {**cards, NO_PAYMENTS: str(error)}
    return {**cards, "fraud": evaluate_fraud.evaluate(payments, splits)}


def lines(found: dict[str, Any]) -> Iterator[str]:
    """What was measured as text."""
    for name, value in found.items():
        if name == "fraud":
            yield ""
            yield from evaluate_fraud.lines(value)
        else:
            yield from evaluate_cards.lines(name, value)


def _dates(text: str) -> list[date]:
    try:
        return [date.fromisoformat(part.strip()) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a list of dates; write them as 2018-07-25,2018-08-01"
        ) from error


def main() -> None:
    """Print the quality of the scan and of the fraud model, with 95 % intervals."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, help="texts (.jsonl) or payments (.parquet, .csv)")
    parser.add_argument("--split", type=_dates, default=[], help="first days of test weeks")
    parser.add_argument("--seed", type=int, default=evaluate_cards.SEED, help="of made-up texts")
    parser.add_argument("--json", action="store_true", help="print JSON for a program to read")
    arguments = parser.parse_args()
    try:
        found = evaluate(arguments.data, arguments.seed, arguments.split)
    except (DataError, PaymentsError) as error:
        sys.exit(f"error: {error}")
    text = json.dumps(found, indent=2) if arguments.json else "\n".join(lines(found))
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
