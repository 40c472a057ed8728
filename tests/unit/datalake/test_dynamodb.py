"""DynamoItems against botocore's Stubber: it checks parameters against the model of the service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from datalake import dynamodb
from datalake.dynamodb import DynamoItems, OverloadedError
from datalake.items import Item, ItemChangedError, Key

KEY = Key("a", "1")
STORED = {"partition": {"S": "a"}, "sort": {"S": "1"}, "version": {"N": "3"}}
VALUES = {
    "text": "é", "bytes": b"\0", "count": 2, "share": 0.1, "small": 1e-30, "is": True, "none": None,
}  # fmt: skip
TYPED = {
    "text": {"S": "é"}, "bytes": {"B": b"\0"}, "count": {"N": "2"}, "share": {"N": "0.1"},
    "small": {"N": "1e-30"}, "is": {"BOOL": True}, "none": {"NULL": True},
}  # fmt: skip


@pytest.fixture
def client() -> Any:
    return boto3.client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


@pytest.fixture
def stubber(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def store(client: Any) -> DynamoItems:
    return DynamoItems(client, "t")


def asked(*sorts: str) -> dict[str, Any]:
    keys = [{"partition": {"S": "a"}, "sort": {"S": sort}} for sort in sorts]
    return {"t": {"Keys": keys, "ConsistentRead": True}}


def answer(*sorts: str, left: dict[str, Any] | None = None) -> dict[str, Any]:
    items = [{**STORED, "sort": {"S": sort}} for sort in sorts]
    return {"Responses": {"t": items}, "UnprocessedKeys": left or {}}


def test_keys_that_were_left_over_are_asked_for_again(store: DynamoItems, stubber: Stubber) -> None:
    stubber.add_response(
        "batch_get_item", answer("1", left=asked("2", "3")), {"RequestItems": asked("1", "2", "3")}
    )
    stubber.add_response("batch_get_item", answer("2"), {"RequestItems": asked("2", "3")})

    found = store.get([Key("a", "1"), Key("a", "2"), Key("a", "3"), Key("a", "1")])

    assert sorted(key.sort for key in found) == ["1", "2"]
    assert found[KEY].version == 3


def test_a_call_names_100_keys_at_most(store: DynamoItems, stubber: Stubber) -> None:
    sorts = [f"{n:03}" for n in range(101)]
    stubber.add_response("batch_get_item", answer(), {"RequestItems": asked(*sorts[:100])})
    stubber.add_response("batch_get_item", answer(), {"RequestItems": asked(sorts[100])})

    assert store.get([Key("a", sort) for sort in sorts]) == {}
    assert store.get([]) == {}


def test_an_overloaded_table_is_asked_less_often_and_then_not(
    store: DynamoItems, stubber: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(dynamodb.time, "sleep", waits.append)
    for _ in range(7):
        stubber.add_response("batch_get_item", answer(left=asked("1")))

    with pytest.raises(OverloadedError, match="table t left 1 keys"):
        store.get([KEY])

    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6]


def test_a_partition_is_read_page_by_page(store: DynamoItems, stubber: Stubber) -> None:
    expected: dict[str, Any] = {
        "TableName": "t",
        "ConsistentRead": True,
        "ScanIndexForward": False,
        "KeyConditionExpression": "#partition = :partition AND #sort BETWEEN :first AND :last",
        "ExpressionAttributeNames": {"#partition": "partition", "#sort": "sort"},
        "ExpressionAttributeValues": {
            ":partition": {"S": "a"}, ":first": {"S": " "}, ":last": {"S": "5"},
        },
    }  # fmt: skip
    key = {"partition": {"S": "a"}, "sort": {"S": "1"}}
    stubber.add_response("query", {"Items": [STORED], "LastEvaluatedKey": key}, expected)
    stubber.add_response("query", {"Items": [STORED]}, {**expected, "ExclusiveStartKey": key})

    assert [item.key for item in store.query("a", last="5", descending=True)] == [KEY, KEY]


def test_every_value_is_written_and_read_as_it_is(store: DynamoItems, stubber: Stubber) -> None:
    condition = {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": "2"}},
    }
    stored = {**TYPED, **STORED}
    stubber.add_response("put_item", {}, {"TableName": "t", "Item": stored, **condition})
    read = {"Responses": {"t": [stored]}, "UnprocessedKeys": {}}
    stubber.add_response("batch_get_item", read)

    store.put(Item(KEY, VALUES, 2))

    assert store.get([KEY]) == {KEY: Item(KEY, VALUES, 3)}


def test_a_new_item_overwrites_none(store: DynamoItems, stubber: Stubber) -> None:
    stubber.add_client_error(
        "put_item",
        "ConditionalCheckFailedException",
        expected_params={
            "TableName": "t",
            "Item": {**STORED, "version": {"N": "1"}},
            "ConditionExpression": "attribute_not_exists(#version)",
            "ExpressionAttributeNames": {"#version": "version"},
        },
    )

    with pytest.raises(ItemChangedError):
        store.put(Item(KEY))


def test_another_version_is_not_deleted(store: DynamoItems, stubber: Stubber) -> None:
    stubber.add_client_error("delete_item", "ConditionalCheckFailedException")
    stubber.add_response("delete_item", {})

    with pytest.raises(ItemChangedError):
        store.delete(Item(KEY, {}, 1))
    store.delete(Item(KEY, {}, 1))
