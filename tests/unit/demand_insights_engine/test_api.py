"""The routes of demand-insights-engine, without HTTP."""

from datetime import date, timedelta

import pytest

from datalake.memory import MemoryStorage
from demand_insights_engine import adapter, artefact, insights
from demand_insights_engine.adapter import ApiSettings
from demand_insights_engine.api import assess_series, list_unusual_weeks
from demand_insights_engine.schemas import Series, Week
from fleet.catalogue import load
from fleet.paths import CATALOGUE, ROOT
from lambda_app.http import ProblemError

FILES = ROOT / load(CATALOGUE).folder_of("demand-insights-engine") / "events/files"


@pytest.fixture(autouse=True)
def storage(monkeypatch) -> MemoryStorage:
    storage = MemoryStorage()
    monkeypatch.setattr(adapter, "storage", lambda: storage)
    monkeypatch.setattr(adapter, "api_settings", lambda: ApiSettings(insights_bucket="insights"))
    return storage


def test_every_week_is_assessed_and_charted():
    units = [41, 38, 45, 40, 39, 44, 42, 37, 210]
    weeks = [
        Week(week=date(2011, 1, 3) + timedelta(weeks=number), units=value)
        for number, value in enumerate(units)
    ]

    found = assess_series(Series(weeks=weeks))

    assert [week.units for week in found.weeks] == units
    assert [week.is_unusual for week in found.weeks] == [False] * 8 + [True]
    assert len(found.chart["data"]["values"]) == len(units)
    assert found.model_version == artefact.load().version


def test_the_greatest_deviations_come_first(storage):
    content = (FILES / "unusual_weeks.parquet").read_bytes()
    storage.write("insights", insights.key("shop"), content)

    found = list_unusual_weeks("shop")

    scores = [abs(week.score) for week in found.weeks]
    assert scores == sorted(scores, reverse=True)
    assert list_unusual_weeks("shop", limit=1).weeks == found.weeks[:1]
    assert found.data_version


def test_an_unknown_source_is_not_found():
    with pytest.raises(ProblemError, match="404 Not Found: There are no insights on source mill"):
        list_unusual_weeks("mill")
