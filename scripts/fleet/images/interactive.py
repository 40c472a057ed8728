"""`make run`: one function's image in the foreground, to be tried with curl."""

from __future__ import annotations

import os
import subprocess

from fleet import console
from fleet.catalogue import Catalogue
from fleet.images import engine, events, sandbox
from fleet.images.build import Image
from fleet.paths import ROOT, STATE

PATH = "/2015-03-31/functions/function/invocations"


def run(catalogue: Catalogue, image: Image, port: int) -> None:
    """Run the image with Lambda's limits until it stops or is interrupted; 0 picks a free port."""
    function = catalogue.functions[image.name]
    # Its network leads out, so that without an endpoint the SDK would ask the real AWS.
    environment = sandbox.environment(catalogue, image.name, "local", sandbox.NOWHERE)
    options = sandbox.options(function, "bridge", environment, engine.cpus())
    container = engine.docker(
        "run", "--detach", "--publish", f"127.0.0.1:{port or ''}:8080", *options, image.reference
    ).strip()
    try:
        address = engine.docker("port", container, "8080").split()[0]
        sample = events.write_sample(
            ROOT / catalogue.folder_of(image.name), environment, STATE / "events"
        )
        console.out.print(
            f"{image.reference} answers on {address}; Ctrl-C stops it. Try:\n\n"
            f"  curl http://{address}{PATH} -d @{os.path.relpath(sample)}\n"
        )
        subprocess.run(["docker", "logs", "--follow", container], check=False)
    finally:
        engine.succeeds("rm", "--force", "--volumes", container)
