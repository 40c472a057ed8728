"""Answers from insights."""

import pytest

from demand_insights_engine import stored
from demand_insights_engine.stored import SeveralCurrenciesError
from lambda_app.http import ProblemError

pytestmark = pytest.mark.usefixtures("api_storage")


def test_what_is_there_is_the_answer():
    assert stored.answer(lambda storage, bucket: bucket, "name of the bucket") == "insights"


def test_nothing_is_not_found():
    with pytest.raises(ProblemError, match=r"There is no card of ann\. It is made at night"):
        stored.answer(lambda storage, bucket: None, "card of ann", "It is made at night.")


def test_currencies_are_named():
    def read(storage, bucket):
        raise SeveralCurrenciesError("EUR, USD")

    with pytest.raises(ProblemError, match="by currency: EUR, USD"):
        stored.answer(read, "forecast")
