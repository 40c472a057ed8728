"""The insights table of demand-insights-engine."""

from pathlib import Path

from datalake.files import decode
from datalake.memory import MemoryStorage
from demand_insights_engine import insights
from fleet.catalogue import load
from fleet.paths import CATALOGUE, ROOT

SAMPLE = (
    ROOT
    / load(CATALOGUE).folder_of("demand-insights-engine")
    / "events/files/unusual_weeks.parquet"
)


def test_the_sample_meets_the_contract():
    insights.UNUSUAL_WEEKS.check(decode(insights.UNUSUAL_WEEKS, Path(SAMPLE).read_bytes()))


def test_a_source_is_read_from_its_own_file():
    storage = MemoryStorage()
    storage.write("insights", insights.key("shop"), Path(SAMPLE).read_bytes())

    found = insights.read(storage, "insights", "shop")

    assert found is not None
    assert found.height > 0
    assert insights.read(storage, "insights", "mill") is None
