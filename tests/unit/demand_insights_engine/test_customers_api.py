"""The routes on customers, without HTTP."""

import json
from datetime import timedelta

import polars as pl
import pytest

from customer_insights import NAME, ONLY_RETURNS, QUIET, VERSIONS, customer_insights, files
from datalake.contracts.insights import CUSTOMER_CARDS, CUSTOMER_COHORTS
from datalake.files import encode
from datalake.layout import Partition
from demand_insights_engine.api import app
from demand_insights_engine.customers_api import (
    read_card,
    read_cohorts,
    read_leaving,
    read_recommendations,
    read_segments,
)
from http_events import answer, request
from lambda_app.http import ProblemError

READS = {
    "card": lambda source, **query: read_card(source, NAME, **query),
    "segments": read_segments,
    "cohorts": read_cohorts,
    "recommendations": lambda source: read_recommendations(source, NAME),
    "leaving": read_leaving,
}


def store(storage, *currencies):
    for table, body in files(*currencies).items():
        storage.write("insights", Partition(table, "shop").data_key, body)


@pytest.fixture
def shop(api_storage):
    store(api_storage, "EUR")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_every_answer_names_its_versions_and_has_a_chart(read):
    found = read("shop")

    assert {name: getattr(found, name) for name in VERSIONS} == VERSIONS
    assert found.chart["data"]["values"]
    assert json.dumps(found.chart, allow_nan=False)


@pytest.mark.usefixtures("api_storage")
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_source_that_nobody_assessed_is_not_found(read):
    with pytest.raises(ProblemError, match=r"404 Not Found: There is no .* source mill"):
        read("mill")


@pytest.mark.parametrize("name", sorted(READS.keys() - {"recommendations"}))
def test_several_currencies_have_to_be_told_apart(api_storage, name):
    store(api_storage, "EUR", "USD")

    with pytest.raises(ProblemError, match="by currency: EUR, USD"):
        READS[name]("shop")
    assert READS[name]("shop", currency="USD").currency == "USD"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", sorted(READS.keys() - {"recommendations"}))
def test_another_currency_is_not_found(name):
    with pytest.raises(ProblemError, match="404"):
        READS[name]("shop", currency="USD")


@pytest.mark.usefixtures("shop")
def test_each_figure_of_a_card_says_from_when_from_how_much_and_how_sure():
    card = read_card("shop", NAME)

    for name in ("p_active", "purchases", "mean_amount", "spend", "p_leaves"):
        figure = getattr(card, name)
        assert (figure.as_of, figure.purchase_days) == (card.as_of, card.purchase_days)
        assert figure.lower <= figure.value <= figure.upper
        assert 0.9 <= figure.level <= 0.95


@pytest.mark.usefixtures("shop")
def test_activity_ends_at_the_probability_of_the_card():
    card = read_card("shop", NAME)

    assert card.activity[-1].day == card.as_of
    assert card.activity[-1].p_active == pytest.approx(card.p_active.value)
    assert card.first_day < card.activity[0].day <= card.first_day + timedelta(days=7)
    assert len(card.chart["data"]["values"]) == len(card.activity)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("customer", ["nobody", ONLY_RETURNS, f"{QUIET} "])
def test_who_has_not_bought_has_no_card(customer):
    with pytest.raises(ProblemError, match="404 Not Found: There is no card of customer"):
        read_card("shop", customer)


@pytest.mark.usefixtures("shop")
def test_recommendations_have_reasons():
    [found] = read_recommendations("shop", NAME).recommendations

    assert (found.product_id, found.because_of) == ("teapot", "tea")
    assert found.lift > 1
    assert found.p_value < 0.01


@pytest.mark.usefixtures("shop")
def test_a_known_customer_may_have_no_recommendation():
    found = read_recommendations("shop", QUIET)

    assert (found.recommendations, found.products_bought) == ([], None)


@pytest.mark.usefixtures("shop")
def test_segments_hold_all_customers():
    found = read_segments("shop")

    assert sum(one.customers for one in found.segments) == 129
    assert sum(one.share for one in found.segments) == pytest.approx(1)
    assert len(found.quintiles.net_amount) == 4


@pytest.mark.usefixtures("shop")
def test_the_latest_cohorts_are_answered_in_order_of_time():
    every, last = read_cohorts("shop"), read_cohorts("shop", limit=2)

    assert last.cohorts == every.cohorts[-2:]
    assert [one.cohort for one in every.cohorts] == sorted(one.cohort for one in every.cohorts)
    assert sum(len(one.months) for one in every.cohorts) == (
        customer_insights()[CUSTOMER_COHORTS].height
    )


@pytest.mark.usefixtures("shop")
def test_the_greatest_spend_at_risk_comes_first():
    cards = customer_insights()[CUSTOMER_CARDS]

    found = read_leaving("shop", min_probability=0, limit=10)

    risks = [one.spend_at_risk for one in found.customers]
    assert len(risks) == 10
    assert risks == sorted(risks, reverse=True)
    assert risks[0] == cards.select((pl.col("p_leaves") * pl.col("spend")).max()).item()
    assert found.customers_assessed == found.customers_leaving == cards.height
    assert found.spend_at_risk > sum(risks)


@pytest.mark.usefixtures("shop")
def test_who_will_rather_stay_is_not_leaving():
    found = read_leaving("shop", limit=500)

    assert 0 < found.customers_leaving == len(found.customers) < found.customers_assessed
    assert min(one.p_leaves.value for one in found.customers) >= 0.5


def test_where_nobody_can_tell_who_leaves_the_answer_says_why(api_storage):
    why = "no probability to leave: 3 customers; at least 100 are needed"
    nothing = [
        pl.lit(None, pl.Float64).alias(f"p_leaves{bound}") for bound in ("", "_lower", "_upper")
    ]
    cards = customer_insights()[CUSTOMER_CARDS].with_columns(
        *nothing, warnings=pl.concat_list(pl.lit(why), "warnings")
    )
    body = files("EUR") | {CUSTOMER_CARDS: encode(CUSTOMER_CARDS, cards)}
    for table, content in body.items():
        api_storage.write("insights", Partition(table, "shop").data_key, content)

    found = read_leaving("shop")

    assert (found.customers, found.customers_assessed, found.spend_at_risk) == ([], 0, 0)
    assert found.warnings == [why]


@pytest.mark.usefixtures("shop")
def test_any_name_of_a_customer_passes_through_http(lambda_context):
    event = request("GET", "/customers/shop/card")
    event["queryStringParameters"] = {"customer_id": NAME}

    assert answer(app.resolve(event, lambda_context))["customer_id"] == NAME


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("card", ""),
        ("card", "customer_id="),
        ("card", "customer_id=a&currency=euro"),
        ("cohorts", "limit=0"),
        ("cohorts", "limit=61"),
        ("leaving", "limit=501"),
        ("leaving", "min_probability=1.5"),
    ],
)
def test_answers_are_bounded(lambda_context, path, query):
    response = app.resolve(request("GET", f"/customers/shop/{path}", query=query), lambda_context)

    assert response["statusCode"] == 422
