"""Back to versions that were live before: aliases move, nothing is built."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from fleet.errors import FleetError
from fleet.release.cloud import Alias, Cloud
from fleet.release.records import (
    Record,
    Records,
    Released,
    Stored,
    since_destruction,
    states,
    unfinished,
)


def rollback(
    cloud: Cloud,
    records: Records,
    commit: str,
    report: Callable[[str], None],
    *,
    to: int | None = None,
    functions: Collection[str] | None = None,
) -> Record:
    """Move aliases to the release before the live one, or to release `to`; return the record.

    `functions` limits it to some of the catalogue, which move together, as those of one image must.
    After a release that was killed, the live release is restored and the killed one closed. Raises
    FleetError if there is nothing to go back to, or naming every alias that could not be moved; the
    others have moved then.
    """
    history = records.newest()
    broken = unfinished(history)
    if broken:
        closed = records.update(broken, status="failed", reason="killed; closed by a rollback")
        history = [*history[:-1], closed]
    number, target = _target(history, to, functions, restore=broken is not None)
    stack = states(history)
    live = stack[-1][1] if stack else {}
    wanted = {n: r for n, r in target.items() if functions is None or n in functions}
    _check_packages(number, wanted, live)
    before = {released.function: cloud.alias(released.function) for released in wanted.values()}
    _check(cloud, wanted)

    identity = cloud.identity()
    opened = records.open(history, "rollback", identity.caller, commit)
    problems = _move(cloud, wanted, before, report)
    if problems:
        records.update(opened, status="failed", reason="; ".join(problems))
        raise FleetError("\n".join([*problems, "run `make rollback` again"]))
    return records.update(
        opened,
        status="live",
        restores=number,
        partial=functions is not None,
        functions={**live, **wanted},
    ).record


def _target(
    history: list[Stored], to: int | None, functions: Collection[str] | None, *, restore: bool
) -> tuple[int, Mapping[str, Released]]:
    """The release to go back to."""
    stack = states(history)
    if to is not None:
        live = {
            record.number: record.functions
            for record in since_destruction(history)
            if record.status == "live" and record.kind != "rollback"
        }
        if to not in live:
            known = ", ".join(map(str, live)) or "none"
            raise FleetError(f"TO={to} is not a release that was live; allowed: {known}")
        target: tuple[int, Mapping[str, Released]] = (to, live[to])
    elif restore:
        if not stack:
            raise FleetError("the first release was killed: there is no version to go back to")
        target = stack[-1]
    else:
        target = _previous(stack, functions)
    if functions is not None and not target[1].keys() & set(functions):
        raise FleetError(
            f"release {target[0]} has no function {', '.join(map(repr, functions))}; "
            f"it has: {', '.join(sorted(target[1]))}"
        )
    return target


def _previous(
    stack: list[tuple[int, Mapping[str, Released]]], functions: Collection[str] | None
) -> tuple[int, Mapping[str, Released]]:
    """The release before the live one; of some functions, one that had another version of any."""
    if not stack:
        raise FleetError("nothing is live yet, so there is nothing to go back from")
    current = stack[-1][1]
    for number, released in reversed(stack[:-1]):
        if functions is None or any(
            name in released and _version(released, name) != _version(current, name)
            for name in functions
        ):
            return number, released
    what = f"of {', '.join(functions)} " if functions is not None else ""
    raise FleetError(f"release {stack[-1][0]} is the first {what}on record; there is none before")


def _version(functions: Mapping[str, Released], name: str) -> str | None:
    return functions[name].version if name in functions else None


def _check_packages(
    number: int, wanted: Mapping[str, Released], live: Mapping[str, Released]
) -> None:
    """No alias leads from one function to another, and events reach the one that is live."""
    for name, released in wanted.items():
        now = live.get(name, released).function
        if now != released.function:
            raise FleetError(
                f"release {number} ran {name} as {released.function}, and its events go to {now} "
                "now, which no alias changes: set package_type of the function in functions.yaml "
                "back and deploy, or roll back the others with FUNCTION=..."
            )


def _check(cloud: Cloud, wanted: Mapping[str, Released]) -> None:
    """Every version must still be there and run the image that the record names."""
    for released in wanted.values():
        version = cloud.version(released.function, released.version)
        if version.artifact != released.artifact:
            raise FleetError(
                f"version {released.version} of {released.function} runs {version.artifact}, the "
                f"release had {released.artifact}: the function was deleted and created again; "
                "deploy the older commit instead"
            )
        if version.state == "Failed":
            raise FleetError(
                f"version {released.version} of {released.function} does not start any more: "
                f"{version.reason}; choose another with TO=..."
            )


def _move(
    cloud: Cloud,
    wanted: Mapping[str, Released],
    before: Mapping[str, Alias],
    report: Callable[[str], None],
) -> list[str]:
    problems = []
    for released in wanted.values():
        seen = before[released.function]
        if seen.version == released.version and not seen.weights:
            continue
        try:
            cloud.move(released.function, seen, released.version, {})
        except FleetError as error:
            problems.append(f"{released.function} stays on version {seen.version}: {error}")
        else:
            report(f"{released.function}: version {seen.version} -> {released.version}")
    return problems
