"""Another handler of the same image: logs what it sees."""

import json
import os


def lambda_handler(event, context):
    if "Records" not in event:
        return {"greeting": os.environ.get("GREETING"), "memory_mb": context.memory_limit_in_mb}
    print("records:", json.dumps(event["Records"]))
    return {"batchItemFailures": []}
