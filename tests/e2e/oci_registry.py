"""A real OCI registry on a free port: Debian's docker-registry."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleet.cloud.ports import HOST, free
from fleet.images import engine

PROGRAM = "docker-registry"
DEADLINE_S = 400.0


@dataclass(frozen=True)
class OciRegistry:
    """A running registry; `prefix` comes before an image's name."""

    prefix: str
    log: Path

    def writes(self) -> int:
        """How many requests so far would have changed something."""
        return sum(
            f'"{method} /v2/' in line
            for line in self.log.read_text().splitlines()
            for method in ("POST", "PUT", "PATCH", "DELETE")
        )

    def put_index(self, repository: str, tag: str, digest: str) -> None:
        """Tag an index (manifest list) of one image, as attestations make it."""
        manifest = "application/vnd.docker.distribution.manifest.v2+json"
        read = urllib.request.Request(
            f"http://{self.prefix}/v2/{repository}/manifests/{digest}",
            headers={"Accept": manifest},
        )
        with urllib.request.urlopen(read) as answer:
            size = len(answer.read())
        media_type = "application/vnd.oci.image.index.v1+json"
        index = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "manifests": [
                {
                    "mediaType": manifest,
                    "digest": digest,
                    "size": size,
                    "platform": {"os": "linux", "architecture": "amd64"},
                }
            ],
        }
        request = urllib.request.Request(
            f"http://{self.prefix}/v2/{repository}/manifests/{tag}",
            json.dumps(index).encode(),
            {"Content-Type": media_type},
            method="PUT",
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 201

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository."""
        try:
            url = f"http://{self.prefix}/v2/{repository}/tags/list"
            with urllib.request.urlopen(url) as answer:
                return sorted(json.load(answer)["tags"] or [])
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return []


@contextmanager
def serve(folder: Path) -> Iterator[OciRegistry]:
    """Run a registry that keeps everything under `folder`; skips where there is none."""
    program = shutil.which(PROGRAM)
    if program is None:
        pytest.skip(f"{PROGRAM} is not installed (Debian package {PROGRAM})")
    [port] = free()
    configuration = folder / "config.yml"
    configuration.write_text(
        json.dumps(
            {
                "version": "0.1",
                "log": {"accesslog": {"disabled": False}},
                "storage": {
                    "filesystem": {"rootdirectory": str(folder / "data")},
                    "delete": {"enabled": True},
                },
                "http": {"addr": f"{HOST}:{port}"},
            }
        )
    )
    log = folder / "registry.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "serve", str(configuration)], stdout=output, stderr=output
        )
    try:
        registry = OciRegistry(f"{HOST}:{port}", log)
        deadline = time.monotonic() + DEADLINE_S
        while not _answers(registry.prefix):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield registry
    finally:
        process.terminate()
        process.wait()
        _forget(f"{HOST}:{port}/")


def _forget(prefix: str) -> None:
    """Remove what the engine pulled by digest from a registry that is gone."""
    listed = ("image", "ls", "--digests", "--format", "{{.Repository}}@{{.Digest}}")
    pulled = [line for line in engine.docker(*listed).split() if line.startswith(prefix)]
    if pulled:
        engine.docker("rmi", "--force", "--no-prune", *pulled)


def _answers(prefix: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{prefix}/v2/", timeout=2):
            return True
    except OSError:
        return False
