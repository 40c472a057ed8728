"""The model of demand-insights-engine is the one that its card describes."""

from demand_insights_engine import artefact
from demand_insights_engine.unusual_weeks.scores import Parameters
from fleet.catalogue import load as load_catalogue
from fleet.paths import CATALOGUE, ROOT
from modelkit.artefact import load


def test_parameters_and_version_are_those_of_the_artefact():
    model = artefact.load()

    assert isinstance(model.parameters, Parameters)
    assert 2 <= model.parameters.threshold <= 6
    assert model.version == load("demand_insights_engine").card.model_version


def test_the_card_shows_that_the_model_is_better_than_its_baselines():
    card = load("demand_insights_engine").card

    assert card.name == "demand-insights-engine"
    assert all(card.metrics["f1"] > values["f1"] for values in card.baselines.values())


def test_the_readme_has_the_figures_of_the_card():
    readme = (
        ROOT / load_catalogue(CATALOGUE).folder_of("demand-insights-engine") / "README.md"
    ).read_text()
    card = load("demand_insights_engine").card

    for metric, value in card.metrics.items():
        name = "F1" if metric == "f1" else metric
        figures = [f"{value:.2f}", *(f"{b[metric]:.2f}" for b in card.baselines.values())]
        assert f"| {' | '.join([name, *figures])} |" in readme
