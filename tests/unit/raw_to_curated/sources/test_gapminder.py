from __future__ import annotations

import pytest

from data_plane.curation import curate
from data_plane.sources import only
from raw_to_curated.sources import SOURCES


def test_indicators_may_be_unknown() -> None:
    years = "country,year,fertility,life_expectancy,population\nChad,1964,6.3,,3000000\n"
    row = only(curate(SOURCES["gapminder"], "gapminder/a.csv", years.encode())).row(0, named=True)
    assert (row["life_expectancy"], row["gdp_per_capita"]) == (None, None)


@pytest.mark.parametrize("value", ["NaN", "inf", "-Infinity", "1e999"])
def test_measurements_are_finite(value: str) -> None:
    text = f"country,year,fertility,life_expectancy,population\nChad,1964,{value},,3\n"
    (reasons,) = curate(SOURCES["gapminder"], "g/a.csv", text.encode()).quarantine["reasons"]
    assert reasons.to_list() in (["non_finite_number"], ["number_out_of_range"])
