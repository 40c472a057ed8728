"""SQS batches in two shapes: each message alone, or messages in groups.

Both answer with the messages to be delivered again. A message that no retry can help goes to the
dead-letter queue instead, with its error: one whose parser raises PoisonMessageError, or whose
handler raises an error that the caller names as `permanent`. Whatever else a parser or handler
raises fails its message only: also the panic of a Rust library, and a lack of memory. Failed
messages and dead letters are counted in the metrics MessagesFailed and MessagesDeadLettered.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from lambda_app import dead_letters
from lambda_app.containment import contained
from lambda_app.dead_letters import PoisonMessageError
from lambda_app.observability import count, count_failures, logger
from lambda_app.settings import Settings

T = TypeVar("T")

Parser: TypeAlias = Callable[[str], T | None]
"""Reads the body of a message. None: nothing to do. Raises PoisonMessageError."""

LastReceive: TypeAlias = Callable[[T, int, Exception | None], None]
"""Told of a message that its queue does not deliver again, and how often it was received: before it
is handled, as the function may be killed while it is, and with the error if it fails. What this
raises is logged and has no other effect."""


class ReceiveSettings(Settings):
    """How often the queues of a function deliver a message before they give it up."""

    max_receives: int = Field(ge=1)


def process_messages(
    event: dict[str, Any],
    context: LambdaContext,
    *,
    parse: Parser[T],
    handle: Callable[[T], None],
    permanent: tuple[type[Exception], ...] = (),
    on_last_receive: LastReceive[T] | None = None,
    redact: Callable[[str], str] = str,
) -> PartialItemFailureResponse:
    """Handle each message of an SQS event by itself; an error fails that message only.

    `redact` takes out of a dead letter, its body and its error, what must not be in the queue.
    Raises InvalidSettingsError if `on_last_receive` is given and MAX_RECEIVES is not set.
    """
    max_receives = 0
    if on_last_receive:
        max_receives = ReceiveSettings.from_environment(os.environ).max_receives

    def work(record: SQSRecord) -> None:
        with contained():
            item = parse(record.body)
        if item is None:
            return
        receives = int(record.raw_event.get("attributes", {}).get("ApproximateReceiveCount", 1))
        tell = on_last_receive if receives >= max_receives else None
        if tell:
            _tell(tell, item, receives, None)
        try:
            with contained():
                handle(item)
        except Exception as error:
            if tell:
                _tell(tell, item, receives, error)
            _note(error, item)
            raise

    return _respond(event, context, work, permanent, redact)


def _tell(tell: LastReceive[T], item: T, receives: int, error: Exception | None) -> None:
    try:
        tell(item, receives, error)
    except Exception:
        logger.exception("last receive not recorded")


def process_groups(
    event: dict[str, Any],
    context: LambdaContext,
    *,
    parse: Parser[T],
    group_by: Callable[[T], Hashable],
    handle: Callable[[Sequence[T]], None],
    permanent: tuple[type[Exception], ...] = (),
    redact: Callable[[str], str] = str,
) -> PartialItemFailureResponse:
    """Handle the messages of an SQS event in groups of equal `group_by`, in order of arrival.

    Where a group fails, each half is handled alone, down to the messages that fail by themselves.
    So `handle` must be safe to repeat. `redact` is as in `process_messages`.
    """
    groups: dict[Hashable, list[tuple[str, T]]] = {}
    errors: dict[str, Exception] = {}
    for raw in event["Records"]:
        record = SQSRecord(raw)
        try:
            with contained():
                item = parse(record.body)
        except Exception as error:
            errors[record.message_id] = error
            continue
        if item is not None:
            groups.setdefault(group_by(item), []).append((record.message_id, item))
    for group in groups.values():
        errors |= _bisect(group, handle)

    def work(record: SQSRecord) -> None:
        if error := errors.get(record.message_id):
            raise error

    return _respond(event, context, work, permanent, redact)


def _bisect(
    group: Sequence[tuple[str, T]], handle: Callable[[Sequence[T]], None]
) -> Mapping[str, Exception]:
    """Handle a group; the errors of the messages that fail by themselves, by message id."""
    try:
        with contained():
            handle([item for _, item in group])
    except Exception as error:
        if len(group) == 1:
            [(message_id, item)] = group
            _note(error, item)
            return {message_id: error}
        logger.warning("group failed, trying its halves", extra={"messages": len(group)})
        middle = len(group) // 2
        return {**_bisect(group[:middle], handle), **_bisect(group[middle:], handle)}
    return {}


def _note(error: Exception, item: object) -> None:
    """Have the log name the item beside the error."""
    error.add_note(f"while handling {item!r:.500}")


def _respond(
    event: dict[str, Any],
    context: LambdaContext,
    work: Callable[[SQSRecord], None],
    permanent: tuple[type[Exception], ...],
    redact: Callable[[str], str] = str,
) -> PartialItemFailureResponse:
    dead_lettered = 0
    hopeless: tuple[type[Exception], ...] = (PoisonMessageError, *permanent)

    def answer_for(record: SQSRecord) -> None:
        nonlocal dead_lettered
        with logger.append_context_keys(message_id=record.message_id):
            try:
                try:
                    work(record)
                except hopeless as error:
                    logger.exception("message cannot be processed, to the dead-letter queue")
                    dead_letters.send(record.body, error, redact)
                    dead_lettered += 1
            except Exception:
                logger.exception("message failed")
                raise

    # Partial failures are reported in the answer even where every message fails: an error of the
    # invocation would say nothing of which.
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    count("Messages", len(event["Records"]))
    response = process_partial_response(event, answer_for, processor, context)
    count_failures(
        context,
        MessagesFailed=len(response["batchItemFailures"]),
        MessagesDeadLettered=dead_lettered,
    )
    return response
