"""Uses everything that the catalogue lets it look up: tables, a secret, a parameter, a function."""

import json
import os
import time

import boto3

dynamodb = boto3.resource("dynamodb")
seen = dynamodb.Table(os.environ["SEEN_TABLE"])
readings = dynamodb.Table(os.environ["SENSOR_READINGS_TABLE"])


def lambda_handler(event, context):
    if "call" in event:
        return call(event["call"], event.get("invocation_type", "RequestResponse"))
    secret = boto3.client("secretsmanager").get_secret_value(
        SecretId=os.environ["SIGNING_KEY_SECRET_ID"]
    )
    parameter = boto3.client("ssm").get_parameter(Name=os.environ["LIMITS_PARAMETER"])
    first = remember(event["id"])
    if first:
        readings.put_item(Item={"sensor": event["sensor"], "at": event["at"], "id": event["id"]})
    found = readings.query(
        KeyConditionExpression="sensor = :sensor AND #at >= :since",
        ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={":sensor": event["sensor"], ":since": event["since"]},
    )
    return {
        "first": first,
        "readings": [item["at"] for item in found["Items"]],
        "secret": secret["SecretString"],
        "parameter": parameter["Parameter"]["Value"],
    }


def remember(identifier):
    """Whether the id is new, even if two ask at the same time."""
    try:
        seen.put_item(
            Item={"id": identifier, "expires_at": int(time.time()) + 3600},
            ConditionExpression="attribute_not_exists(id)",
        )
    except dynamodb.meta.client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def call(event, invocation_type):
    answer = boto3.client("lambda").invoke(
        FunctionName=os.environ["ECHO_FUNCTION"],
        InvocationType=invocation_type,
        Payload=json.dumps(event),
    )
    payload = answer["Payload"].read()
    return {
        "status": answer["StatusCode"],
        "error": answer.get("FunctionError"),
        "payload": json.loads(payload) if payload else None,
    }
