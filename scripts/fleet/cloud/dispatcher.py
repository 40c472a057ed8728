"""The HTTP server to which the endpoint hands every invocation."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Mapping

from aiohttp import web

from fleet.cloud.batches import Batches, Invoke
from fleet.cloud.outcome import MAX_PAYLOAD_BYTES, Outcome, failure
from fleet.cloud.workers import Pool

# Below the shortest timeout a function may have, which is 1 s.
HEARTBEAT_S = 0.4


def application(pools: Mapping[str, Pool]) -> web.Application:
    """POST /functions/<resource> runs an event; GET /functions lists the workers' pids.

    200 carries the handler's result. A function error is 500 with `errorType` and `errorMessage`,
    an event above Lambda's limit 413, an unknown function 404, all as JSON.
    """

    batches = {
        resource: Batches(pool.invoke, pool.function.batches) for resource, pool in pools.items()
    }

    async def invoke(request: web.Request) -> web.Response:
        function = batches.get(request.match_info["resource"])
        if function is None:
            return _error(404, "ResourceNotFoundException", "no such function")
        if (request.content_length or 0) > MAX_PAYLOAD_BYTES:
            return _too_large()
        try:
            payload = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _too_large()
        outcome = await _while_waiting(request, function.invoke, payload)
        return _json(500 if outcome.error else 200, outcome.body)

    async def workers(_: web.Request) -> web.Response:
        return web.json_response(
            {pool.function.name: [w.child.pid for w in pool.workers] for pool in pools.values()}
        )

    app = web.Application(client_max_size=MAX_PAYLOAD_BYTES)
    app.router.add_post("/functions/{resource}", invoke)
    app.router.add_get("/functions", workers)
    return app


async def _while_waiting(request: web.Request, invoke: Invoke, payload: bytes) -> Outcome:
    """Run the event and tell the client meanwhile that it is being worked on.

    The endpoint gives up when it hears nothing for the function's timeout. But time spent waiting
    for a worker is not the function's, and the emulator is to report a timeout, so that the worker
    is known to be lost: "100 Continue", which clients skip, keeps the endpoint waiting.
    """
    task = asyncio.ensure_future(invoke(payload, str(uuid.uuid4())))
    while not (await asyncio.wait({task}, timeout=HEARTBEAT_S))[0]:
        # A client that has gone changes nothing: the event has begun.
        with contextlib.suppress(ConnectionError):
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            # As aiohttp itself does after a 100: these bytes are no part of the response.
            request.writer.output_size = 0
    return task.result()


def _too_large() -> web.Response:
    return _error(
        413,
        "RequestEntityTooLargeException",
        f"the event is larger than Lambda's limit of {MAX_PAYLOAD_BYTES} bytes; "
        "pass large data through S3",
    )


def _error(status: int, kind: str, message: str) -> web.Response:
    return _json(status, failure(kind, message, reusable=True).body)


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")
