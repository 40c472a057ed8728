"""The commands of a release; each is thin, and says first what it will change."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from fleet import catalogue as catalogue_package
from fleet import console
from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.paths import CATALOGUE, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fleet.images.build import Image
    from fleet.images.events import Event
    from fleet.release.deploy import Release
    from fleet.release.session import Session
    from fleet.release.shift import Steps

EnvOption = Annotated[str, typer.Option("--env", envvar="ENV", help="dev, prod, ...")]
FunctionOption = Annotated[str, typer.Option("--function", envvar="FUNCTION")]
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


def push(env: EnvOption = "dev", function: FunctionOption = "") -> None:
    """Push the images that the registry lacks, built, verified and smoke-tested."""
    from fleet.images import engine
    from fleet.release.push import Registry, publish
    from fleet.release.session import REGISTRY_VARIABLE, image_functions

    catalogue = _load()
    engine.require()
    prefix = os.environ.get(REGISTRY_VARIABLE)
    registry = Registry(prefix) if prefix else _session(catalogue, env).registry()
    images = _plan_images(catalogue, image_functions(catalogue, _chosen(catalogue, function)))
    here = [image for image in images if engine.runs(image.architecture)]
    for image in images:
        if image not in here:
            console.err.print(
                f"{image.name} is left out: it is for {image.architecture}, which does not run "
                "here; push it from a machine where it does"
            )
    for pushed in publish(registry, here, lambda missing: _prepare(catalogue, missing)):
        state = "pushed" if pushed.new else "there already"
        console.out.print(f"{registry.reference(pushed.image)}@{pushed.digest}  {state}")


def plan(env: EnvOption = "") -> None:
    """Show what a deployment would change, with the images that the registry has."""
    from fleet.release.infrastructure import Terraform
    from fleet.release.session import image_functions

    catalogue = _load()
    session = _session(catalogue, env)
    registry = session.registry()
    images = {}
    for image in _plan_images(catalogue, image_functions(catalogue, catalogue.functions)):
        if found := registry.find(image):
            images[image.name] = f"{image.reference.rpartition(':')[2]}@{found.digest}"
        elif newest := session.images.newest(image.reference.rpartition(":")[0]):
            images[image.name] = newest
            console.err.print(f"{image.name} will get a new image, which is not pushed yet")
    Terraform(session.environment, session.state_bucket).plan(images, only_look=True)


def deploy(
    env: EnvOption = "", canary: CanaryOption = CANARY, seconds: SecondsOption = CANARY_SECONDS
) -> None:
    """Build, check, push and release every function to an environment of AWS."""
    from fleet.release import preflight, registry_root
    from fleet.release.aws import Bucket
    from fleet.release.push import publish
    from fleet.release.session import events_of, image_functions
    from fleet.release.shift import parse_steps

    catalogue = _load()
    session = _session(catalogue, env)
    steps = parse_steps(canary, seconds)
    source = preflight.source()
    events = events_of(catalogue)
    preflight.check(catalogue, session.environment, session.cloud, source, events, builds=True)

    state = Bucket(session.state_bucket, session.environment.region)
    functions = image_functions(catalogue, catalogue.functions)
    exists = state.exists()
    needed = [f"{catalogue.project}/{name}" for name in functions]
    lacking = [name for name in needed if not (exists and session.images.has(name))]
    if lacking:
        console.err.print(f"The registry root comes first; it makes {', '.join(lacking)}")
        registry_root.apply(session.state_bucket, bucket_exists=exists, confirm=_confirm)

    pushed = publish(
        session.registry(),
        _plan_images(catalogue, functions),
        lambda missing: _prepare(catalogue, missing),
    )
    for image in pushed:
        console.err.print(f"{image.image.name}  {image.tag_and_digest}")
    release = _release(session, steps, events)
    record = release.run({i.image.name: i.tag_and_digest for i in pushed}, source)
    console.out.print(f"release {record.number} is live in {env}")


def promote(
    env: EnvOption = "prod",
    source_env: Annotated[str, typer.Option("--from", envvar="FROM")] = "dev",
    canary: CanaryOption = CANARY,
    seconds: SecondsOption = CANARY_SECONDS,
) -> None:
    """Release the digests that are live in one environment to another, without a build."""
    from fleet.release import preflight, promotion
    from fleet.release.session import events_of
    from fleet.release.shift import parse_steps

    catalogue = _load()
    session = _session(catalogue, env)
    steps = parse_steps(canary, seconds)
    source = preflight.source()
    events = events_of(catalogue)
    preflight.check(catalogue, session.environment, session.cloud, source, events, builds=False)
    origin = promotion.origin(session.records(source_env).newest(), source_env, source)
    release = _release(session, steps, events)
    record = release.run(
        promotion.images(origin), source, "promote", f"{source_env} {origin.number}"
    )
    console.out.print(f"release {record.number} is live in {env}")


def rollback(
    env: EnvOption = "",
    to: Annotated[int, typer.Option(envvar="TO", help="Number of a release.")] = 0,
    function: FunctionOption = "",
) -> None:
    """Move users back to the release before, or to TO; nothing is built."""
    from fleet.release import preflight
    from fleet.release.rollback import rollback as roll_back

    session = _session(_load(), env)
    record = roll_back(
        session.cloud,
        session.records(),
        preflight.source().commit,
        _report,
        to=to or None,
        function=function or None,
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
    from fleet.release import environments, prune

    catalogue = _load()
    session = _session(catalogue, env)
    used = session.images.used(f"{catalogue.project}-")
    recorded = {
        released.artifact: f"release {stored.record.number} of {name}"
        for name in environments.names()
        for stored in session.records(name).newest()
        for released in stored.record.functions.values()
    }
    freed = 0
    for name in catalogue.functions:
        repository = f"{catalogue.project}/{name}"
        if not session.images.has(repository):
            continue
        judged = prune.judge(
            repository, session.images.stored(repository), used, recorded, datetime.now(UTC)
        )
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
    """Delete an environment of AWS: names what, and asks first."""
    from fleet.release.infrastructure import Terraform, removed
    from fleet.release.session import image_functions

    catalogue = _load()
    session = _session(catalogue, env)
    if session.environment.is_production and word != env:
        raise FleetError(
            f"{env} is production: `make destroy ENV={env} CONFIRM={env}` destroys it all the same"
        )
    terraform = Terraform(session.environment, session.state_bucket)
    # Terraform asks for images even where it deletes; any that exists will do.
    images = {
        name: image
        for name in image_functions(catalogue, catalogue.functions)
        if (image := session.images.newest(f"{catalogue.project}/{name}"))
    }
    terraform.plan(images, destroy=True)
    addresses = removed(terraform.planned())
    if not addresses:
        console.err.print(f"{env} holds nothing")
        return
    for address in addresses:
        console.out.print(address)
    if not _confirm(f"Delete these {len(addresses)} resources of {env} for ever?"):
        raise FleetError("not confirmed; nothing was deleted")
    terraform.apply_plan()
    console.err.print(f"{env} is deleted; images, state and release records are kept")


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
        keep=session.keep,
        report=_report,
        confirm=_confirm,
    )


def _prepare(catalogue: Catalogue, missing: list[Image]) -> None:
    """Build, verify and smoke-test what is to be pushed."""
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


def _plan_images(catalogue: Catalogue, functions: list[str]) -> list[Image]:
    from fleet.images import build

    return build.plan(catalogue, functions, ROOT)


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


def _chosen(catalogue: Catalogue, function: str) -> list[str]:
    if function and function not in catalogue.functions:
        known = ", ".join(catalogue.functions)
        raise FleetError(f"functions.yaml has no function {function!r}; it has: {known}")
    return [function] if function else list(catalogue.functions)
