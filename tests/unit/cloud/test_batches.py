"""What the endpoint hands over piece by piece reaches the function in batches of its own size."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fleet.cloud import batches
from fleet.cloud.batches import Batches
from fleet.cloud.outcome import Outcome, failure
from fleet.cloud.settings import BatchSettings

QUEUE = "arn:aws:sqs:us-east-1:000000000000:shop-local-refine-s3-1"
FOREVER = 1_000_000


def event(*messages: str, queue: str = QUEUE) -> bytes:
    records = [
        {"messageId": message, "eventSource": "aws:sqs", "eventSourceARN": queue}
        for message in messages
    ]
    return json.dumps({"Records": records}).encode()


class Function:
    """Fails the messages that begin with `bad`; works for as long as it is held."""

    def __init__(self) -> None:
        self.events: list[list[str]] = []
        self.most_at_once = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self._at_once = 0

    async def __call__(self, payload: bytes, request_id: str) -> Outcome:
        messages = [record["messageId"] for record in json.loads(payload)["Records"]]
        self.events.append(messages)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await self.go_on.wait()
        self._at_once -= 1
        bad = [{"itemIdentifier": one} for one in messages if one.startswith("bad")]
        return Outcome(json.dumps({"batchItemFailures": bad}).encode())


def run(test: Callable[[Function, Batches], Awaitable[None]], **settings: int) -> None:
    async def main() -> None:
        function = Function()
        batch = BatchSettings(
            QUEUE, **{"size": 4, "window_s": FOREVER, "concurrency": 2, **settings}
        )
        async with asyncio.timeout(60):
            await test(function, Batches(function, [batch]))

    asyncio.run(main())


async def answers(function: Batches, *events: bytes) -> list[Any]:
    outcomes = await asyncio.gather(*(function.invoke(one, "id") for one in events))
    return [json.loads(outcome.body) for outcome in outcomes]


@pytest.fixture(autouse=True)
def _never_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch ends because it is full, or because its window is over."""
    monkeypatch.setattr(batches, "QUIET_SHARE", 1)


def test_a_full_batch_is_one_event_and_each_part_learns_of_its_own_failures() -> None:
    async def test(function: Function, invoker: Batches) -> None:
        assert await answers(invoker, event("a", "bad-b"), event("c"), event("bad-d")) == [
            {"batchItemFailures": [{"itemIdentifier": "bad-b"}]},
            {"batchItemFailures": []},
            {"batchItemFailures": [{"itemIdentifier": "bad-d"}]},
        ]
        assert function.events == [["a", "bad-b", "c", "bad-d"]]

    run(test)


@pytest.mark.parametrize(("window_s", "quiet_share"), [(0, 1), (FOREVER, 0)])
def test_what_has_come_goes_once_the_window_is_over_or_nothing_more_comes(
    monkeypatch: pytest.MonkeyPatch, window_s: int, quiet_share: float
) -> None:
    monkeypatch.setattr(batches, "QUIET_SHARE", quiet_share)

    async def test(function: Function, invoker: Batches) -> None:
        await answers(invoker, event("a"), event("b"))
        await answers(invoker, event("c"))
        assert function.events == [["a", "b"], ["c"]]

    run(test, window_s=window_s)


def test_a_batch_has_no_more_messages_than_the_trigger_takes() -> None:
    async def test(function: Function, invoker: Batches) -> None:
        await answers(invoker, *(event(f"{n}a", f"{n}b", f"{n}c") for n in range(4)))
        assert [len(messages) for messages in function.events] == [3, 3, 3, 3]

    run(test, window_s=0)


def test_nor_more_bytes_than_an_event_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_PAYLOAD_BYTES", 2 * len(event("a")))

    async def test(function: Function, invoker: Batches) -> None:
        await answers(invoker, *map(event, "abcd"))
        assert function.events == [["a", "b"], ["c", "d"]]

    run(test)


def test_messages_gather_while_the_function_may_take_no_more() -> None:
    async def test(function: Function, invoker: Batches) -> None:
        function.go_on.clear()
        tasks = []
        for name in "abcdefgh":
            tasks.append(asyncio.create_task(invoker.invoke(event(name), "id")))
            for _ in range(20):  # rounds of the event loop
                await asyncio.sleep(0)
        assert function.events == [["a"], ["b"]]
        function.go_on.set()
        await asyncio.gather(*tasks)
        assert function.events[2:] == [["c", "d", "e", "f"], ["g", "h"]]
        assert function.most_at_once == 2

    run(test, window_s=0)


def test_an_error_concerns_every_part() -> None:
    error = failure("ValueError", "no such column", reusable=True)

    async def fails(payload: bytes, request_id: str) -> Outcome:
        return error

    async def main() -> None:
        invoker = Batches(fails, [BatchSettings(QUEUE, 2, FOREVER, 2)])
        outcomes = await asyncio.gather(*(invoker.invoke(event(name), "id") for name in "ab"))
        assert outcomes == [error, error]

    asyncio.run(main())


def test_who_gives_up_waiting_leaves_the_others_their_outcome() -> None:
    async def test(function: Function, invoker: Batches) -> None:
        function.go_on.clear()
        gone, stays = (
            asyncio.create_task(invoker.invoke(event(f"{name}1", f"{name}2"), "id"))
            for name in ("gone", "bad")
        )
        while not function.events:
            await asyncio.sleep(0)
        gone.cancel()
        function.go_on.set()
        failures = json.loads((await stays).body)["batchItemFailures"]
        assert [one["itemIdentifier"] for one in failures] == ["bad1", "bad2"]

    run(test)


def test_an_interrupted_batch_interrupts_its_parts() -> None:
    async def interrupted(payload: bytes, request_id: str) -> Outcome:
        raise asyncio.CancelledError

    async def main() -> None:
        invoker = Batches(interrupted, [BatchSettings(QUEUE, 1, FOREVER, 2)])
        with pytest.raises(asyncio.CancelledError):
            await invoker.invoke(event("a"), "id")

    asyncio.run(main())


@pytest.mark.parametrize(
    "body", [b"null", b'"done"', b"{}", b'{"batchItemFailures": null}', b"[1]"]
)
def test_another_answer_is_every_parts(body: bytes) -> None:
    async def answer(payload: bytes, request_id: str) -> Outcome:
        return Outcome(body)

    async def main() -> None:
        invoker = Batches(answer, [BatchSettings(QUEUE, 2, FOREVER, 2)])
        outcomes = await asyncio.gather(*(invoker.invoke(event(name), "id") for name in "ab"))
        assert [outcome.body for outcome in outcomes] == [body, body]

    asyncio.run(main())


@pytest.mark.parametrize(
    "payload",
    [
        event("a", queue="arn:aws:sqs:us-east-1:000000000000:another"),
        b'{"action": "plan"}',
        b'{"Records": []}',
        b'{"Records": [{"eventSource": "aws:s3"}]}',
        b'{"Records": [1]}',
        b"[]",
        b"no JSON",
    ],
)
def test_every_other_event_goes_as_it_is(payload: bytes) -> None:
    seen = []

    async def note(payload: bytes, request_id: str) -> Outcome:
        seen.append((payload, request_id))
        return Outcome(b"null")

    asyncio.run(Batches(note, [BatchSettings(QUEUE, 4, FOREVER, 2)]).invoke(payload, "id"))

    assert seen == [(payload, "id")]
