"""`ItemStore` on Amazon DynamoDB. The keys of its tables are called `partition` and `sort`."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from datalake.items import Item, ItemChangedError, Key, Value
from datalake.parallel import Together, one_by_one

# The most that BatchGetItem takes.
_KEYS_OF_A_CALL = 100
# Answers without a single item, each after twice the time; then the table is overloaded.
_EMPTY_ANSWERS = 6
_FIRST_WAIT_S = 0.05
_VERSION = "version"
_NAMES = {"#version": _VERSION}


class OverloadedError(Exception):
    """The table does not answer for lack of capacity; a later retry may find some."""


class DynamoItems:
    """A table. Reads are strongly consistent; `together` makes calls that are independent."""

    def __init__(self, client: Any, table: str, together: Together = one_by_one) -> None:
        self._client = client
        self._table = table
        self._together = together

    def get(self, keys: Collection[Key]) -> dict[Key, Item]:
        """See ItemStore.get. Raises OverloadedError."""
        wanted = iter(dict.fromkeys(keys))
        chunks = iter(lambda: list(islice(wanted, _KEYS_OF_A_CALL)), [])
        found = self._together(partial(self._get, chunk) for chunk in chunks)
        return {item.key: item for items in found for item in items}

    def _get(self, keys: Sequence[Key]) -> list[Item]:
        left: Any = {"Keys": [_key(key) for key in keys], "ConsistentRead": True}
        found: list[Item] = []
        empty = 0
        while left:
            answer = self._client.batch_get_item(RequestItems={self._table: left})
            items = answer["Responses"].get(self._table, [])
            found += map(_item, items)
            left = answer.get("UnprocessedKeys", {}).get(self._table)
            if left and not items:
                # Without capacity, to ask again at once would only add to the load.
                if empty == _EMPTY_ANSWERS:
                    raise OverloadedError(f"table {self._table} left {len(left['Keys'])} keys")
                time.sleep(_FIRST_WAIT_S * 2**empty)
                empty += 1
        return found

    def query(
        self, partition: str, first: str = " ", last: str = "~", *, descending: bool = False
    ) -> Iterator[Item]:
        """See ItemStore.query."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            ScanIndexForward=not descending,
            KeyConditionExpression="#partition = :partition AND #sort BETWEEN :first AND :last",
            ExpressionAttributeNames={"#partition": "partition", "#sort": "sort"},
            ExpressionAttributeValues={
                ":partition": {"S": partition},
                ":first": {"S": first},
                ":last": {"S": last},
            },
        )
        for page in pages:
            yield from map(_item, page["Items"])

    def put(self, item: Item) -> None:
        """See ItemStore.put."""
        attributes = {name: _typed(value) for name, value in item.attributes.items()}
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**attributes, **_key(item.key), _VERSION: {"N": str(item.version + 1)}},
                **_condition(item),
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise ItemChangedError(f"version {item.version} is not the current one") from error

    def delete(self, item: Item) -> None:
        """See ItemStore.delete."""
        try:
            self._client.delete_item(TableName=self._table, Key=_key(item.key), **_condition(item))
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise ItemChangedError(f"version {item.version} is not the current one") from error


def _condition(item: Item) -> Any:
    if item.version == 0:
        return {
            "ConditionExpression": "attribute_not_exists(#version)",
            "ExpressionAttributeNames": _NAMES,
        }
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": _NAMES,
        "ExpressionAttributeValues": {":version": {"N": str(item.version)}},
    }


def _key(key: Key) -> dict[str, Any]:
    return {"partition": {"S": key.partition}, "sort": {"S": key.sort}}


def _typed(value: Value) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case _:
            # The shortest decimal that is this float: DynamoDB keeps its 17 digits exactly.
            return {"N": repr(value)}


def _item(stored: Mapping[str, Any]) -> Item:
    attributes = {name: _value(typed) for name, typed in stored.items()}
    key = Key(str(attributes.pop("partition")), str(attributes.pop("sort")))
    version = attributes.pop(_VERSION)
    return Item(key, attributes, int(version or 0))


def _value(typed: Mapping[str, Any]) -> Value:
    [(kind, value)] = typed.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return float(value) if "." in value or "e" in value.lower() else int(value)
    plain: Value = value
    return plain
