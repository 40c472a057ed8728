"""Starts the state machine that curates a large object in parts."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Protocol

from datalake.layout import object_id
from lambda_app.s3_events import CreatedObject


class Backfill(Protocol):
    """Has the newest version of a raw object curated in parts, by others and later."""

    def start(self, raw_object: CreatedObject) -> None:
        """Return once it is sure to happen; starting it again for the same event does nothing."""


class StateMachine:
    """The Backfill of state-machines/backfill.asl.json, on AWS Step Functions."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def start(self, raw_object: CreatedObject) -> None:
        """See Backfill.start. A redelivered event finds the name of its execution taken."""
        event = repr((raw_object.sequencer, raw_object.etag, raw_object.version_id))
        name = f"{object_id(raw_object.key)}-{hashlib.sha256(event.encode()).hexdigest()[:12]}"
        try:
            self._client.start_execution(
                stateMachineArn=self._arn, name=name, input=json.dumps({"prefix": raw_object.key})
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return
