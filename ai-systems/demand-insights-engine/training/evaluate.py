"""Evaluates the model: `make evaluate FUNCTION=demand-insights-engine [DATA=file.csv] [JSON=1]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import TypeAlias

import data
from data import DataError, Series

from demand_insights_engine.unusual_weeks.scores import Parameters, assess
from modelkit import artefact
from modelkit.card import Better, DataSet, Values
from modelkit.evaluation import Evaluation

Detector: TypeAlias = Callable[[Sequence[float]], list[bool]]

BETTER: dict[str, Better] = {"precision": "higher", "recall": "higher", "f1": "higher"}


def three_sigma(units: Sequence[float]) -> list[bool]:
    """The baseline: weeks beyond three standard deviations from the mean (Shewhart, 1931)."""
    mean, deviation = fmean(units), pstdev(units)
    return [abs(value - mean) > 3 * deviation for value in units]


BASELINES: dict[str, Detector] = {"three_sigma": three_sigma}


def detector(parameters: Parameters) -> Detector:
    """What the model says with these parameters."""
    return lambda units: [week.is_unusual for week in assess(units, parameters)]


def quality(detect: Detector, series: Iterable[Series]) -> Values:
    """Precision, recall and F1 of the weeks found; 0 where nothing is found."""
    pairs = [pair for one in series for pair in zip(detect(one.units), one.is_unusual, strict=True)]
    hits = sum(found and unusual for found, unusual in pairs)
    found = sum(found for found, _ in pairs)
    unusual = sum(unusual for _, unusual in pairs)
    return {
        "precision": round(hits / found, 4) if found else 0.0,
        "recall": round(hits / unusual, 4) if unusual else 0.0,
        "f1": round(2 * hits / (found + unusual), 4) if found + unusual else 0.0,
    }


def baselines(series: Sequence[Series]) -> dict[str, Values]:
    """The quality of each baseline."""
    return {name: quality(detect, series) for name, detect in BASELINES.items()}


def main() -> None:
    """Print metrics of the model and of its baselines, on held-out or other data."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, help=f"CSV file with {', '.join(data.COLUMNS)}")
    parser.add_argument("--json", action="store_true", help="print JSON for a program to read")
    arguments = parser.parse_args()
    model = artefact.load("demand_insights_engine")
    if arguments.data:
        name = arguments.data.name
        try:
            series = data.read(arguments.data)
        except DataError as error:
            sys.exit(f"error: {error}")
        content = arguments.data.read_bytes()
    else:
        name = f"built-in, held out (seed {model.card.seed})"
        _, series = data.built_in(model.card.seed)
        content = data.as_csv(series)
    found = Evaluation.of(
        model.card,
        DataSet.of(name, content, sum(len(one.weeks) for one in series)),
        quality(detector(Parameters(**json.loads(model.content))), series),
        baselines(series),
    )
    sys.stdout.write(found.to_json() if arguments.json else found.to_text())


if __name__ == "__main__":
    main()
