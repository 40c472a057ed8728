"""`make bench BENCH=naive-image ARGS=function`: its image against one as guides show it.

Both hold the same base, locked requirements and sources. Both answer every sample event of the
image's functions, under Lambda's limits, in turn; init is the median.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from fleet import command, console
from fleet.catalogue import load
from fleet.errors import FleetError
from fleet.images import build, engine, suite
from fleet.images.build import Image
from fleet.paths import CATALOGUE, ROOT

ROUNDS = 3


def main(arguments: list[str] | None = None) -> None:
    """Build both, measure, print a table. Raises FleetError if one does not build or answer."""
    parser = argparse.ArgumentParser(prog="make bench BENCH=naive-image", description=__doc__)
    parser.add_argument("function", help="a function that owns an image")
    name = parser.parse_args(arguments).function
    fleet = load(CATALOGUE)
    if name not in fleet.images:
        raise FleetError(f"{name} owns no image; these do: {', '.join(fleet.images)}")
    [ours] = build.images_of(fleet, [name], ROOT)
    build.build([ours], ROOT)
    naive = _naive(ours, fleet.folder_of(name))
    inits: dict[tuple[str, str], list[float]] = defaultdict(list)
    with console.progress() as bars:
        task = bars.add_task("Events", total=None)
        for image in (ours, naive) * ROUNDS:
            for outcome in suite.run(fleet, [image]):
                if not outcome.init_ms:
                    raise FleetError(f"{image.reference} did not start: {outcome.failures}")
                inits[outcome.function, image.reference].append(outcome.init_ms)
                bars.advance(task)
    sizes = [_megabytes(image) for image in (ours, naive)]
    console.out.print(f"{'':32} {'this':>8} {'naive':>8} {'ratio':>6}")
    _row("size, MB", *sizes)
    for function in fleet.functions_of(name):
        medians = (statistics.median(inits[function, i.reference]) for i in (ours, naive))
        _row(f"init of {function}, ms", *medians)


def _naive(ours: Image, folder: str) -> Image:
    dockerfile = Path(__file__).with_name("Dockerfile")
    naive = replace(ours, reference=f"{ours.reference.partition(':')[0]}:naive")
    bundle = build.ca_bundle()
    base = ours.arguments.get("PYTHON_IMAGE") or _base(ROOT / ours.dockerfile)
    failed = engine.stream(
        "buildx", "build", "--quiet", "--load", "--provenance=false", "--file", str(dockerfile),
        "--platform", engine.PLATFORMS[ours.architecture], "--tag", naive.reference,
        *(f"--build-arg={key}={value}" for key, value in {
            "PYTHON_IMAGE": base, "IMAGE": ours.reference, "FOLDER": folder,
        }.items()),
        *([f"--secret=id=ca,src={bundle}"] if bundle else []),
        ".", cwd=ROOT,
    )  # fmt: skip
    if failed:
        raise FleetError("The naive image was not built; the step that failed is shown above.")
    return naive


def _base(dockerfile: Path) -> str:
    first = next(line for line in dockerfile.read_text().splitlines() if "PYTHON_IMAGE=" in line)
    return first.partition("=")[2]


def _megabytes(image: Image) -> float:
    size = engine.docker("image", "inspect", "--format", "{{.Size}}", image.reference)
    return int(size) / 1e6


def _row(what: str, this: float, naive: float) -> None:
    console.out.print(f"{what:32} {this:8.0f} {naive:8.0f} {naive / this:6.2f}")


if __name__ == "__main__":
    command.run(main)
