from __future__ import annotations

from typing import Any, cast

import pytest

from fleet import console
from fleet.catalogue import load
from fleet.cloud import Cloud
from fleet.paths import CATALOGUE
from tour.delivery import Delivery, Sent
from tour.demo import Demo
from tour.platform import Platform

ENDPOINT = "http://127.0.0.1:4566"


class Lake(Platform):
    """Buckets of the catalogue as sets of keys."""

    def __init__(self, **buckets: set[str]) -> None:
        super().__init__(load(CATALOGUE), Cloud("process", ENDPOINT, "abcdef12", {}, {}))
        object.__setattr__(self, "buckets", buckets)

    def objects(self, bucket: str, prefix: str = "") -> Any:
        keys = cast(Any, self).buckets.get(bucket, set())
        return ({"Key": key} for key in sorted(keys) if key.startswith(prefix))


def report(key: str, **more: Any) -> dict[str, Any]:
    """The report on a file of ten rows, of which eight were curated."""
    return {
        "status": "curated",
        "object_key": key,
        "rows_in": 10,
        "rows_curated": {"orders": 7, "returns": 1},
        "rows_quarantined": 1,
        "exact_duplicates": 1,
        "quarantine_reasons": {"missing_required": 1},
        **more,
    }


@pytest.fixture
def demo() -> Demo:
    """Two files of one source and a file of another went in."""
    keys = ["online-retail/2010-12.csv", "online-retail/2011-01.csv", "stocks/2010.csv"]
    market = {"rows_curated": {"market_series": 10}, "rows_quarantined": 0, "exact_duplicates": 0}
    reports = [
        *map(report, keys[:2]),
        report(keys[2], quarantine_reasons={}, **market),
    ]
    sent = [Sent(key, 1_000_000) for key in keys]
    return Demo(Lake(raw=set(keys)), "a shop", Delivery(sent, reports, 1.0, 2.0, 0))


def printed(capsys: pytest.CaptureFixture[str], lines: Any) -> str:
    """The text of lines and tables."""
    for line in lines:
        console.out.print(line)
    return capsys.readouterr().out
