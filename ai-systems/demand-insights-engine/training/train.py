"""Trains the model: `make train FUNCTION=demand-insights-engine` writes artefact and card.

Equal data and seed give the same bytes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from importlib.resources import files
from math import log1p
from pathlib import Path

import data
from data import Series
from evaluate import BETTER, baselines, detector, quality

from demand_insights_engine.unusual_weeks.scores import Parameters, location_and_scale
from modelkit import artefact
from modelkit.card import ArtefactFile, Card, DataSet

SEED = 20260105
THRESHOLDS = [step / 4 for step in range(8, 25)]
"""Candidates, in robust standard deviations."""


def learn(series: Sequence[Series]) -> Parameters:
    """The threshold with the greatest F1; the floor is the tenth percentile of all scales."""
    scales = sorted(location_and_scale([log1p(units) for units in s.units])[1] for s in series)
    floor = round(scales[len(scales) // 10], 4)
    return max(
        (Parameters(floor, threshold) for threshold in THRESHOLDS),
        key=lambda parameters: quality(detector(parameters), series)["f1"],
    )


def main() -> None:
    """Learn from the built-in data, evaluate on what was held out, and write the model."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path(str(files("demand_insights_engine") / "model"))
    )
    folder = parser.parse_args().folder
    training, held_out = data.built_in(SEED)
    parameters = learn(training)
    content = (json.dumps(vars(parameters), indent=2) + "\n").encode()
    rows = sum(len(one.weeks) for one in training)
    card = Card(
        name="demand-insights-engine",
        version="1.0",
        created=training[0].weeks[-1],
        seed=SEED,
        data=DataSet.of("built-in", data.as_csv(training), rows),
        artefact=ArtefactFile.of("parameters.json", content),
        better=BETTER,
        metrics=quality(detector(parameters), held_out),
        baselines=baselines(held_out),
    )
    artefact.write(folder, artefact.Artefact(card, content))


if __name__ == "__main__":
    main()
