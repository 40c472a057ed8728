"""`make run`: one function in its image in the foreground, to be tried with curl."""

from __future__ import annotations

import os
import subprocess

from fleet import console
from fleet.catalogue import Catalogue
from fleet.images import engine, events, sandbox
from fleet.images.build import Image
from fleet.paths import STATE

PATH = "/2015-03-31/functions/function/invocations"


def run(catalogue: Catalogue, image: Image, name: str, port: int) -> None:
    """Run a function with Lambda's limits until it stops or is interrupted; 0 picks a free port."""
    function = catalogue.functions[name]
    # Its network leads out, so that without an endpoint the SDK would ask the real AWS.
    environment = sandbox.environment(catalogue, name, "local", sandbox.NOWHERE)
    options = sandbox.options(function, "bridge", environment, engine.cpus())
    container = engine.docker(
        "run", "--detach", "--publish", f"127.0.0.1:{port or ''}:8080", *options, image.reference,
        *sandbox.command(catalogue, name),
    ).strip()  # fmt: skip
    try:
        address = engine.docker("port", container, "8080").split()[0]
        sample = events.write_sample(catalogue, name, environment, STATE / "events")
        console.out.print(
            f"{name} in {image.reference} answers on {address}; Ctrl-C stops it. Try:\n\n"
            f"  curl http://{address}{PATH} -d @{os.path.relpath(sample)}\n"
        )
        subprocess.run(["docker", "logs", "--follow", container], check=False)
    finally:
        engine.succeeds("rm", "--force", "--volumes", container)
