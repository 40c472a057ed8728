"""Lets in who knows the word (payload format 2.0, simple response)."""


def lambda_handler(event, context):
    return {"isAuthorized": event["headers"].get("authorization") == "Bearer open"}
