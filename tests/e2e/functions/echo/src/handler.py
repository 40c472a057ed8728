"""Answers with its event and who it is."""

import json
import os
import time
import urllib.request


def lambda_handler(event, context):
    time.sleep(event.get("sleep_s", 0))
    if "read" in event:
        return os.environ.get(event["read"])
    if event.get("reach"):
        health = os.environ["AWS_ENDPOINT_URL"] + "/_ministack/health"
        with urllib.request.urlopen(health) as answer:
            return answer.status
    if "requestContext" in event:
        return {"statusCode": 200, "body": json.dumps({"event": event})}
    if "Records" in event:
        print("records:", json.dumps(event["Records"]))
        failed = [r["messageId"] for r in event["Records"] if "poison" in r["body"]]
        return {"batchItemFailures": [{"itemIdentifier": i} for i in failed]}
    print("event:", json.dumps(event))
    return {"event": event, "pid": os.getpid(), "request": context.aws_request_id}
