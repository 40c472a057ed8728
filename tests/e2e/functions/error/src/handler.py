"""Raises, or returns what only looks like an error."""


def lambda_handler(event, context):
    if event.get("only_looks"):
        return {"errorType": "None", "errorMessage": "none", "stackTrace": [], "requestId": "x"}
    raise ValueError("on purpose")
