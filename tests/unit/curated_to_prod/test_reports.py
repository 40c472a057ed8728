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
        ('"rows": 2', '"rows": 3'),
        ('"rows": 2', '"rows": 0'),
        ('"rows": 2', '"rows": -2'),
        ('"rows_in": 2', '"rows_in": 3'),
        ('"exact_duplicates": 0', '"exact_duplicates": 1'),
        ('"rows": 2', '"rows": 1e999'),
        ('"rows": 2', '"rows": ' + "9" * 5_000),
        ('"rows": 2', '"rows": NaN'),
        ('"min": "2011-01-05', '"min": "1990-01-01'),
        ('"max": "2011-01-31', '"max": "2099-12-31'),
        ('"max": "2011-01-31', '"max": "10000-01-01'),
        ("orders/source=shop/object=jan/", "orders/source=other/object=jan/"),
        ("orders/source=shop/object=jan/", "orders/source=shop/object=feb/"),
        ("orders/source=shop/object=jan/", "../orders/source=shop/object=jan/"),
        ("returns/source=shop/object=jan/", "orders/source=shop/object=jan/"),
        ('"quality": null', '"quality": ' + "[" * 100_000),
        ('"source"', '"\\ud800"'),
    ],
    ids=lambda text: text[:40],
)
def test_a_report_that_cannot_be_read_is_named(storage: MemoryStorage, old: str, new: str) -> None:
    key = put(storage, "jan", JANUARY)
    text = storage.get("curated", key).body.decode().replace(old, new)
    storage.write("curated", key, text.encode())
    with pytest.raises(UnusableReportError, match=r"object=jan/.* cannot be used"):
        process(storage, key)
    assert list(storage.keys("prod")) == []
