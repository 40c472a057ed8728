"""One evaluation of everything that a file tells, and clear errors."""

import json
import sys
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="module")
def module(training_module):
    return training_module("evaluate")


@pytest.fixture
def evaluate(module, monkeypatch, capsys):
    """Runs the script: its exit code, or its message, and what it printed."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["evaluate.py", *map(str, arguments)])
        try:
            module.main()
        except SystemExit as left:
            return left.code, capsys.readouterr()
        return 0, capsys.readouterr()

    return run


def orders(days, *, customers=True):
    random = np.random.default_rng(5)
    row, day = np.nonzero(random.poisson(0.8, (6, days)))
    columns = {
        "order_id": [f"O{at}" for at in range(row.size)],
        "product_id": [f"P{at}" for at in row],
        "description": ["tray"] * row.size,
        "quantity": random.integers(1, 9, row.size),
        "unit_price": np.where(day % 40 < 20, 2.0, 2.5),
        "ordered_at": [datetime(2021, 3, 6) + timedelta(days=int(at)) for at in day],
    }
    if customers:
        columns["customer_id"] = [f"C{at}" for at in random.integers(0, 9, row.size)]
    return pl.DataFrame(columns)


@pytest.mark.parametrize("given", [{"days": 30}, {"days": 170, "customers": False}])
def test_what_lines_do_not_tell_is_said_and_the_rest_is_measured(module, tmp_path, given):
    orders(**given).write_csv(tmp_path / "orders.csv")

    found = module.evaluate(tmp_path / "orders.csv")

    assert set(found) == set(module.TABLES) - {"forecasts of M4 series"}
    text = "\n".join(module.lines(found))
    assert "of 6 products" in text
    assert json.dumps(module.plain(found), allow_nan=False)
    if given["days"] == 30:
        assert "24 are needed" in found["stock"][module.NOT_MEASURED]
        assert "not measured: 4 whole weeks; 24 are needed" in text
    else:
        assert "lacks customer_id" in found["customers"][module.NOT_MEASURED]
        assert found["stock"]["orders.csv"]["products"] == 6


def test_series_are_measured_with_all_methods_and_alone(module, tmp_path):
    values = np.random.default_rng(5).normal(100, 9, (4, 40)).round(2)
    for name, part in (("train", values[:, :34]), ("test", values[:, 34:])):
        rows = [f"Y{at},{','.join(map(str, row))}" for at, row in enumerate(part)]
        (tmp_path / f"Yearly-{name}.csv").write_text("\n".join(["id,1", *rows]) + "\n")

    found = module.evaluate(tmp_path / "Yearly-train.csv")

    assert set(found) == {"forecasts of M4 series", "forecasts of single series"}
    alone = found["forecasts of single series"]["Yearly-train.csv"]
    assert list(alone) == ["series", "last 5 values", "last 12 values", "last 20 values"]


def test_the_split_is_that_of_purchases(evaluate, training_module, monkeypatch, tmp_path):
    monkeypatch.setattr(training_module("evaluate_customers"), "_REPLICATES", 3)
    monkeypatch.setattr(training_module("customer_measures"), "_DRAWS", 10)
    file = tmp_path / "purchases.csv"
    random = np.random.default_rng(5)
    rows = [
        f"{customer},2024-{1 + day // 28:02}-{1 + day % 28:02},1,{random.integers(5, 60)}"
        for customer in range(60)
        for day in sorted(random.choice(300, 1 + random.poisson(3), replace=False).tolist())
    ]
    file.write_text("\n".join(["customer_id,date,quantity,amount", *rows]) + "\n")

    code, printed = evaluate("--data", file, "--split", "2024-08-01", "--json")

    assert code == 0
    found = json.loads(printed.out)
    assert list(found) == ["customers"]
    assert found["customers"]["purchases"]["test from"] == "2024-08-01"


def test_numbers_that_json_has_no_form_for_are_null(module):
    assert module.plain({"a": [float("nan"), (1.5, float("inf"))], "b": "x"}) == {
        "a": [None, [1.5, None]],
        "b": "x",
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "has the columns a, b, which are of no form that is evaluated"),
        ("customer_id,date,quantity,amount\n1,2024-01-01,1,NaN\n", "row 1: amount is 'NaN'"),
        (
            "product_id,description,quantity,unit_price,ordered_at\na,b,NaN,2,2024-01-01\n",
            "no line",
        ),
    ],
)
def test_bad_data_is_one_clear_error(evaluate, tmp_path, content, said):
    file = tmp_path / "data.csv"
    file.write_text(content)

    message, printed = evaluate("--data", file)

    assert message.startswith(f"error: {file}")
    assert said in message
    assert "\n" not in message
    assert printed.out == ""


def test_a_split_that_is_not_a_date(evaluate):
    code, printed = evaluate("--split", "monday")
    assert code == 2
    assert "'monday' is not a date; write it as 1997-10-01" in printed.err
