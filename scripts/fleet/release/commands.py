"""The commands of a release; each is thin, and says first what it will change."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from fleet import catalogue as catalogue_package
from fleet import console, selection
from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.paths import CATALOGUE, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fleet.images.build import Image
    from fleet.images.events import Event
    from fleet.release.deploy import Release
    from fleet.release.infrastructure import PackageType
    from fleet.release.push import Store
    from fleet.release.session import Session
    from fleet.release.shift import Steps

EnvOption = Annotated[str, typer.Option("--env", envvar="ENV", help="dev, prod, ...")]
FunctionOption = Annotated[str, typer.Option("--function", envvar="FUNCTION")]
GroupOption = Annotated[str, typer.Option("--group", envvar="GROUP")]
CanaryOption = Annotated[
    str, typer.Option(envvar="CANARY", help="Percents of the traffic before all of it.")
]
SecondsOption = Annotated[
    float, typer.Option(envvar="CANARY_SECONDS", help="Time at each step, alarms watched.")
]
# CloudWatch judges periods of 5 minutes; a step must last one to be judged.
CANARY = "10,50"
CANARY_SECONDS = 300.0
YES_VARIABLE = "YES"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(push)
    app.command()(plan)
    app.command()(deploy)
    app.command()(promote)
    app.command()(rollback)
    app.command()(releases)
    app.command("prune-images")(prune_images)
    app.command()(destroy)
    app.command()(cost)


def push(env: EnvOption = "dev", function: FunctionOption = "", group: GroupOption = "") -> None:
    """Push the images and zip packages that are lacking, built, verified and smoke-tested."""
    from fleet.images import engine
    from fleet.release.push import publish

    catalogue = _load()
    chosen = selection.images(catalogue, function, group)
    engine.require()
    session = _session(catalogue, env)
    wanted = [(store, image) for store, image in _wanted(session) if image.name in chosen]
    here = [(store, image) for store, image in wanted if engine.runs(image.architecture)]
    foreign = {i.name: i.architecture for _, i in wanted if not engine.runs(i.architecture)}
    for name, architecture in foreign.items():
        console.err.print(
            f"{name} is left out: it is for {architecture}, which does not run here; push it from "
            "a machine where it does"
        )
    for pushed in publish(here, lambda missing: _prepare(catalogue, missing)):
        console.out.print(f"{pushed.held.address}  {'pushed' if pushed.new else 'there already'}")


def plan(env: EnvOption = "") -> None:
    """Show what a deployment would change, with the images and packages that are pushed."""
    from fleet.images import engine
    from fleet.release.infrastructure import Artifacts, Terraform

    catalogue = _load()
    session = _session(catalogue, env)
    engine.require()
    session.require_state()
    found: dict[str, dict[str, str]] = {"image": {}, "zip": {}}
    lacking = []
    for store, image in _wanted(session):
        if held := store.find(image):
            found[store.package_type][image.name] = held.artifact
        elif artifact := session.newest(store.package_type, image):
            found[store.package_type][image.name] = artifact
            console.err.print(
                f"{image.name} will get a new {store.package_type}, which is not pushed yet"
            )
        else:
            lacking.append(f"{store.package_type} of {image.name}")
    if lacking:
        raise FleetError(
            f"no {', '.join(lacking)} has been pushed yet, and Terraform cannot plan without: "
            f"`make deploy ENV={env}` pushes it, shows the plan and asks"
        )
    terraform = Terraform(session.environment, session.state_bucket)
    terraform.plan(Artifacts(found["image"], found["zip"]), only_look=True)


def deploy(
    env: EnvOption = "", canary: CanaryOption = CANARY, seconds: SecondsOption = CANARY_SECONDS
) -> None:
    """Build, check, push and release every function to an environment of AWS."""
    from fleet.release import cutover, preflight, registry_root
    from fleet.release.aws import Bucket
    from fleet.release.push import artifacts, publish
    from fleet.release.session import events_of
    from fleet.release.shift import parse_steps

    catalogue = _load()
    session = _session(catalogue, env)
    steps = parse_steps(canary, seconds)
    source = preflight.source()
    events = events_of(catalogue)
    preflight.check(catalogue, session.environment, session.cloud, source, events, builds=True)

    state = Bucket(session.state_bucket, session.environment.region)
    exists = state.exists()
    needed = [f"{catalogue.project}/{name}" for name in catalogue.images]
    lacking = [name for name in needed if not (exists and session.images.has(name))]
    if lacking:
        console.err.print(f"The registry root comes first; it makes {', '.join(lacking)}")
        registry_root.apply(session.state_bucket, bucket_exists=exists, confirm=_confirm)

    cutover.check(session.records().newest(), catalogue, session.environment)
    pushed = publish(_wanted(session), lambda missing: _prepare(catalogue, missing))
    for one in pushed:
        console.err.print(f"{one.image.name}  {one.held.artifact}")
    record = _release(session, steps, events).run(artifacts(pushed), source)
    console.out.print(f"release {record.number} is live in {env}")


def promote(
    env: EnvOption = "prod",
    source_env: Annotated[str, typer.Option("--from", envvar="FROM")] = "dev",
    canary: CanaryOption = CANARY,
    seconds: SecondsOption = CANARY_SECONDS,
) -> None:
    """Release the digests that are live in one environment to another, without a build."""
    from fleet.release import cutover, preflight, promotion
    from fleet.release.session import events_of
    from fleet.release.shift import parse_steps

    catalogue = _load()
    session = _session(catalogue, env)
    steps = parse_steps(canary, seconds)
    source = preflight.source()
    events = events_of(catalogue)
    preflight.check(catalogue, session.environment, session.cloud, source, events, builds=False)
    cutover.check(session.records().newest(), catalogue, session.environment)
    origin = promotion.origin(session.records(source_env).newest(), source_env, source)
    artifacts = promotion.artifacts(catalogue, origin, source_env, session.environment)
    release = _release(session, steps, events)
    record = release.run(artifacts, source, "promote", f"{source_env} {origin.number}")
    console.out.print(f"release {record.number} is live in {env}")


def rollback(
    env: EnvOption = "",
    to: Annotated[int, typer.Option(envvar="TO", help="Number of a release.")] = 0,
    function: FunctionOption = "",
    group: GroupOption = "",
) -> None:
    """Move users back to the release before, or to TO; nothing is built."""
    from fleet.release import preflight
    from fleet.release.rollback import rollback as roll_back

    catalogue = _load()
    session = _session(catalogue, env)
    limited = bool(function or group)
    record = roll_back(
        session.cloud,
        session.records(),
        preflight.source().commit,
        _report,
        to=to or None,
        functions=selection.functions(catalogue, function, group) if limited else None,
    )
    console.out.print(f"release {record.number} is live in {env}: {record.restores} again")


def releases(env: EnvOption = "") -> None:
    """List the releases of an environment, the newest last."""
    session = _session(_load(), env)
    table = console.table(["release", "kind", "status", "started", "commit", "who", "note"], [])
    for record in (stored.record for stored in session.records().newest()):
        note = f"restores {record.restores}" if record.restores else record.promoted_from or ""
        table.add_row(
            str(record.number),
            record.kind,
            record.status,
            f"{record.started:%Y-%m-%d %H:%M}",
            record.commit[:10] + ("+" if record.dirty else ""),
            record.who.rpartition("/")[2],
            escape(record.reason.splitlines()[0][:80]) if record.reason else note,
        )
    console.out.print(table)


def prune_images(
    env: EnvOption = "dev",
    apply: Annotated[bool, typer.Option(envvar="APPLY", help="Delete them.")] = False,
) -> None:
    """Name the images that no version of any environment uses; --apply deletes them."""
    from fleet.release import prune
    from fleet.release.deploy import refuse_unfinished

    catalogue = _load()
    session = _session(catalogue, env)
    recorded = {}
    for name, history in session.histories().items():
        # What it is about to publish is in no version and in no record yet.
        refuse_unfinished(history, name)
        for record in (stored.record for stored in history):
            for _, released in record.all_released():
                recorded[released.artifact] = f"release {record.number} of {name}"
    used = session.images.used()
    now = datetime.fromtimestamp(session.clock.now(), UTC)
    freed = 0
    # Also those of functions that have left the catalogue.
    for repository in session.images.repositories(f"{catalogue.project}/"):
        judged = prune.judge(repository, session.images.stored(repository), used, recorded, now)
        doomed = [candidate for candidate in judged if not candidate.kept]
        for candidate in judged:
            verdict = f"stays: {candidate.kept}" if candidate.kept else "unused"
            tags = ", ".join(candidate.tags) or "untagged"
            console.out.print(f"{repository}@{candidate.digest} ({tags})  {verdict}")
        if apply and doomed:
            session.images.delete(repository, [candidate.digest for candidate in doomed])
        freed += sum(candidate.size_bytes for candidate in doomed)
    done = "deleted" if apply else "unused; APPLY=1 deletes them"
    console.err.print(f"{freed / 1e6:.0f} MB {done}")


def destroy(
    env: EnvOption = "",
    word: Annotated[str, typer.Option("--confirm", envvar="CONFIRM")] = "",
) -> None:
    """Delete an environment on AWS; lists its resources and asks first."""
    from fleet.release import destruction, preflight
    from fleet.release.infrastructure import Terraform

    session = _session(_load(), env)
    if session.environment.is_production and word != env:
        raise FleetError(
            f"{env} is production: `make destroy ENV={env} CONFIRM={env}` destroys it all the same"
        )
    session.require_state()

    def confirm(addresses: list[str]) -> bool:
        for address in addresses:
            console.out.print(address, markup=False)
        return _confirm(f"Delete these {len(addresses)} resources of {env} permanently?")

    gone = destruction.destroy(
        env,
        session.cloud,
        Terraform(session.environment, session.state_bucket),
        session.records(),
        preflight.source(),
        confirm,
        _report,
    )
    if gone:
        console.err.print(f"{env} is deleted; images, state and release records are kept")
    else:
        console.err.print(f"{env} holds nothing")


def cost(
    traffic: Annotated[str, typer.Option(envvar="TRAFFIC", help="A traffic file.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Estimate a month's bill from the catalogue and stated traffic."""
    from fleet import cost as estimator

    estimator.print_estimate(_load(), traffic, as_json=as_json)


def _release(session: Session, steps: Steps, events: Mapping[str, Mapping[str, Event]]) -> Release:
    from fleet.release.deploy import Release
    from fleet.release.infrastructure import Terraform

    return Release(
        environment=session.environment.name,
        cloud=session.cloud,
        infrastructure=Terraform(session.environment, session.state_bucket),
        records=session.records(),
        clock=session.clock,
        steps=steps,
        smoke_events=events,
        owner_of=session.catalogue.owner_of,
        keep=session.keep,
        report=_report,
        confirm=_confirm,
    )


def _prepare(catalogue: Catalogue, missing: list[Image]) -> None:
    """Build, verify and smoke-test the images to push."""
    from fleet.images import build, engine, suite
    from fleet.images.verify import verify

    foreign = [image for image in missing if not engine.runs(image.architecture)]
    if foreign:
        names = ", ".join(f"{image.name} ({image.architecture})" for image in foreign)
        raise FleetError(
            f"the registry lacks {names}, which cannot be smoke-tested on this machine: "
            "run `make push` on one of that architecture first"
        )
    build.build(missing, ROOT)
    problems = []
    for image in missing:
        with console.working(f"Verifying {image.reference} ..."):
            found = verify(catalogue, image)
        problems += [f"{image.name}: {f.check}: {f.message}; remedy: {f.remedy}" for f in found]
    if problems:
        raise FleetError("\n".join(["nothing was pushed:", *problems]))
    for outcome in suite.run(catalogue, missing):
        console.err.print(f"{outcome.function}  {outcome.event}")
        problems += [f"{outcome.function}, {outcome.event}: {f}" for f in outcome.failures]
    if problems:
        raise FleetError("\n".join(["nothing was pushed; smoke failed:", *problems]))


def _wanted(session: Session) -> list[tuple[Store, Image]]:
    """What the environment's functions are made of, each with where it is kept."""
    # Zips first: one that is too large is refused before an image is pushed.
    types: tuple[PackageType, ...] = ("zip", "image")
    result: list[tuple[Store, Image]] = []
    for package_type in types:
        owners = session.environment.packaged(session.catalogue, package_type)
        if owners:
            store = session.store(package_type)
            result += [(store, image) for image in _plan_images(session.catalogue, owners)]
    return result


def _plan_images(catalogue: Catalogue, owners: list[str]) -> list[Image]:
    from fleet.images import build

    return build.images_of(catalogue, owners, ROOT)


def _session(catalogue: Catalogue, env: str) -> Session:
    from fleet.release import environments
    from fleet.release.session import Session

    return Session(catalogue, environments.load(env))


def _report(line: str) -> None:
    console.err.print(line, markup=False)


def _confirm(question: str) -> bool:
    if os.environ.get(YES_VARIABLE) == "1":
        return True
    if not sys.stdin.isatty():
        raise FleetError(f"{question} Nobody can answer here: set {YES_VARIABLE}=1 to say yes")
    return typer.confirm(question)


def _load() -> Catalogue:
    return catalogue_package.load(CATALOGUE)
