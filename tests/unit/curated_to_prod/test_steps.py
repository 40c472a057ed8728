"""Which partitions a change reaches, and when a partition counts as made from the same."""

from __future__ import annotations

import pytest

from curated_to_prod.steps import PartitionInputs, Upstream
from datalake.contracts.prod import MERGED_ORDERS, PRODUCT_MONTHS
from datalake.manifest import Input


@pytest.mark.parametrize(("back", "ahead"), [(0, 0), (2, 0), (0, 1), (6, 3)])
def test_a_period_goes_into_those_that_take_it(back: int, ahead: int) -> None:
    upstream = Upstream(MERGED_ORDERS, back, ahead)
    reached = upstream.reached("2011-01")
    assert len(reached) == back + ahead + 1
    assert all("2011-01" in upstream.periods(period) for period in reached)


def test_a_digest_depends_on_all_that_a_partition_is_made_from() -> None:
    one, other = Input("prod", "a", "1"), Input("prod", "b", "2")
    made = [
        PartitionInputs([one, other]),
        PartitionInputs([other, one]),
        PartitionInputs([one]),
        PartitionInputs([one], {"through": "2011-01-31"}),
        PartitionInputs([Input("prod", "a", "2")]),
    ]
    digests = {entry.digest(table) for entry in made for table in (MERGED_ORDERS, PRODUCT_MONTHS)}
    assert len(digests) == 2 * len(made)
    assert PartitionInputs([one]).digest(MERGED_ORDERS) == made[2].digest(MERGED_ORDERS)
