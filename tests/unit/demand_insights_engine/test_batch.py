"""What demand-insights-engine-batch makes of the demand for products."""

import json
from datetime import date, timedelta

import polars as pl
import pytest

from datalake.memory import MemoryStorage
from demand_insights_engine import artefact, insights
from demand_insights_engine.adapter import BatchSettings
from demand_insights_engine.batch import announced_source, unusual_weeks, update
from demand_insights_engine.unusual_weeks.scores import Parameters
from lambda_app.dead_letters import PoisonMessageError

SETTINGS = BatchSettings(prod_bucket="prod", insights_bucket="insights")
PARAMETERS = Parameters(scale_floor=0.2, threshold=3.5)
USUAL = [41, 38, 45, 40, 39, 44, 42, 37, 43, 40]


def demand(product_id: str, units: list[int], days: int = 7) -> pl.DataFrame:
    """The weeks of a product; `days` are those of the last week."""
    return pl.DataFrame(
        {
            "product_id": product_id,
            "currency": "GBP",
            "week": [date(2011, 1, 3) + timedelta(weeks=number) for number in range(len(units))],
            "days": [7] * (len(units) - 1) + [days],
            "units": units,
        }
    )


def message(key: str, bucket: str = "prod") -> str:
    return json.dumps(
        {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": {"bucket": {"name": bucket}, "object": {"key": key}},
        }
    )


def test_a_manifest_announces_its_source():
    key = "demand_weekly/source=shop/month=2011-01/_manifest.json"

    assert announced_source(message(key), "prod") == "shop"


@pytest.mark.parametrize(
    "key", ["demand_daily/source=shop/month=2011-01/_manifest.json", "demand_weekly/_manifest.json"]
)
def test_other_keys_are_poison(key):
    with pytest.raises(PoisonMessageError, match="is not a partition of demand_weekly"):
        announced_source(message(key), "prod")


def test_each_product_is_assessed_by_itself():
    rows = pl.concat([demand("a", [*USUAL, 210]), demand("b", [u * 5 for u in USUAL] + [210])])

    found = unusual_weeks(rows, PARAMETERS)

    assert found.select("product_id", "units").rows() == [("a", 210)]
    assert found["expected"][0] == pytest.approx(41, abs=1)


@pytest.mark.parametrize(
    "rows", [demand("a", [*USUAL, 5], days=1), demand("a", [1, 1, 1, 1, 1, 1, 50])]
)
def test_short_weeks_and_short_series_are_left_out(rows):
    assert unusual_weeks(rows, PARAMETERS).is_empty()


def test_insights_name_model_and_data_and_are_written_once():
    storage = MemoryStorage()

    update(storage, SETTINGS, artefact.load(), ["shop"])
    written = storage.head("insights", insights.key("shop"))
    update(storage, SETTINGS, artefact.load(), ["shop", "shop"])

    assert written is not None
    assert written.metadata["model-version"] == artefact.load().version
    assert storage.head("insights", insights.key("shop")) == written
