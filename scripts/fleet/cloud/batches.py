"""Batches of more messages than the endpoint hands over.

SQS on AWS gathers up to 10,000 messages for as long as the trigger's window says. The endpoint
hands over ten at most and waits for no window, but it hands over several batches at once. Here they
wait for one another and reach the function as one event.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from fleet.cloud.outcome import MAX_PAYLOAD_BYTES, Outcome
from fleet.cloud.settings import BatchSettings

# A window ends early once nothing came for this share of it: nobody at a terminal waits it out for
# one file.
QUIET_SHARE = 0.1

Invoke = Callable[[bytes, str], Awaitable[Outcome]]


@dataclass(frozen=True)
class _Part:
    """What the endpoint handed over in one event."""

    records: list[dict[str, Any]]
    size: int
    outcome: asyncio.Future[Outcome]


class Batches:
    """Invokes one function, with batches of the queues that `settings` names."""

    def __init__(self, invoke: Invoke, settings: Iterable[BatchSettings]) -> None:
        self._invoke = invoke
        self._batches = {one.queue: _Batch(invoke, one) for one in settings}

    async def invoke(self, payload: bytes, request_id: str) -> Outcome:
        """Run an event, as part of a larger one if its messages are of such a queue."""
        if self._batches and (records := _messages(payload)):
            batch = self._batches.get(records[0]["eventSourceARN"])
            if batch:
                return await batch.add(records, len(payload))
        return await self._invoke(payload, request_id)


class _Batch:
    """Gathers the messages of one queue."""

    def __init__(self, invoke: Invoke, settings: BatchSettings) -> None:
        self._invoke = invoke
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._parts: list[_Part] = []
        self._came = asyncio.Event()
        self._gathering: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def add(self, records: list[dict[str, Any]], size: int) -> Outcome:
        """What became of these messages, once a batch with them has run."""
        part = _Part(records, size, asyncio.get_running_loop().create_future())
        self._parts.append(part)
        self._came.set()
        if self._gathering is None:
            self._start()
        return await part.outcome

    def _start(self) -> None:
        task = self._gathering = asyncio.create_task(self._run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self) -> None:
        """Run one batch as soon as it is complete and the function may take it."""
        deadline = asyncio.get_running_loop().time() + self._settings.window_s
        async with self._slots:
            await self._gather(deadline)
            parts = self._take()
            self._gathering = None
            if self._parts:
                self._start()
            event = {"Records": [record for part in parts for record in part.records]}
            try:
                outcome = await self._invoke(json.dumps(event).encode(), str(uuid.uuid4()))
            except BaseException:
                for part in parts:
                    part.outcome.cancel()
                raise
        for part in parts:
            # Whoever gave up waiting, as when the local cloud stops, is told nothing.
            if not part.outcome.cancelled():
                part.outcome.set_result(_share(outcome, part.records))

    async def _gather(self, deadline: float) -> None:
        """Return once the batch is full, the window over, or nothing more comes."""
        now = asyncio.get_running_loop().time
        quiet = QUIET_SHARE * self._settings.window_s
        while not self._full():
            self._came.clear()
            try:
                async with asyncio.timeout(min(quiet, deadline - now())):
                    await self._came.wait()
            except TimeoutError:
                return

    def _full(self) -> bool:
        records = sum(len(part.records) for part in self._parts)
        size = sum(part.size for part in self._parts)
        return records >= self._settings.size or size >= MAX_PAYLOAD_BYTES

    def _take(self) -> list[_Part]:
        """The parts that came first: at least one, and no more than one event may hold."""
        records = size = count = 0
        for part in self._parts:
            records += len(part.records)
            size += part.size
            if count and (records > self._settings.size or size > MAX_PAYLOAD_BYTES):
                break
            count += 1
        taken, self._parts = self._parts[:count], self._parts[count:]
        return taken


def _messages(payload: bytes) -> list[dict[str, Any]]:
    """The messages of an event of SQS; none if it is another event."""
    try:
        records = json.loads(payload)["Records"]
        of_sqs = all(one["eventSource"] == "aws:sqs" and one["eventSourceARN"] for one in records)
    except (ValueError, KeyError, TypeError):
        return []
    return list(records) if of_sqs else []


def _share(outcome: Outcome, records: list[dict[str, Any]]) -> Outcome:
    """The outcome as of some of the batch's messages: of the failures, theirs alone."""
    if outcome.error:
        return outcome
    answer = json.loads(outcome.body)
    if not isinstance(answer, dict) or not isinstance(answer.get("batchItemFailures"), list):
        return outcome
    own = {record["messageId"] for record in records}
    failures = [
        failure
        for failure in answer["batchItemFailures"]
        if isinstance(failure, dict) and failure.get("itemIdentifier") in own
    ]
    return replace(outcome, body=json.dumps({**answer, "batchItemFailures": failures}).encode())
