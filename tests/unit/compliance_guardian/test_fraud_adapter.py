"""Settings on fraud make sense."""

import pytest

from compliance_guardian.fraud.costs import Costs
from compliance_guardian.fraud_adapter import FraudBatchSettings
from lambda_app.settings import InvalidSettingsError

FRAUD = {
    "FRAUD_HISTORIES_TABLE": "h",
    "FRAUD_LABELS_TABLE": "l",
    "FRAUD_ALERTS_TABLE": "a",
    "FRAUD_COST_ALERT": "5",
    "FRAUD_COST_MISSED": "100",
    "FRAUD_CARDS_A_DAY": "100",
    "PROD_BUCKET": "p",
    "INSIGHTS_BUCKET": "i",
}


def test_costs_are_numbers():
    assert FraudBatchSettings.from_environment(FRAUD).costs == Costs(5, 100)


@pytest.mark.parametrize("name", ["FRAUD_COST_ALERT", "FRAUD_COST_MISSED", "FRAUD_CARDS_A_DAY"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "many"])
def test_costs_and_capacity_without_sense_are_refused(name, value):
    with pytest.raises(InvalidSettingsError, match=name):
        FraudBatchSettings.from_environment({**FRAUD, name: value})
