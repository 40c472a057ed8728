"""Answers from insights, and what there is to say where there are none."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from datalake.storage import ObjectStorage
from demand_insights_engine import adapter
from lambda_app.http import ProblemError

Answer = TypeVar("Answer")

_OF_DEMAND = (
    "The batch makes insights when the source's demand changes, of products offered in its last "
    "full week."
)


class SeveralCurrenciesError(Exception):
    """The source has what was asked for in several currencies; the message names them."""


def answer(
    read: Callable[[ObjectStorage, str], Answer | None], wanted: str, made: str = _OF_DEMAND
) -> Answer:
    """What `read` finds in the bucket of insights. `wanted` says what that is, `made` when there
    is any.

    Raises ProblemError: 404 where there is nothing, 422 where the currency has to be named.
    """
    try:
        found = read(adapter.storage(), adapter.api_settings().insights_bucket)
    except SeveralCurrenciesError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"There are several of {wanted}, by currency: {error}. Name one of them.",
            errors=[{"detail": "needed here", "in": "query", "parameter": "currency"}],
        ) from error
    if found is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            f"There is no {wanted}. {made}",
        )
    return found
