"""Items of tables, which sample events state as JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from fleet.catalogue import derive
from fleet.catalogue.model import Table
from fleet.errors import FleetError
from fleet.images import expect
from fleet.images.events import ExpectedItem, GivenItem


def put(dynamodb: Any, name: str, given: GivenItem) -> None:
    """Put an item into the table that is called `name`; raises FleetError if it cannot hold it."""
    try:
        item = attributes(given.item)
        dynamodb.put_item(TableName=name, Item=item)
    except (ClientError, TypeError, ArithmeticError) as error:
        raise FleetError(f"table {given.table} cannot hold {given.item}: {error}") from error


def differences(dynamodb: Any, name: str, table: Table, expected: ExpectedItem) -> Iterator[str]:
    """Yield what of `expected` is not so in the table that is called `name`."""
    if expected.count is not None:
        pages = dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
        count = sum(page["Count"] for page in pages)
        if count != expected.count:
            yield f"table {expected.table} has {count} items, expected {expected.count}"
    if expected.item is None:
        return
    keys = {key: expected.item[key] for key in derive.key_attributes(table)}
    place = f"{expected.table}/{'/'.join(keys.values())}"
    answer = dynamodb.get_item(TableName=name, Key=attributes(keys), ConsistentRead=True)
    if "Item" in answer:
        yield from expect.differences(expected.item, plain(answer["Item"]), place)
    else:
        yield f"{place} was not written"


def attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object as DynamoDB takes it.

    Raises TypeError or ArithmeticError for a number that DynamoDB cannot hold exactly.
    """
    exact = json.loads(json.dumps(item), parse_float=Decimal)
    return {name: TypeSerializer().serialize(value) for name, value in exact.items()}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item of DynamoDB as a JSON object; sets become sorted lists, bytes Base64."""
    values = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
    found: dict[str, Any] = json.loads(json.dumps(values, default=_plain))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, set):
        return sorted(map(_plain, value))
    if isinstance(value, str):
        return value
    return base64.b64encode(value.value).decode()
