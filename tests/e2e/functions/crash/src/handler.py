"""Ends its process instead of answering."""

import os


def lambda_handler(event, context):
    if event.get("crash", True):
        os._exit(3)
    return os.getpid()
