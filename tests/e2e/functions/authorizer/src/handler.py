"""Lets in who knows the word (payload format 2.0, simple response)."""


def lambda_handler(event, context):
    word = event["headers"]["authorization"]
    if word == "Bearer raise":
        raise ValueError("on purpose")
    if word == "Bearer nonsense":
        return {"isAuthorized": "yes"}
    asked = {key: event[key] for key in ("version", "type", "routeKey", "identitySource")}
    return {"isAuthorized": word == "Bearer open", "context": {"user": "ann", "asked": asked}}
