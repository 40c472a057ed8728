from __future__ import annotations

from data_plane.retail import GOOD, replace, retail
from datalake.contracts.curated import ORDERS


def test_of_exact_duplicates_the_first_is_kept() -> None:
    bad = replace(3, "0")
    curated = retail(
        GOOD + bad + GOOD + GOOD.replace("WHITE", '"WHITE').replace("ER,", 'ER",') + bad
    )
    assert curated.exact_duplicates == 3
    assert curated.tables[ORDERS]["line_number"].to_list() == [2]
    assert curated.quarantine["line_number"].to_list() == [3]
