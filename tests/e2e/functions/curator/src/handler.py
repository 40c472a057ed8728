"""Answers plan, curate_part, finish and give_up as raw-to-curated does, by what the object holds.

The object is JSON and may hold: `parts`, their number; `raises`, the action that fails; `flaky`,
whether each part crashes the first time; `sleep_s`, how long a part takes; `status`, what plan
answers. Every call is kept as calls/<key>/<action>-<part>, with -again behind it if it is not the
first.
"""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request


def lambda_handler(event, context):
    bucket, key = event["bucket"], event["key"]
    behaviour = json.loads(request("GET", bucket, key))
    action = event["action"]
    first = not exists(bucket, note := f"calls/{key}/{action}-{event.get('part', 0)}")
    request("PUT", bucket, note if first else f"{note}-again", json.dumps(event).encode())
    if behaviour.get("raises") == action:
        raise ValueError("on purpose: [bold]\x1b[31m")
    if behaviour.get("flaky") and action == "curate_part" and first:
        os._exit(3)
    about = {"bucket": bucket, "key": key, "etag": "0"}
    match action:
        case "plan":
            settled = behaviour.get("status")
            if exists(bucket, f"calls/{key}/finish-0"):
                settled = "done"
            if settled:
                reason = {"reason": "bad", "message": "The header is wrong."}
                return about | reason | {"status": settled, "parts": [], "finish": None}
            of = behaviour.get("parts", 1)
            parts = [about | {"action": "curate_part", "part": n, "of": of} for n in range(of)]
            finish = about | {"action": "finish", "of": of}
            return about | {"status": "planned", "parts": parts, "finish": finish}
        case "curate_part":
            time.sleep(behaviour.get("sleep_s", 0))
            return {"part": event["part"], "status": "curated", "rows_in": 10}
        case "give_up":
            return about | {"status": "rejected"}
        case "finish":
            rows = 10 * event["of"]
            return about | {
                "status": "curated",
                "rows_in": rows,
                "rows_curated": {"orders": rows - 3, "returns": 1},
                "rows_quarantined": 1,
                "exact_duplicates": 1,
            }


def exists(bucket, key):
    try:
        request("HEAD", bucket, key)
    except urllib.error.HTTPError:
        return False
    return True


def request(method, bucket, key, body=None):
    url = f"{os.environ['AWS_ENDPOINT_URL']}/{bucket}/{urllib.parse.quote(key)}"
    sent = urllib.request.Request(url, data=body, method=method)
    with urllib.request.urlopen(sent) as answer:
        return answer.read()
