"""The routes on fraud through the handler, on tables in memory."""

import json
import math
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from compliance_guardian import fraud_adapter
from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.names import payment_id
from compliance_guardian.fraud.payment_rows import PaymentRows
from compliance_guardian.fraud.payments import MINOR
from compliance_guardian.fraud.replay import Replay
from datalake.memory_items import MemoryItems
from fraud_cases import SOURCE, World, months_of, publish, rows
from fraud_model import MODEL
from functions import load_in_environment
from http_events import answer, request

NUMBER = "4539578763621486"
PAYMENT = {
    "transaction_id": "t-1",
    "transacted_at": "2018-05-10T12:00:00Z",
    "customer_id": "c1",
    "terminal_id": "x1",
    "amount": "2.34",
    "currency": "EUR",
}
GIVEN = {feature.name: None for feature in FEATURES} | {"amount": 12.34, "amount_ratio": 9.0}
PAYMENTS = rows()
INVESTIGATED = "2018-05-12T09:00:00Z"


@pytest.fixture(scope="module")
def filled():
    """A world with the payments of months, all seen by the batch."""
    world = World()
    months = months_of(PAYMENTS)
    for month, frame in months.items():
        publish(world.storage, month, frame)
    world.update(*months)
    return world


@pytest.fixture(scope="module")
def handle():
    with pytest.MonkeyPatch.context() as monkeypatch:
        fraud_adapter.settings.cache_clear()
        module = load_in_environment("compliance-guardian", monkeypatch)
        yield module.lambda_handler
    fraud_adapter.settings.cache_clear()


@pytest.fixture
def world(filled, monkeypatch):
    tables = {name: copied(getattr(filled, name)) for name in ("histories", "labels", "alerts")}
    for name, table in tables.items():
        monkeypatch.setattr(fraud_adapter, name, lambda table=table: table)
    monkeypatch.setattr(fraud_adapter, "model", lambda: MODEL)
    return replace(filled, **tables)


def copied(table):
    copy = MemoryItems()
    copy._items.update(table._items)
    return copy


@pytest.fixture
def call(world, handle, lambda_context):
    def call(method, path, body=None, **more):
        caller = {"subject": "ann", "scope": "fraud.score fraud.investigate"}
        response = handle(request(method, path, body, authorizer=caller, **more), lambda_context)
        return response["statusCode"], answer(response)

    return call


def item(payment):
    """A payment as a request has it."""
    return {
        "transaction_id": payment.transaction_id,
        "transacted_at": payment.at.isoformat(),
        "customer_id": payment.customer_id,
        "terminal_id": payment.terminal_id,
        "amount": payment.amount / MINOR,
        "currency": payment.currency,
        "quantity": payment.quantity,
    }


def score(call, *payments, **more):
    status, body = call("POST", "/fraud/scores", {"source": SOURCE, "payments": payments, **more})
    assert status == 200, body
    return body


def label(call, payment, is_fraud=True, investigated_at=INVESTIGATED):
    one = {"payment": payment, "is_fraud": is_fraud, "investigated_at": investigated_at}
    status, body = call("POST", "/fraud/labels", {"source": SOURCE, "labels": [one]})
    assert status == 200, body
    return body["labels"][0]


def test_scores_of_payments_are_those_of_the_batch(call, world):
    """The newest week once more, in another order and repeated: the histories hold it already."""
    everything = PaymentRows.of(SOURCE, PAYMENTS)
    newest = everything.payments[-40:]
    expected = dict(Replay().features(everything.labelled))

    shuffled = [*newest[20:], *newest[:25]]
    body = score(call, *(item(one) for one in shuffled), explain=False)

    for payment, found in zip(shuffled, body["scores"], strict=True):
        [wanted] = MODEL.score([expected[payment]])
        assert found["payment_id"] == payment_id(payment)
        assert (found["probability"], found["lower"], found["upper"]) == (
            wanted.probability,
            wanted.lower,
            wanted.upper,
        )
        assert found["reasons"] == []


def test_reasons_and_bias_add_up_to_the_odds_of_the_probability(call):
    body = score(call, PAYMENT, PAYMENT | {"amount": 990})

    for found in body["scores"]:
        total = body["bias"] + math.fsum(one["contribution"] for one in found["reasons"])
        assert total == pytest.approx(found["log_odds"], abs=1e-6)
        assert found["probability"] == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-6)
        assert 0 < found["lower"] <= found["probability"] <= found["upper"] < 1
        assert all(one["text"] for one in found["reasons"])


def test_the_decision_follows_the_threshold_of_least_cost(call):
    body = score(call, PAYMENT, PAYMENT | {"amount": 990}, explain=False)
    _, costs = call("GET", body["costs"])

    assert body["threshold"] == costs["threshold"]
    assert min(costs["points"], key=lambda one: one["cost"])["threshold"] == costs["threshold"]
    assert [one["decision"] for one in body["scores"]] == ["accept", "investigate"]


def test_payments_of_a_request_see_those_before_them_whatever_their_order(call):
    times = [f"2018-05-10T12:00:0{second}Z" for second in range(4)]
    payments = [PAYMENT | {"transacted_at": at, "amount": 900 + n} for n, at in enumerate(times)]
    whole = score(call, *payments, explain=False)["scores"]
    reverse = score(call, *reversed(payments), explain=False)["scores"]

    assert whole == reverse[::-1]


def test_given_features_are_used(call):
    body = score(call, PAYMENT | {"features": GIVEN})

    [expected] = MODEL.score([[math.nan if v is None else v for v in GIVEN.values()]])
    assert body["scores"][0]["probability"] == expected.probability


def test_given_and_computed_features_keep_their_places(call):
    other = PAYMENT | {"customer_id": "c2", "terminal_id": None}

    mixed = score(call, PAYMENT, other | {"features": GIVEN}, other)["scores"]

    assert mixed[0] == score(call, PAYMENT)["scores"][0]
    assert mixed[1] == score(call, other | {"features": GIVEN})["scores"][0]
    assert mixed[2] == score(call, other)["scores"][0]


def test_without_history_the_answer_says_what_it_could_not_rest_on(call):
    unknown = PAYMENT | {"customer_id": "new", "terminal_id": "new"}

    customer, terminal = score(call, unknown)["scores"][0]["warnings"]
    assert "No payment of the customer" in customer
    assert "No payment at the terminal" in terminal
    [none] = score(call, PAYMENT | {"terminal_id": None})["scores"][0]["warnings"]
    assert "names no terminal" in none
    assert score(call, PAYMENT)["scores"][0]["warnings"] == []


def test_scoring_stores_nothing(call, world):
    before = world.remembered()

    score(call, PAYMENT, PAYMENT | {"customer_id": "new"})

    assert world.remembered() == before


def test_an_identifier_that_is_a_card_number_is_never_repeated(call, capsys):
    body = score(call, PAYMENT | {"customer_id": NUMBER, "transaction_id": NUMBER})
    bad = {"payments": [PAYMENT | {"customer_id": [NUMBER]}], NUMBER: 1}
    status, problem = call("POST", "/fraud/scores", bad)
    label(call, PAYMENT | {"customer_id": NUMBER})

    assert status == 422
    assert NUMBER not in json.dumps([body, problem]) + "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount": "NaN"}, "#/payments/1/amount"),
        ({"amount": -0.01}, "#/payments/1/amount"),
        ({"amount": 1e30}, "#/payments/1/amount"),
        ({"amount": 0.00001}, "#/payments/1/amount"),
        ({"currency": "euro"}, "#/payments/1/currency"),
        ({"transacted_at": "2018-05-10T12:00:00"}, "#/payments/1/transacted_at"),
        ({"transacted_at": "9999-05-10T12:00:00Z"}, "#/payments/1/transacted_at"),
        ({"transacted_at": "0001-01-01T00:00:00+14:00"}, "#/payments/1/transacted_at"),
        ({"customer_id": "  "}, "#/payments/1/customer_id"),
        ({"customer_id": None}, "#/payments/1/customer_id"),
        ({"quantity": 0}, "#/payments/1/quantity"),
        ({"features": {}}, "#/payments/1/features"),
        ({"features": GIVEN | {"more": 1}}, "#/payments/1/features"),
        ({"features": GIVEN | {"amount": "many"}}, "#/payments/1/features/amount"),
        ({"surplus": 1}, "#/payments/1/surplus"),
    ],
)
def test_a_bad_payment_is_named_by_its_field(call, change, pointer):
    status, problem = call("POST", "/fraud/scores", {"payments": [PAYMENT, PAYMENT | change]})

    assert status == 422
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize("count", [0, 1_001])
def test_requests_hold_1_to_1000_payments(call, count):
    status, problem = call("POST", "/fraud/scores", {"payments": [PAYMENT] * count})

    assert (status, problem["errors"][0]["pointer"]) == (422, "#/payments")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have(call, number):
    body = json.dumps({"payments": [PAYMENT | {"amount": "@"}]}).replace('"@"', number)

    assert call("POST", "/fraud/scores", body)[0] == 400


def test_a_zero_amount_and_equal_payments_are_scored(call):
    body = score(call, *[PAYMENT | {"amount": 0}] * 3)

    assert body["scores"][0] == body["scores"][1] == body["scores"][2]


def test_a_label_counts_for_later_payments_from_its_time_on(call):
    everything = PaymentRows.of(SOURCE, PAYMENTS).labelled
    honest = [one for one, fraud in everything if not fraud and one.terminal and one.at.month == 4]
    judged = next(one for one in reversed(honest) if one.terminal_id == "x1")
    known_at = judged.at + timedelta(days=1)
    later = PAYMENT | {"customer_id": judged.customer_id}
    times = [(known_at + timedelta(hours=hours)).isoformat() for hours in (-2, 2)]
    payments = [later | {"transacted_at": at} for at in times]
    before = [score(call, one)["scores"][0]["log_odds"] for one in payments]

    stored = label(call, item(judged), investigated_at=known_at.isoformat())

    after = [score(call, one)["scores"][0]["log_odds"] for one in payments]
    assert (stored["status"], stored["is_known"]) == ("stored", True)
    assert after[0] == before[0]
    assert after[1] > before[1]


def test_a_repeated_label_changes_nothing(call, world):
    known = item(PaymentRows.of(SOURCE, PAYMENTS).payments[-1])
    label(call, known)
    before = world.remembered(), dict(world.labels._items)

    assert label(call, known)["status"] == "repeated"
    assert (world.remembered(), dict(world.labels._items)) == before


def test_of_contradicting_labels_the_first_stays_and_the_newest_counts(call, world):
    known = item(PaymentRows.of(SOURCE, PAYMENTS).payments[-1])
    one = {"payment": known, "is_fraud": True, "investigated_at": INVESTIGATED}
    labels = [one, one | {"is_fraud": False}, one, one | {"investigated_at": "2018-06-01T00:00Z"}]

    _, body = call("POST", "/fraud/labels", {"source": SOURCE, "labels": labels})

    assert [found["status"] for found in body["labels"]] == [
        "stored", "contradicted", "repeated", "stored",
    ]  # fmt: skip
    verdicts = [item.attributes["is_fraud"] for item in world.labels._items.values()]
    assert verdicts == [True, True]


def test_a_label_of_an_unknown_payment_waits_for_it(call, world):
    before = world.remembered()

    stored = label(call, PAYMENT | {"customer_id": "new"})

    assert (stored["status"], stored["is_known"]) == ("stored", False)
    assert world.remembered() == before
    assert len(world.labels._items) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"investigated_at": "2018-05-10T11:59:59Z"}, "#/labels/0/investigated_at"),
        ({"investigated_at": "2999-05-10T11:59:59Z"}, "#/labels/0/investigated_at"),
        ({"is_fraud": "perhaps"}, "#/labels/0/is_fraud"),
        ({"payment": PAYMENT | {"amount": -1}}, "#/labels/0/payment/amount"),
    ],
)
def test_a_bad_label_is_named_by_its_field(call, change, pointer):
    one = {"payment": PAYMENT, "is_fraud": True, "investigated_at": INVESTIGATED} | change

    status, problem = call("POST", "/fraud/labels", {"labels": [one]})

    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


def test_pages_hold_every_alert_once_and_in_order(call, world):
    listed, query = [], "limit=7"
    while query:
        status, page = call("GET", "/fraud/alerts", query=query)
        assert status == 200
        listed += page["alerts"]
        query = page["cursor"] and f"limit=7&cursor={page['cursor']}"

    assert {one["alert_id"] for one in listed} == set(world.listed())
    assert len(listed) == len(world.listed()) > 14
    places = [(one["day"], one["probability"]) for one in listed]
    assert places == sorted(places, reverse=True)
    assert all(one["reasons"] and one["status"] == "open" for one in listed)


def test_alerts_by_day_score_and_status(call):
    _, everything = call("GET", "/fraud/alerts", query="limit=500")
    day = everything["alerts"][0]["day"]
    bound = sorted(one["probability"] for one in everything["alerts"])[20]

    _, of_day = call("GET", "/fraud/alerts", query=f"day={day}")
    _, probable = call("GET", "/fraud/alerts", query=f"min_probability={bound}&limit=500")
    _, closed = call("GET", "/fraud/alerts", query="status=closed")

    assert of_day["alerts"] == [one for one in everything["alerts"] if one["day"] == day]
    assert probable["alerts"] == [o for o in everything["alerts"] if o["probability"] >= bound]
    assert closed == {"alerts": [], "cursor": None}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("day=2018-02-30", "day"),
        ("min_probability=2", "min_probability"),
        ("min_probability=nan", "min_probability"),
        ("status=forgotten", "status"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=W10", "cursor"),
    ],
)
def test_a_bad_query_is_named_by_its_parameter(call, query, parameter):
    status, problem = call("GET", "/fraud/alerts", query=query)

    assert (status, problem["errors"][0]["parameter"]) == (422, parameter)


def test_an_alert_is_closed_once_with_a_reason_and_by_whom(call, world):
    name = min(world.listed())
    path = f"/fraud/alerts/{name}/close"

    status, closed = call("POST", path, {"reason": f"Honest, the holder of {NUMBER} says"})

    assert status == 200
    assert (closed["alert_id"], closed["status"], closed["closed_by"]) == (name, "closed", "ann")
    assert closed["reason"].startswith("Honest, the holder of 453957")
    assert NUMBER not in str(world.listed())
    assert call("POST", path, {"reason": f"Honest, the holder of {NUMBER} says"}) == (200, closed)
    status, problem = call("POST", path, {"reason": "another"})
    assert (status, problem["errors"][0]["pointer"]) == (409, "#/reason")
    assert call("GET", "/fraud/alerts", query="status=closed")[1]["alerts"] == [closed]


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("2018-05-01-aaaaaaaaaaaaaaaa", {"reason": "honest"}, 404),
        ("no-such-name", {"reason": "honest"}, 422),
        ("2018-05-01-aaaaaaaaaaaaaaaa", {}, 422),
        ("2018-05-01-aaaaaaaaaaaaaaaa", {"reason": "  "}, 422),
        ("2018-05-01-aaaaaaaaaaaaaaaa", {"reason": "a" * 501}, 422),
    ],
)
def test_what_cannot_be_closed(call, name, body, status):
    found, problem = call("POST", f"/fraud/alerts/{name}/close", body)

    assert (found, len(problem["errors"])) == (status, 1)


def test_the_curve_of_costs_has_intervals_and_charts(call):
    status, body = call("GET", "/fraud/costs")

    assert status == 200
    assert all(one["lower"] <= one["cost"] <= one["upper"] for one in body["points"])
    shown = body["cost_chart"]["data"]["values"]
    assert [row["cost"] for row in shown] == [one["cost"] for one in body["points"]]
    assert body["calibration_chart"]["data"]["values"]


def test_what_the_batch_does_with_a_label_of_the_api(call, world):
    """From an alert that the API lists, over its label, to the next scores of the batch."""
    _, page = call("GET", "/fraud/alerts", query="limit=500")
    alert = page["alerts"][-1]
    everything = PaymentRows.of(SOURCE, PAYMENTS).payments
    payment = next(one for one in everything if payment_id(one) == alert["payment_id"])
    world = replace(world, storage=deepcopy(world.storage))
    before = world.written()

    known_at = datetime.fromisoformat(alert["transacted_at"]) + timedelta(hours=1)
    label(call, item(payment), investigated_at=known_at.isoformat())
    world.update(alert["day"][:7])

    assert world.written() != before
    assert call("GET", "/fraud/alerts", query="limit=1")[0] == 200
