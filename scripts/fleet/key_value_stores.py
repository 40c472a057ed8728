"""What functions look things up in on emulated AWS: tables, secrets and parameters.

All of them hold data, so what the catalogue no longer names stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fleet.catalogue import Catalogue
from fleet.catalogue.derive import Names
from fleet.emulation import client
from fleet.errors import FleetError


@dataclass(frozen=True)
class Table:
    """A DynamoDB table with string keys; items end by themselves if `ttl_attribute` is set."""

    name: str
    partition_key: str
    sort_key: str | None
    ttl_attribute: str | None


@dataclass(frozen=True)
class Value:
    """A secret or parameter. `logical` is its name in the catalogue."""

    logical: str
    name: str
    description: str


@dataclass(frozen=True)
class KeyValueStores:
    """Tables, secrets and parameters, by physical name."""

    tables: list[Table]
    secrets: list[Value]
    parameters: list[Value]


def declared(
    catalogue: Catalogue,
    names: Names,
    tables: Iterable[str],
    secrets: Iterable[str],
    parameters: Iterable[str],
) -> KeyValueStores:
    """What the catalogue declares of the given logical names."""
    return KeyValueStores(
        tables=[
            Table(names.table(name), table.partition_key, table.sort_key, table.ttl_attribute)
            for name in tables
            for table in [catalogue.tables[name]]
        ],
        secrets=[Value(name, names.secret(name), catalogue.secrets[name]) for name in secrets],
        parameters=[
            Value(name, names.parameter(name), catalogue.parameters[name]) for name in parameters
        ],
    )


def placeholder(logical: str) -> str:
    """What a secret or parameter holds that nobody has given a value."""
    return f"local-placeholder-for-{logical}"


def provision(
    stores: KeyValueStores, endpoint: str, secrets: Mapping[str, str], parameters: Mapping[str, str]
) -> Iterator[str]:
    """Create missing stores; yield one line for each change.

    `secrets` and `parameters` give values by logical name. Without one, an existing store keeps its
    value, and a new one gets a placeholder. Raises FleetError for a table that exists with other
    keys.
    """
    if stores.tables:
        dynamodb = client("dynamodb", endpoint)
        for table in stores.tables:
            yield from _table(dynamodb, table)
    if stores.secrets:
        yield from _secrets(client("secretsmanager", endpoint), stores.secrets, secrets)
    if stores.parameters:
        yield from _parameters(client("ssm", endpoint), stores.parameters, parameters)


def _table(dynamodb: Any, table: Table) -> Iterator[str]:
    keys = {"HASH": table.partition_key}
    if table.sort_key:
        keys["RANGE"] = table.sort_key
    try:
        schema = dynamodb.describe_table(TableName=table.name)["Table"]["KeySchema"]
    except dynamodb.exceptions.ResourceNotFoundException:
        dynamodb.create_table(
            TableName=table.name,
            KeySchema=[{"AttributeName": name, "KeyType": kind} for kind, name in keys.items()],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in keys.values()
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield f"table {table.name}"
    else:
        if (current := {key["KeyType"]: key["AttributeName"] for key in schema}) != keys:
            raise FleetError(
                f"table {table.name} has the keys {_listed(current)}, functions.yaml says "
                f"{_listed(keys)}; a table's keys cannot change: name the new table differently, "
                "or delete the local cloud's data with make down PURGE=1"
            )
    yield from _time_to_live(dynamodb, table)


def _time_to_live(dynamodb: Any, table: Table) -> Iterator[str]:
    found = dynamodb.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    enabled = found["TimeToLiveStatus"] == "ENABLED"
    current = found["AttributeName"] if enabled else None
    if current == table.ttl_attribute:
        return
    # One attribute has to be given up before another can be named.
    for attribute, wanted in ((current, False), (table.ttl_attribute, True)):
        if attribute:
            dynamodb.update_time_to_live(
                TableName=table.name,
                TimeToLiveSpecification={"AttributeName": attribute, "Enabled": wanted},
            )
    yield f"time to live in {table.name}"


def _secrets(manager: Any, secrets: list[Value], given: Mapping[str, str]) -> Iterator[str]:
    for secret in secrets:
        value = given.get(secret.logical)
        try:
            current = manager.get_secret_value(SecretId=secret.name).get("SecretString")
        except manager.exceptions.ResourceNotFoundException:
            manager.create_secret(
                Name=secret.name,
                Description=secret.description,
                SecretString=value or placeholder(secret.logical),
            )
            yield f"secret {secret.name}{'' if value else ', with a placeholder'}"
            continue
        if value and value != current:
            manager.put_secret_value(SecretId=secret.name, SecretString=value)
            yield f"value of secret {secret.name}"


def _parameters(ssm: Any, parameters: list[Value], given: Mapping[str, str]) -> Iterator[str]:
    for parameter in parameters:
        value = given.get(parameter.logical)
        try:
            current = ssm.get_parameter(Name=parameter.name)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            ssm.put_parameter(
                Name=parameter.name,
                Description=parameter.description,
                Value=value or placeholder(parameter.logical),
                Type="String",
            )
            yield f"parameter {parameter.name}{'' if value else ', with a placeholder'}"
            continue
        if value and value != current:
            ssm.put_parameter(Name=parameter.name, Value=value, Overwrite=True)
            yield f"value of parameter {parameter.name}"


def _listed(keys: Mapping[str, str]) -> str:
    return " and ".join(keys.values())
