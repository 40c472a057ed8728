from __future__ import annotations

import pytest

from curated_to_prod.reports import UnusableReportError
from data_plane.small_shop import JANUARY, process, put
from datalake.memory import MemoryStorage


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"contract_version": "1.', '"contract_version": "9.'),
        ('"outputs"', '"results"'),
        ('"min": "2011', '"min": "x'),
        (
            "{",
            "[",
        ),
        ('"time_range"', '"times"'),
    ],
)
def test_a_report_that_cannot_be_read_is_named(storage: MemoryStorage, old: str, new: str) -> None:
    key = put(storage, "jan", JANUARY)
    text = storage.get("curated", key).body.decode().replace(old, new)
    storage.write("curated", key, text.encode())
    with pytest.raises(UnusableReportError, match=r"object=jan/report\.json"):
        process(storage, key)
    assert list(storage.keys("prod")) == []
