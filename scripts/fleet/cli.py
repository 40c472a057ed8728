"""The command line; `make` calls it. Each command is thin: load the catalogue, call, print."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from fleet import catalogue as catalogue_package
from fleet import command, console, locks, selection
from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images import engine
from fleet.paths import CATALOGUE, CATALOGUE_SCHEMA, ROOT
from fleet.release import commands as release_commands

if TYPE_CHECKING:
    from fleet.images.build import Image

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=__doc__,
)

FunctionOption = Annotated[
    str, typer.Option("--function", envvar="FUNCTION", help="Only the image of this function.")
]
GroupOption = Annotated[
    str,
    typer.Option("--group", envvar="GROUP", help="Only functions in this folder, as ai-systems."),
]
ArchOption = Annotated[
    str, typer.Option("--arch", envvar="ARCH", help="x86_64 or arm64 instead of the catalogue's.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
DataOption = Annotated[str, typer.Option(envvar="DATA", help="Other data of the same form.")]


def main() -> None:
    """Run a command."""
    command.run(app)


@app.command("list")
def list_functions(
    function: FunctionOption = "", group: GroupOption = "", as_json: JsonOption = False
) -> None:
    """List the functions of the catalogue; as JSON, all of the catalogue."""
    catalogue = _load()
    chosen = selection.functions(catalogue, function, group)
    if as_json:
        console.print_json(catalogue.model_dump(mode="json"))
        return
    table = console.table(["function", "folder", "architecture"], ["memory MB", "timeout s"])
    table.add_column("triggers")
    for name in chosen:
        entry = catalogue.functions[name]
        table.add_row(
            name,
            catalogue.folder_of(name),
            catalogue.architecture_of(name),
            str(entry.memory_mb),
            str(entry.timeout_s),
            "\n".join(map(_trigger, entry.triggers)) or "-",
        )
    console.out.print(table)


@app.command()
def lock(
    upgrade: Annotated[bool, typer.Option(help="Take newer versions.")] = False,
    check: Annotated[bool, typer.Option(help="Only list missing and outdated locks.")] = False,
) -> None:
    """Lock every requirements.in with hashes, under one constraints file."""
    catalogue = _load()
    if check:
        problems = [p for one in locks.all_locks(catalogue) for p in locks.problems(one)]
        if problems:
            raise FleetError("\n".join([*problems, "Run `make lock` and commit the result."]))
        return
    with console.working("Locking ..."):
        changed = locks.compile_all(catalogue, upgrade=upgrade)
    for path in changed:
        console.out.print(str(path.relative_to(ROOT)))
    console.err.print(f"{len(changed)} of {len(locks.all_locks(catalogue)) + 1} files changed")


@app.command()
def typecheck() -> None:
    """Check the types of every function's sources."""
    from fleet.typecheck import typecheck as check_types

    check_types(_load())


@app.command()
def build(
    function: FunctionOption = "",
    group: GroupOption = "",
    arch: ArchOption = "",
    as_json: JsonOption = False,
) -> None:
    """Build the images that are not built from these sources yet."""
    from fleet.images import build as builder

    catalogue = _load()
    images = _images(catalogue, function, group, arch)
    built = builder.build(images, ROOT)
    if as_json:
        console.print_json(
            [{"function": i.name, "image": i.reference, "built": i in built} for i in images]
        )
        return
    for image in images:
        console.out.print(f"{image.reference}  {'built' if image in built else 'unchanged'}")
    if not built:
        console.err.print(f"Nothing to build: {_count(images, 'image')} unchanged")


@app.command()
def verify(
    function: FunctionOption = "",
    group: GroupOption = "",
    arch: ArchOption = "",
    as_json: JsonOption = False,
) -> None:
    """Check the built images, before any push."""
    from fleet.images import verify as verifier

    catalogue = _load()
    images = _images(catalogue, function, group, arch)
    findings: dict[str, list[dict[str, str]]] = {}
    for image in images:
        with console.working(f"Verifying {image.reference} ..."):
            found = verifier.verify(catalogue, image)
        findings[image.name] = [vars(finding) for finding in found]
        if as_json:
            continue
        note = "" if verifier.imported_here(image) else "; handler not imported: cannot run here"
        if not found:
            console.out.print(f"{image.name}  [green]verified[/]{note}")
        for finding in found:
            console.out.print(
                f"{image.name}  [red]{finding.check}[/]: {console.escape(finding.message)}\n"
                f"    remedy: {console.escape(finding.remedy)}"
            )
    if as_json:
        console.print_json(findings)
    if any(findings.values()):
        raise typer.Exit(1)


@app.command()
def smoke(
    function: FunctionOption = "",
    group: GroupOption = "",
    arch: ArchOption = "",
    as_json: JsonOption = False,
) -> None:
    """Invoke the built images with their sample events, limited as Lambda would limit them."""
    from fleet.images import suite

    catalogue = _load()
    images = _images(catalogue, function, group, arch)
    outcomes = []
    for outcome in suite.run(catalogue, images):
        outcomes.append(outcome)
        if not as_json:
            _print_outcome(outcome)
    if as_json:
        console.print_json([vars(outcome) for outcome in outcomes])
    failed = sum(bool(outcome.failures) for outcome in outcomes)
    console.err.print(f"{len(outcomes) - failed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


@app.command()
def run(
    function: FunctionOption = "", port: Annotated[int, typer.Option(envvar="PORT")] = 0
) -> None:
    """Run a function in its image and print the curl line; Ctrl-C stops it."""
    from fleet.images import build as builder
    from fleet.images import interactive

    catalogue = _load()
    [image] = _images(catalogue, function or _required("FUNCTION"))
    builder.build([image], ROOT)
    interactive.run(catalogue, image, function, port)


@app.command()
def up(
    mode: Annotated[str, typer.Option(envvar="MODE", help="auto, docker or process.")] = "auto",
) -> None:
    """Start the local cloud, or bring the running one up to date with the catalogue."""
    from fleet import cloud
    from fleet.cloud.docker_mode import engine_answers

    catalogue = _load()
    if mode not in ("", "auto", "docker", "process"):
        raise FleetError(f"MODE={mode} is unknown; allowed: auto, docker, process")
    if mode in ("", "auto"):
        mode = "docker" if engine_answers() else "process"
    image_for = _build_for_cloud(catalogue) if mode == "docker" else None
    running = cloud.start(
        catalogue, cast(cloud.Mode, mode), image_for=image_for, progress=console.err.print
    )
    console.out.print(f"AWS endpoint  {running.endpoint}  (functions run in mode {running.mode})")
    console.out.print(f"HTTP API      {running.api_url}")


@app.command()
def down(purge: Annotated[bool, typer.Option(help="Delete its data too.")] = False) -> None:
    """Stop the local cloud and everything it started."""
    from fleet import cloud

    cloud.stop(purge=purge)


@app.command()
def logs(
    function: FunctionOption = "",
    follow: Annotated[bool, typer.Option(help="Wait for more.")] = False,
) -> None:
    """Show the log of a function, or of the AWS endpoint."""
    from fleet import cloud

    if function:
        selection.functions(_load(), function)
    for line in cloud.logs(function or None, follow=follow):
        sys.stdout.write(f"{line}\n")


@app.command()
def schema() -> None:
    """Write the catalogue's JSON Schema from its model."""
    CATALOGUE_SCHEMA.write_text(catalogue_package.json_schema())


@app.command()
def docs() -> None:
    """Write the README's list of functions."""
    from fleet import readme

    readme.write(_load())


@app.command()
def openapi(function: FunctionOption = "", group: GroupOption = "") -> None:
    """Write the openapi.json of the functions with HTTP routes."""
    from fleet import openapi as documents

    catalogue = _load()
    chosen = selection.functions(catalogue, function, group)
    names = [name for name in documents.with_routes(catalogue) if name in chosen]
    for path in documents.write(catalogue, names):
        console.out.print(str(path.relative_to(ROOT)))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the function, as in order-totals.")],
    kind: Annotated[str, typer.Option(help="pipeline, api or ai.")] = "api",
    folder: Annotated[str, typer.Option(help="Its folder, one level deep or two.")] = "",
) -> None:
    """Add a function: its folder with locks, its catalogue entries and its tests."""
    from fleet.new import create

    catalogue = _load()
    if not name:
        _required("NAME")
    with console.working(f"Writing and locking {name} ..."):
        written = create(catalogue, name, kind, folder)
    for path in written:
        console.out.print(str(path.relative_to(ROOT)))
    for function, route in _open_routes(_load(), name):
        console.err.print(
            f"Anyone may call {route} of {function}: functions.yaml declares no authorizer"
        )
    console.err.print(f"Next: make check test build verify smoke FUNCTION={name}; then make up")


@app.command()
def train(function: FunctionOption = "", data: DataOption = "") -> None:
    """Train a function's model: write its artefact and its card."""
    raise typer.Exit(_run_training(function, "train.py", _data_argument(data)))


@app.command()
def evaluate(
    function: FunctionOption = "",
    data: DataOption = "",
    split: Annotated[
        str, typer.Option(envvar="SPLIT", help="Dates by which the data are split.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Print the metrics of a function's model against its baselines."""
    arguments = _data_argument(data)
    arguments += ["--split", split] if split else []
    arguments += ["--json"] if as_json else []
    raise typer.Exit(_run_training(function, "evaluate.py", arguments))


release_commands.add_to(app)


def _build_for_cloud(catalogue: Catalogue) -> Callable[[str], str]:
    """Build what the local cloud runs with Docker; return each function's image."""
    from fleet.images import build as builder

    images = builder.images_of(catalogue, catalogue.images, ROOT, engine.machine())
    builder.build(images, ROOT)
    references = {image.name: image.reference for image in images}
    return references.__getitem__


def _load() -> Catalogue:
    return catalogue_package.load(CATALOGUE)


def _images(
    catalogue: Catalogue, function: str = "", group: str = "", arch: str = ""
) -> list[Image]:
    from fleet.images import build as builder

    names = selection.images(catalogue, function, group)
    return builder.images_of(catalogue, names, ROOT, arch or None)


def _data_argument(data: str) -> list[str]:
    return ["--data", str(Path(data).resolve())] if data else []


def _run_training(function: str, script: str, arguments: list[str]) -> int:
    from fleet import training

    catalogue = _load()
    [image] = selection.images(catalogue, function or _required("FUNCTION"), "")
    return training.run(catalogue, image, script, arguments, console.err.print)


def _open_routes(catalogue: Catalogue, image: str) -> list[tuple[str, str]]:
    return [
        (name, trigger.route)
        for name in catalogue.functions_of(image)
        for trigger in catalogue.functions[name].triggers
        if trigger.type == "http" and trigger.is_open
    ]


def _required(variable: str) -> str:
    raise FleetError(f"{variable}=... is missing; `make list` names the functions")


def _trigger(trigger: Any) -> str:
    match trigger.type:
        case "s3":
            return f"s3 {trigger.bucket}/{trigger.prefix}*{trigger.suffix}"
        case "queue":
            return f"queue {trigger.queue}"
        case "schedule":
            return f"schedule {trigger.expression}"
        case _:
            return f"http {trigger.route}{' (open)' if trigger.is_open else ''}"


def _print_outcome(outcome: Any) -> None:
    where = f"{outcome.function}  {outcome.event}"
    if outcome.failures:
        console.out.print(f"{where}  [red]failed[/]")
        for failure in outcome.failures:
            console.out.print(f"    {console.escape(failure)}")
        for line in outcome.log.splitlines()[-15:]:
            console.out.print(f"    | {console.escape(line)}")
    else:
        console.out.print(
            f"{where}  [green]passed[/]  init {outcome.init_ms:.0f} ms, "
            f"in all {outcome.duration_ms:.0f} ms, peak {outcome.peak_mb:.0f} MB"
        )


def _count(items: list[Any], noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
