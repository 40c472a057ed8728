"""What a policy makes of one object: the copy to release, or why there is none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, TypeAlias, cast

from compliance_guardian.insights import Collected
from compliance_guardian.objects import reader
from compliance_guardian.objects.results import UnreadableError
from compliance_guardian.objects.unpack import spooled
from compliance_guardian.policies.copies import Copier
from compliance_guardian.policies.edits import Edits
from compliance_guardian.policies.values import Replacement
from datalake.policies import Action, Policy
from datalake.storage import Readable

_ROUNDS = 3
"""Scans of a copy, each with its replacements: a value may hide another one."""


@dataclass(frozen=True)
class Released:
    """A copy for the raw bucket, in which nothing that the policy covers is readable."""

    copy: IO[bytes]


@dataclass(frozen=True)
class Blocked:
    """Why an object is not released, and a copy like that of `Released` if one could be made."""

    reason: str
    copy: IO[bytes] | None = None


Outcome: TypeAlias = Released | Blocked


@contextmanager
def prepared(
    stream: Readable, policy: Policy, replacement: Replacement, collected: Collected
) -> Iterator[Outcome]:
    """Scan an object and replace what the policy covers, until a scan finds nothing more.

    `collected` takes the findings in the object, which is its own copy if it has none, or if its
    policy is to report them.
    """
    with ExitStack() as stack:
        try:
            original = stack.enter_context(spooled(stream))
            result: Outcome = (
                Released(original)
                if policy.action is Action.REPORT
                else _prepared(original, policy, replacement, collected, stack)
            )
        except UnreadableError as error:
            result = Blocked(str(error))
        yield result


def _prepared(
    original: IO[bytes],
    policy: Policy,
    replacement: Replacement,
    collected: Collected,
    stack: ExitStack,
) -> Outcome:
    """Raises UnreadableError where a value cannot be replaced."""
    copy, reason = original, None
    for number in range(_ROUNDS + 1):
        seen = collected if number == 0 else Collected()
        file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        edits = Edits(policy.kinds, file)
        copy.seek(0)
        seen.add_all(edits.noting(reader.find(copy, seen.totals), seen.totals))
        if seen.problem:
            return Blocked(seen.problem)
        if edits.are_in_names:
            return Blocked(
                "The name of a file in the archive, or of a column, holds card data. Rename it.",
            )
        if not edits.count:
            return Blocked(reason, copy) if reason else Released(copy)
        if policy.action is Action.BLOCK:
            reason = "The policy of the source blocks files with card data. Deliver it without."
        if number == _ROUNDS:
            break
        target = stack.enter_context(tempfile.NamedTemporaryFile())  # noqa: SIM115 - the same
        Copier(edits, policy.kinds, replacement).copy(copy, cast("IO[bytes]", target))
        copy = cast("IO[bytes]", target)
    return Blocked(
        f"Card data was still found after {_ROUNDS} rounds of masking. Deliver the file without.",
    )
