"""SQS batches in two shapes: each message alone, or messages in groups.

Both answer with the messages to be delivered again. A message that no retry can help goes to the
dead-letter queue instead, with its error: one whose parser raises PoisonMessageError, or whose
handler raises an error that the caller names as `permanent`. Failed messages and dead letters are
counted in the metrics MessagesFailed and MessagesDeadLettered.
"""

from __future__ import annotations

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

from lambda_app import dead_letters
from lambda_app.dead_letters import PoisonMessageError
from lambda_app.observability import count, count_failures, logger

T = TypeVar("T")

Parser: TypeAlias = Callable[[str], T | None]
"""Reads the body of a message. None: nothing to do. Raises PoisonMessageError."""


def process_messages(
    event: dict[str, Any],
    context: LambdaContext,
    *,
    parse: Parser[T],
    handle: Callable[[T], None],
    permanent: tuple[type[Exception], ...] = (),
) -> PartialItemFailureResponse:
    """Handle each message of an SQS event by itself; an error fails that message only."""

    def work(record: SQSRecord) -> None:
        item = parse(record.body)
        if item is not None:
            try:
                handle(item)
            except Exception as error:
                _note(error, item)
                raise

    return _respond(event, context, work, permanent)


def process_groups(
    event: dict[str, Any],
    context: LambdaContext,
    *,
    parse: Parser[T],
    group_by: Callable[[T], Hashable],
    handle: Callable[[Sequence[T]], None],
    permanent: tuple[type[Exception], ...] = (),
) -> PartialItemFailureResponse:
    """Handle the messages of an SQS event in groups of equal `group_by`, in order of arrival.

    Where a group fails, each half is handled alone, down to the messages that fail by themselves.
    So `handle` must be safe to repeat.
    """
    groups: dict[Hashable, list[tuple[str, T]]] = {}
    poison: dict[str, PoisonMessageError] = {}
    for raw in event["Records"]:
        record = SQSRecord(raw)
        try:
            item = parse(record.body)
        except PoisonMessageError as error:
            poison[record.message_id] = error
            continue
        if item is not None:
            groups.setdefault(group_by(item), []).append((record.message_id, item))
    errors: dict[str, Exception] = dict(poison)
    for group in groups.values():
        errors |= _bisect(group, handle)

    def work(record: SQSRecord) -> None:
        if error := errors.get(record.message_id):
            raise error

    return _respond(event, context, work, permanent)


def _bisect(
    group: Sequence[tuple[str, T]], handle: Callable[[Sequence[T]], None]
) -> Mapping[str, Exception]:
    """Handle a group; the errors of the messages that fail by themselves, by message id."""
    try:
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
                    dead_letters.send(record.body, error)
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
