from __future__ import annotations

import re
from dataclasses import replace

import pytest

from datalake.contracts.prod import DEMAND_DAILY, PROD_TABLES
from datalake.layout import Partition
from tour.demo import Demo
from tour.parts import products
from unit.tour.conftest import Lake, printed


def test_counts_the_partitions_of_every_table(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    made = [
        Partition(DEMAND_DAILY, source, month)
        for source, month in (("b", "2011-01"), ("a", "2011-01"), ("a", "2011-02"))
    ]
    prod = {one.manifest_key for one in made} | {one.data_key for one in made}

    text = printed(capsys, products.show(replace(demo, platform=Lake(prod=prod))))

    lines = re.findall(r"^([a-z_]+) +(\S.*?) +(\d+) *$", text, re.MULTILINE)
    assert [name for name, _, _ in lines] == [table.name for table in PROD_TABLES]
    assert ("demand_daily", "a, b", "3") in lines
    assert ("country_years", "-", "0") in lines
