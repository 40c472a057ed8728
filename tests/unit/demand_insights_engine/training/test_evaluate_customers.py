"""The evaluation of customers: published results on CDNOW, and files of both forms."""

from datetime import date

import polars as pl
import pytest

from customer_days import simulate


@pytest.fixture(scope="module")
def evaluation(training_module):
    module, measures = (
        training_module(name) for name in ("evaluate_customers", "customer_measures")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_REPLICATES", 5)
        patch.setattr(measures, "_DRAWS", 20)
        yield module


@pytest.fixture(scope="module")
def cdnow(evaluation):
    """What is measured where Online Retail is not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLEET_DATA_DIR", "none")
        return evaluation.evaluate(None)


def test_the_published_fits_of_cdnow_are_met(cdnow):
    fits = cdnow["CDNOW"]["fits"]

    assert fits["BG/NBD"] == {
        "r": pytest.approx(0.243, abs=5e-4),
        "alpha": pytest.approx(4.414, abs=5e-4),
        "a": pytest.approx(0.793, abs=5e-4),
        "b": pytest.approx(2.426, abs=5e-4),
        "log-likelihood": -9582.4,
    }
    assert fits["Pareto/NBD"] == {
        "r": pytest.approx(0.553, abs=5e-4),
        "alpha": pytest.approx(10.578, abs=5e-4),
        "s": pytest.approx(0.606, abs=5e-4),
        "beta": pytest.approx(11.669, abs=5e-4),
        "log-likelihood": -9595.0,
    }
    assert {name: fits["Gamma-Gamma"][name] for name in ("p", "q", "gamma")} == {
        "p": pytest.approx(6.25, abs=5e-3),
        "q": pytest.approx(3.74, abs=5e-3),
        "gamma": pytest.approx(15.44, abs=5e-3),
    }


def test_the_forecast_of_cdnow_is_better_than_rates(cdnow):
    errors = cdnow["CDNOW"]["RMSE of purchases"]

    assert errors["BG/NBD"]["value"] <= 1.61
    assert errors["BG/NBD"]["value"] < errors["the mean rate of all"]["value"]
    assert "FLEET_DATA_DIR" in cdnow["churn"]


def test_a_file_of_purchases_is_measured_on_both(evaluation, tmp_path):
    days = simulate(300, 4, days=400)
    days.select(
        "customer_id", pl.col("day").alias("date"), pl.lit(1).alias("quantity"), "amount"
    ).write_csv(tmp_path / "purchases.csv")

    found = evaluation.evaluate(tmp_path / "purchases.csv")

    assert found["purchases"]["customers"] == 300
    churn = found["churn"]
    assert churn["AUC"]["gradient boosting"]["value"] > 0.6
    assert churn["customers known for 90 days"] <= churn["customers"]
    text = "\n".join(evaluation.lines(found))
    assert "gradient boosting: 0." in text


def test_too_short_a_file_says_why_churn_is_not_measured(evaluation, tmp_path):
    simulate(300, 4, days=200).select(
        "customer_id", pl.col("day").alias("date"), pl.lit(1).alias("quantity"), "amount"
    ).write_csv(tmp_path / "purchases.csv")

    assert "churn cannot be measured" in evaluation.evaluate(tmp_path / "purchases.csv")["churn"]


def test_a_split_without_a_test_and_too_few_customers_are_refused(evaluation, training_module):
    error = training_module("cdnow").PurchasesError

    with pytest.raises(error, match="the test must begin between"):
        evaluation.purchases(simulate(50, 1), date(2030, 1, 1))
    with pytest.raises(error, match="at least 10 are needed"):
        evaluation.purchases(simulate(3, 1))
