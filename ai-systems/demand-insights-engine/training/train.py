"""Trains the prior of forecasts: `make train FUNCTION=demand-insights-engine`.

It learns from built-in series, so that it needs no data, and writes artefact and card. Equal code
gives equal bytes.
"""

from __future__ import annotations

import argparse
import sys
from importlib.resources import files
from pathlib import Path

import beliefs
import data
import evaluate_prior

from modelkit import artefact
from modelkit.card import ArtefactFile, Card, DataSet

SEED = 20_261_125
HELD_OUT_SEED = SEED + 1
VERSION = "1.0"
FILE = "prior.json"


def train(folder: Path) -> Card:
    """Learn from the built-in series, evaluate on others, and write the artefact."""
    groups = data.built_in(SEED)
    prior = beliefs.learn(groups)
    content = prior.to_json()
    metrics, baselines = evaluate_prior.held_out(prior, data.built_in(HELD_OUT_SEED))
    card = Card(
        name="demand-insights-engine",
        version=VERSION,
        created=data.CREATED,
        seed=SEED,
        data=DataSet.of("built-in", data.as_bytes(groups), sum(map(data.rows, groups))),
        artefact=ArtefactFile.of(FILE, content),
        better=evaluate_prior.BETTER,
        metrics=metrics,
        baselines=baselines,
    )
    artefact.write(folder, artefact.Artefact(card, content))
    return card


def main() -> None:
    """Learn from the built-in series, evaluate on what was held out, and write the model."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path(str(files("demand_insights_engine") / "model"))
    )
    folder = parser.parse_args().folder
    card = train(folder)
    sys.stdout.write(
        f"wrote {folder / FILE}: {evaluate_prior.ERROR} {card.metrics[evaluate_prior.ERROR]}\n"
    )


if __name__ == "__main__":
    main()
