"""`make prune-images` as a whole command, on the ECR, Lambda and S3 of the local cloud."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from e2e.local_aws import Done, LocalAws, serve
from fleet.emulation import ACCOUNT, REGION
from fleet.release import aws
from fleet.release.records import Records, Released

pytestmark = pytest.mark.docker

MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/lambda"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
RAW, GONE, OTHER = "fleet/raw-to-curated", "fleet/left-the-catalogue", "other/thing"


@dataclass
class World:
    """The local cloud with images, by a name that tells what they are for."""

    local: LocalAws
    digests: dict[str, str] = field(default_factory=dict)

    def push(self, repository: str, what: str, *tags: str) -> None:
        manifest = json.dumps({"mediaType": MEDIA_TYPE, "schemaVersion": 2, "what": what})
        for tag in tags or (None,):
            self.local.client("ecr").put_image(
                repositoryName=repository,
                imageManifest=manifest,
                imageManifestMediaType=MEDIA_TYPE,
                **({"imageTag": tag} if tag else {}),
            )
        self.digests[what] = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"

    def run(self, function: str, repository: str, *images: str, publish: bool = True) -> None:
        """Let versions of a function run images, one after the other."""
        lambda_ = self.local.client("lambda")
        for what in images:
            uri = f"{REGISTRY}/{repository}@{self.digests[what]}"
            try:
                lambda_.create_function(
                    FunctionName=function, PackageType="Image", Role=ROLE, Code={"ImageUri": uri}
                )
            except ClientError:
                lambda_.update_function_code(FunctionName=function, ImageUri=uri)
            lambda_.get_waiter("function_updated_v2").wait(
                FunctionName=function, WaiterConfig={"Delay": 1}
            )
            if publish:
                lambda_.publish_version(FunctionName=function)

    def records(self, environment: str) -> Records:
        bucket = aws.Bucket(f"fleet-releases-{ACCOUNT}", REGION)
        return Records(bucket, environment, aws.SystemClock())

    def release(self, environment: str, what: str) -> None:
        """Put a release on record whose function and versions are gone."""
        records = self.records(environment)
        opened = records.open(records.newest(), "deploy", "arn:ada", "c1")
        released = Released(function="f", version="1", artifact=self.digests[what])
        records.update(opened, status="live", functions={"raw-to-curated": released})

    def left(self) -> set[str]:
        """What of the images is still there."""
        names = {digest: what for what, digest in self.digests.items()}
        images = aws.Images(REGION)
        return {
            names[image["imageDigest"]]
            for repository in (RAW, GONE, OTHER)
            for image in images.stored(repository)
        }

    def prune(self, **options: bool | str) -> Done:
        return self.local.fleet("prune-images", ENV="dev", **options)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with serve(tmp_path) as local:
        for name, value in local.environment.items():
            monkeypatch.setenv(name, value)
        for repository in (RAW, GONE, OTHER):
            local.client("ecr").create_repository(repositoryName=repository)
        yield World(local)


def test_what_nothing_uses_goes_and_nothing_else(world: World) -> None:
    world.push(RAW, "live", "0" * 16 + "-x86_64", "release-" + "0" * 16 + "-x86_64")
    world.push(RAW, "an older version")
    world.push(RAW, "not published yet", "1" * 16 + "-x86_64")
    world.push(RAW, "in another environment")
    world.push(RAW, "of somebody's own function")
    world.push(RAW, "on record", "release-" + "2" * 16 + "-x86_64")
    world.push(RAW, "on record elsewhere")
    world.push(RAW, "unused", "3" * 16 + "-x86_64")
    world.push(RAW, "released once", "4" * 16 + "-x86_64", "release-" + "4" * 16 + "-x86_64")
    world.push(RAW, "unused without a tag")
    world.push(GONE, "still running")
    world.push(GONE, "left behind", "5" * 16 + "-arm64")
    world.push(OTHER, "not the project's")
    world.run("fleet-dev-raw-to-curated", RAW, "an older version", "live")
    world.run("fleet-dev-raw-to-curated", RAW, "not published yet", publish=False)
    world.run("fleet-prod-raw-to-curated", RAW, "in another environment")
    world.run("trial", RAW, "of somebody's own function", publish=False)
    world.run("fleet-dev-left-the-catalogue", GONE, "still running")
    world.release("dev", "on record")
    # Nobody's checkout needs to know the environment.
    world.release("elsewhere", "on record elsewhere")
    everything = set(world.digests)
    unused = {"unused", "released once", "unused without a tag", "left behind"}

    # What was pushed just now may belong to a deployment that goes on elsewhere.
    today = world.prune(APPLY="1")
    assert (today.code, world.left()) == (0, everything), today.err
    assert today.out.count("stays: pushed less than a day ago") == len(unused)

    # Later it is named, and deleted only when asked to.
    named = world.prune(later=True)
    assert (named.code, world.left()) == (0, everything), named.err
    assert "APPLY=1 deletes them" in named.err
    verdicts = {
        what: line.partition(")  ")[2]
        for line in named.out.splitlines()
        for what, digest in world.digests.items()
        if digest in line
    }
    assert verdicts == {
        "live": "stays: runs as fleet-dev-raw-to-curated:2",
        "an older version": "stays: runs as fleet-dev-raw-to-curated:1",
        "not published yet": "stays: runs as fleet-dev-raw-to-curated:$LATEST",
        "in another environment": "stays: runs as fleet-prod-raw-to-curated:$LATEST",
        "of somebody's own function": "stays: runs as trial:$LATEST",
        "still running": "stays: runs as fleet-dev-left-the-catalogue:$LATEST",
        "on record": "stays: in release 1 of dev",
        "on record elsewhere": "stays: in release 1 of elsewhere",
        **dict.fromkeys(unused, "unused"),
    }

    # While a release goes on, what it will publish is on no record yet.
    opened = world.records("dev").open(world.records("dev").newest(), "deploy", "arn:bob", "c2")
    refused = world.prune(later=True, APPLY="1")
    assert (refused.code, world.left()) == (1, everything)
    assert "release 2 (deploy by arn:bob" in refused.err
    world.records("dev").update(opened, status="failed")

    done = world.prune(later=True, APPLY="1")
    assert (done.code, world.left()) == (0, everything - unused), done.err

    again = world.prune(later=True, APPLY="1")
    assert (again.code, world.left()) == (0, everything - unused)
    assert "unused" not in again.out
