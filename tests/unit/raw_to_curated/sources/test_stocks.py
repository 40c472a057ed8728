from __future__ import annotations

from datetime import date

from data_plane.curation import curate
from data_plane.sources import only
from raw_to_curated.sources import SOURCES


def test_an_observation_has_its_unit_and_frequency() -> None:
    prices = "Ticker,Date,Open,High,Low,Close,Volume,Adj Close\nIBM,2000-03-01,1,2,0.5,1.5,9,1e-3\n"
    row = only(curate(SOURCES["stocks"], "stocks/a.csv", prices.encode())).row(0, named=True)
    assert (row["observed_on"], row["value"], row["adjusted_value"]) == (
        date(2000, 3, 1),
        1.5,
        0.001,
    )
    assert (row["unit"], row["frequency"]) == ("USD", "daily")
