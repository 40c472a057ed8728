"""The tables of fraud, on payments that the model has not seen, of any of the documented forms."""

from datetime import date, datetime

import polars as pl
import pytest

from card_payments import simulate

MEASURES = ("average precision", "average precision, all cards", "card precision@100")
DAY = pl.col("TX_DATETIME").dt.date()


@pytest.fixture(scope="module")
def module(training_module):
    """With one quick baseline, and a small bag."""
    module, learners = training_module("evaluate_fraud"), training_module("learners")
    name = "logistic regression, published features"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BASELINES", {name: module.BASELINES[name]})
        patch.setattr(learners, "MEMBERS", 2)
        patch.setattr(learners, "ROUNDS", 20)
        yield module


@pytest.fixture
def evaluate(module, tmp_path):
    def of(table, *splits):
        table.write_parquet(tmp_path / "payments.parquet")
        return module.evaluate(tmp_path / "payments.parquet", splits)

    return of


@pytest.fixture(scope="module")
def table():
    return simulate(6, customers=100, days=62)


def test_four_weeks_6_days_apart_end_with_the_payments(module, evaluate, table):
    found = evaluate(table)

    assert found["weeks"] == ["2021-04-07", "2021-04-13", "2021-04-19", "2021-04-25"]
    assert set(found["models"]) == {*module.BASELINES, module.OURS, module.ORACLE}
    for values in (*found["models"].values(), found[module.IN_IMAGE]):
        for name in MEASURES:
            assert 0 <= values[name]["mean"] <= 1
            assert len(values[name]["weeks"]) == 4
            assert values[name]["plus or minus"] > 0
    models = found["models"]
    assert models[module.ORACLE][MEASURES[0]]["mean"] > 0.3
    assert found["notes"] == []


def test_the_table_has_a_line_for_each_model(module, evaluate, table):
    found = evaluate(table, date(2021, 4, 20))
    text = "\n".join(module.lines(found))

    for name in (*found["models"], module.IN_IMAGE):
        assert f"\n{name} " in text
    # A single week has no interval.
    assert "±" not in text
    assert "of the oracle's average precision" in text


def test_without_scenarios_and_with_text_for_identifiers(module, evaluate, table):
    other = table.drop("TX_FRAUD_SCENARIO").with_columns(
        pl.format("customer {}", "CUSTOMER_ID").alias("CUSTOMER_ID"),
        pl.format("T-{}", "TERMINAL_ID").alias("TERMINAL_ID"),
        pl.col("TX_DATETIME").dt.strftime("%Y-%m-%d %H:%M:%S"),
    )
    found = evaluate(other, date(2021, 4, 20))

    assert module.ORACLE not in found["models"]
    assert found["notes"] == ["no oracle, because the file has no TX_FRAUD_SCENARIO"]
    expected = evaluate(table, date(2021, 4, 20))
    assert found["models"][module.OURS] == expected["models"][module.OURS]
    assert "no oracle" in "\n".join(module.lines(found))


def test_a_week_without_fraud_is_left_out_and_named(evaluate, table):
    quiet = date(2021, 4, 25) <= DAY
    honest = [
        pl.when(quiet).then(0).otherwise(name).alias(name)
        for name in ("TX_FRAUD", "TX_FRAUD_SCENARIO")
    ]
    found = evaluate(table.with_columns(*honest))
    assert found["weeks"] == ["2021-04-07", "2021-04-13", "2021-04-19"]
    assert found["notes"] == ["the week from 2021-04-25 on is left out: no fraud in the test"]


def test_without_any_fraud_there_is_nothing_to_measure(module, evaluate, table):
    with pytest.raises(module.PaymentsError, match="no week can be measured: the week from 2021"):
        evaluate(table.with_columns(pl.lit(0).alias("TX_FRAUD")))


def test_fewer_days_than_a_week_of_the_protocol_needs_are_named(module, evaluate, table):
    with pytest.raises(module.PaymentsError, match=r"of 41 days; 42 are needed: 28 of training"):
        evaluate(table.filter(date(2021, 4, 11) > DAY))


def test_days_for_fewer_weeks_give_fewer_weeks(module, training_module, evaluate, table, tmp_path):
    for days, weeks in ((42, 1), (47, 1), (48, 2), (54, 3), (60, 4), (62, 4)):
        file = tmp_path / "part.parquet"
        table.filter(date.fromordinal(date(2021, 3, 1).toordinal() + days) > DAY).write_parquet(
            file
        )
        payments = training_module("payment_files").read(file)
        assert len(module.starts(payments, ())) == weeks


@pytest.mark.parametrize("split", [date(2021, 4, 4), date(2021, 4, 26), date(2020, 1, 1)])
def test_a_split_beyond_the_payments_is_named(module, evaluate, table, split):
    with pytest.raises(
        module.PaymentsError, match="must be between 2021-04-05 and 2021-04-25: the payments are of"
    ):
        evaluate(table, date(2021, 4, 20), split)


def test_the_artefact_is_not_measured_on_weeks_that_it_knows(module, evaluate):
    payments = simulate(6, customers=100, days=44, start=datetime(2018, 6, 1))
    found = evaluate(payments)

    own = found[module.IN_IMAGE]
    assert list(own) == ["version"]
    assert "is not measured: it knows these weeks" in "\n".join(module.lines(found))
