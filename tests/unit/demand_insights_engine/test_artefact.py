"""The prior of demand-insights-engine is the one that its card describes, and knows every class."""

import numpy as np
import pytest

from demand_insights_engine import artefact
from fleet.catalogue import load as load_catalogue
from fleet.paths import CATALOGUE, ROOT
from forecasting.forecast import SHORT_BUT_BELIEVED, forecast
from forecasting.members import BASELINE, Panel, statistical
from modelkit.artefact import load

SERIES = {
    "one value": [4.0],
    "smooth": [20, 22, 19, 21, 20, 23],
    "erratic": [1, 60, 3, 9, 1, 140, 2],
    "intermittent": [0, 0, 2, 0, 0, 0, 2, 0],
    "lumpy": [0, 0, 200, 0, 0, 0, 1, 0],
    "never asked for": [0.0] * 7,
}


def test_prior_and_version_are_those_of_the_artefact():
    assert artefact.load().version == load("demand_insights_engine").card.model_version


@pytest.mark.parametrize("is_demand", [True, False])
@pytest.mark.parametrize("length", [1, 5])
@pytest.mark.parametrize("name", SERIES)
def test_every_class_has_a_belief(name, length, is_demand):
    history = np.array([SERIES[name] * length])

    found = forecast(
        history, 6, (4,), is_demand=is_demand, has_boosting=False, prior=artefact.load().prior
    )

    assert np.isfinite(found.quantiles).all()
    assert (np.diff(found.quantiles, axis=2) >= 0).all()
    if length == 1:
        assert found.warnings == (SHORT_BUT_BELIEVED,)


def test_members_are_those_that_need_no_fit():
    known = {
        is_demand: set(statistical(Panel(3, is_demand=is_demand))) for is_demand in (True, False)
    }
    for name, belief in artefact.load().prior.beliefs.items():
        for candidates in belief.candidates.values():
            assert (BASELINE,) in candidates
            for members in candidates:
                assert set(members) <= known[not name.endswith("other")], name


def test_the_card_shows_that_the_prior_is_better_than_its_baselines():
    card = load("demand_insights_engine").card

    for metric, value in card.metrics.items():
        assert all(value < baseline[metric] for baseline in card.baselines.values()), metric


def test_the_readme_has_the_figures_of_the_card():
    folder = ROOT / load_catalogue(CATALOGUE).folder_of("demand-insights-engine")
    readme = (folder / "README.md").read_text()
    card = load("demand_insights_engine").card

    for metric, value in card.metrics.items():
        figures = [f"{one:.3f}" for one in (value, *(b[metric] for b in card.baselines.values()))]
        assert f"| {' | '.join([metric, *figures])} |" in readme
