"""What messages to the batches announce."""

import pytest

from datalake.contracts.prod import DEMAND_WEEKLY
from demand_insights_engine.batch import announced_source
from lambda_app.dead_letters import PoisonMessageError
from queue_messages import DELETED, s3_event

MANIFEST = "demand_weekly/source=shop/month=2011-01/_manifest.json"


def announced(key: str, **fields: str) -> str | None:
    return announced_source(
        s3_event(key, bucket="prod", **fields), bucket="prod", table=DEMAND_WEEKLY
    )


def test_a_manifest_announces_its_source():
    assert announced(MANIFEST) == "shop"


def test_rows_and_deletions_announce_nothing():
    assert announced("demand_weekly/source=shop/month=2011-01/part-0.parquet") is None
    assert announced(MANIFEST, kind=DELETED) is None


@pytest.mark.parametrize(
    "key", ["demand_daily/source=shop/month=2011-01/_manifest.json", "demand_weekly/_manifest.json"]
)
def test_manifests_of_other_tables_are_poison(key):
    with pytest.raises(PoisonMessageError, match="is not a partition of demand_weekly"):
        announced(key)
