from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from shop.parameters import Parameters, RhythmLaws
from shop.periods import Rhythm, day_of_year, days_of, months, season

START = date(2023, 1, 1)


def test_months_follow_each_other_without_a_gap() -> None:
    parameters = Parameters(start=date(2023, 11, 1), months=16)

    found = list(months(parameters))

    days = np.concatenate([month.dates for month in found])
    assert (np.diff(days) == np.timedelta64(1, "D")).all()
    assert [found[0].name, found[-1].name] == ["2023-11", "2025-02"]
    assert np.array_equal(np.concatenate([m.day_numbers for m in found]), np.arange(len(days)))
    assert days_of(parameters) == len(days)


def test_days_of_the_year_count_from_one() -> None:
    dates = np.array(["2023-01-01", "2024-03-01", "2024-12-31"], "datetime64[D]")

    assert day_of_year(dates).tolist() == [1, 61, 366]


def test_a_season_is_highest_on_its_peak() -> None:
    year = np.datetime64(START, "D") + np.arange(365)

    wave = season(year, 0.5, 160)

    assert int(np.argmax(wave)) == 159
    assert wave.max() == pytest.approx(0.5)
    assert wave.mean() == pytest.approx(0, abs=0.001)


def test_the_factors_of_the_rhythm_have_the_mean_one() -> None:
    rhythm = Rhythm(RhythmLaws(), START, 7 * 365)

    assert rhythm.factors.mean() == pytest.approx(1, abs=0.002)
    assert rhythm.weeks(7 * 365) == pytest.approx(365, rel=0.002)


def test_events_even_in_shop_time_have_the_rhythm_in_the_calendar() -> None:
    laws = RhythmLaws()
    rhythm = Rhythm(laws, START, 364)
    even = np.linspace(0, rhythm.weeks(364), 364_000, endpoint=False)

    day, at = rhythm.calendar(even)

    count = np.bincount(day, minlength=364)
    assert np.allclose(count / count.mean(), rhythm.factors / rhythm.factors.mean(), atol=0.01)
    hour = (at - at.astype("datetime64[D]")) / np.timedelta64(60, "m")
    assert hour.min() >= laws.opens
    assert hour.max() < laws.closes
    assert (np.diff(at) >= np.timedelta64(0, "m")).all()


def test_a_day_on_which_the_shop_is_closed_has_no_event() -> None:
    laws = RhythmLaws(weekdays=(1.2, 1.2, 1.2, 1.2, 1.2, 0, 1.0), season=0)
    rhythm = Rhythm(laws, START, 28)

    day, _ = rhythm.calendar(np.linspace(0, rhythm.weeks(28), 10_000, endpoint=False))

    # 1 January 2023 is a Sunday.
    assert set(np.arange(28)) - set(day.tolist()) == {6, 13, 20, 27}
