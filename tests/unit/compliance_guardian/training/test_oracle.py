"""The oracle knows what the simulator does, and no more than could be known."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from card_payments import simulate

START = datetime(2021, 3, 1)


@pytest.fixture(scope="module")
def files(training_module):
    return training_module("payment_files")


@pytest.fixture(scope="module")
def oracle(training_module):
    return training_module("oracle").Oracle


@pytest.fixture
def payments(files, tmp_path):
    """Payments of (day, customer, terminal, amount, scenario), each at noon."""

    def of(rows):
        days, customers, terminals, amounts, scenarios = zip(*rows, strict=True)
        pl.DataFrame(
            {
                "TX_DATETIME": [START + timedelta(days=day, hours=12) for day in days],
                "CUSTOMER_ID": customers,
                "TERMINAL_ID": terminals,
                "TX_AMOUNT": [float(amount) for amount in amounts],
                "TX_FRAUD": [int(scenario > 0) for scenario in scenarios],
                "TX_FRAUD_SCENARIO": scenarios,
            }
        ).write_parquet(tmp_path / "payments.parquet")
        return files.read(tmp_path / "payments.parquet")

    return of


# Many quiet customers and terminals, so that draws are rare.
CROWD = [(0, number, number, 50, 0) for number in range(1_000, 2_000)]


def usual(days, customer=1, terminal=1, amount=50):
    return [(day, customer, terminal, amount, 0) for day in days]


def score_of_last(oracle, payments, rows):
    found = payments([*CROWD, *rows])
    return oracle.of(found).scores([len(found) - 1])[0]


def test_an_amount_above_220_is_fraud(oracle, payments):
    assert score_of_last(oracle, payments, [*usual(range(5)), (5, 1, 1, 220.01, 1)]) == 1
    assert score_of_last(oracle, payments, [*usual(range(5)), (5, 1, 1, 60, 0)]) < 0.1


def test_a_terminal_with_a_known_fraud_is_suspicious_while_it_may_last(oracle, payments):
    def score(age):
        fraud = (60, 2, 7, 50, 2)
        others = usual([40, 45], customer=2, terminal=7)
        later = (60 + age, 1, 7, 50, 0)
        return score_of_last(oracle, payments, [*usual([1]), *others, fraud, later])

    assert score(6) < 0.1 < 0.5 < score(8)
    assert score(8) > score(20) > score(27) > score(60)


def test_a_payment_known_to_be_honest_ends_the_suspicion(oracle, payments):
    fraud, later = (60, 2, 7, 50, 2), (80, 1, 7, 50, 0)
    honest = (70, 3, 7, 50, 0)
    without = score_of_last(oracle, payments, [*usual([1]), fraud, later])
    with_honest = score_of_last(oracle, payments, [*usual([1]), fraud, honest, later])
    assert with_honest < 0.1 < without


def test_five_times_the_usual_amount_is_suspicious_and_more_so_after_another(oracle, payments):
    before = usual(range(0, 40, 2), amount=20)
    one = score_of_last(oracle, payments, [*before, (41, 1, 2, 100, 3)])
    two = score_of_last(oracle, payments, [*before, (41, 1, 2, 100, 3), (42, 1, 3, 100, 3)])
    none = score_of_last(oracle, payments, [*before, (41, 1, 2, 20, 0)])
    assert none < one < two
    assert two > 0.9


def test_a_known_fraud_by_the_card_makes_a_usual_amount_no_fraud(oracle, payments):
    """The third that is fraud has five times the amount."""
    before = usual(range(0, 40, 2), amount=20)
    known = [*before, (41, 1, 2, 100, 3)]
    # What remains is that a new terminal may be compromised.
    assert score_of_last(oracle, payments, [*known, (50, 1, 3, 20, 0)]) < 0.1
    assert score_of_last(oracle, payments, [*known, (50, 1, 3, 100, 3)]) > 0.9


def test_what_is_not_known_yet_changes_no_score(oracle, files, tmp_path):
    """Neither later payments nor labels of the last 7 days; means are of all honest payments."""
    table = simulate(2, customers=60, days=50)
    now = START + timedelta(days=40)
    hidden = pl.col("TX_DATETIME") > now - timedelta(days=7)
    changed = table.with_columns(
        pl.when(hidden & (pl.col("TX_FRAUD_SCENARIO") == 2)).then(0).otherwise("TX_FRAUD_SCENARIO")
        .alias("TX_FRAUD_SCENARIO")
    )  # fmt: skip
    found = []
    for one in (table, changed):
        one.write_parquet(tmp_path / "payments.parquet")
        payments = files.read(tmp_path / "payments.parquet")
        rows = np.flatnonzero(payments.day == 39)
        found.append(oracle.of(payments).scores(rows.tolist()))
    np.testing.assert_array_equal(*found)


def test_frauds_have_far_higher_scores_than_honest_payments(oracle, files, tmp_path):
    simulate(3, days=60).write_parquet(tmp_path / "payments.parquet")
    payments = files.read(tmp_path / "payments.parquet")
    rows = np.flatnonzero(payments.day >= 40)
    scores, fraud = oracle.of(payments).scores(rows.tolist()), payments.fraud[rows]
    assert ((scores >= 0) & (scores <= 1)).all()
    assert scores[fraud].mean() > 5 * scores[~fraud].mean()


def test_without_scenarios_there_is_no_oracle(oracle, files, tmp_path):
    simulate(2, customers=5, days=5).drop("TX_FRAUD_SCENARIO").write_csv(tmp_path / "p.csv")
    with pytest.raises(ValueError, match="needs the scenarios"):
        oracle.of(files.read(tmp_path / "p.csv"))
