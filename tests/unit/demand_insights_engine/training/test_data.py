"""The data that demand-insights-engine is trained and evaluated on."""

import importlib.util
import sys
from itertools import pairwise

import pytest

from fleet import training
from fleet.catalogue import load
from fleet.paths import CATALOGUE

HEAD = "series,week,units,is_unusual\n"


@pytest.fixture(scope="module")
def data():
    """The module, under a name that no other function's has."""
    name = "demand_insights_engine_training_data"
    file = training.folder_of(load(CATALOGUE), "demand-insights-engine") / "data.py"
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_what_is_written_is_read_again(data, tmp_path):
    series, held_out = data.built_in(1)
    file = tmp_path / "sales.csv"
    file.write_bytes(data.as_csv(series[:3]))

    assert data.read(file) == series[:3]
    assert len(series) == len(held_out)
    assert series[0] != held_out[0]


def test_some_weeks_are_unusual_and_all_are_in_order(data):
    series, _ = data.built_in(1)

    weeks = [is_unusual for one in series for is_unusual in one.is_unusual]
    assert 0.03 < sum(weeks) / len(weeks) < 0.05
    assert all(earlier < later for earlier, later in pairwise(series[0].weeks))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "lacks series, week, units, is_unusual"),
        (HEAD, "has no rows"),
        (f"{HEAD}a,2011-01-01,1,0\n", "series a has 1 weeks; 8 are needed"),
        (f"{HEAD}a,2011-01-01,-1,0\n", "sales.csv:2: units are -1"),
        (f"{HEAD}a,2011-01-01,nan,0\n", "sales.csv:2: units are nan"),
        (f"{HEAD}a,2011-01-01,many,0\n", "sales.csv:2: could not convert"),
        (f"{HEAD}a,2011-01-01,1,yes\n", "sales.csv:2: 'yes'"),
        (f"{HEAD}a,2011-01-01\n", "sales.csv:2: "),
        (f"{HEAD}a,2011-01-01,1,0\na,2011-01-01,1,0\n", "week 2011-01-01 is not after"),
        ("\xff", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_bad_data_is_named(data, tmp_path, content, message):
    file = tmp_path / "sales.csv"
    if content is not None:
        file.write_text(content, encoding="latin-1")

    with pytest.raises(data.DataError, match=message):
        data.read(file)
