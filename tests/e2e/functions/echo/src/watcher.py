"""Another handler of the same image: keeps what it sees beside the objects."""

import json
import os
import urllib.request


def lambda_handler(event, context):
    if "Records" not in event:
        return {"greeting": os.environ.get("GREETING"), "memory_mb": context.memory_limit_in_mb}
    for record in event["Records"]:
        keep(f"deliveries/{context.function_name}/{record['messageId']}", record["body"])
    return {"batchItemFailures": []}


def keep(key: str, body: str) -> None:
    """Write an object. A message that is delivered again writes the same one."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/{os.environ['INBOX_BUCKET']}/{key}"
    request = urllib.request.Request(url, json.dumps(body).encode(), method="PUT")
    with urllib.request.urlopen(request):
        pass
