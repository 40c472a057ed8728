"""`make plan`, `make destroy`, the registry root: with the real Terraform and its S3 backend.

Real: the command line in a process of its own, Terraform, its states and locks in S3, a registry,
ECR, release records. Stood in for: what Terraform's provider does (it makes nothing).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e import local_aws, oci_registry
from e2e.local_aws import Checkout, Done, LocalAws
from e2e.oci_registry import OciRegistry
from fleet.catalogue import load
from fleet.emulation import ACCOUNT
from fleet.images import build, engine
from fleet.release import registry_root
from fleet.release.packages import Package

pytestmark = pytest.mark.docker

MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
STATES = f"fleet-terraform-state-{ACCOUNT}"
RELEASES = f"fleet-releases-{ACCOUNT}"
BUILT, PUSHED_BEFORE = "raw-to-curated", "curated-to-prod"
BUILD = "0123456789abcdef"
TAG = f"{BUILD}-x86_64"
DIGEST = "sha256:" + "1" * 64


@dataclass
class World:
    """The local cloud, a registry, and a checkout whose commands run against both."""

    local: LocalAws
    oci: OciRegistry
    checkout: Checkout

    def fleet(self, command: str, *, answer: str | None = None, **variables: str) -> Done:
        variables.setdefault("REGISTRY", self.oci.prefix)
        return self.checkout.fleet(command, answer=answer, **variables)

    def push(self, scratch: Path) -> str:
        """Push one function's image under the tag of these sources; return its digest."""
        root = self.checkout.root
        [image] = build.images_of(load(root / "functions.yaml"), [BUILT], root)
        reference = f"{self.oci.prefix}/{image.reference}"
        (scratch / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
        engine.docker(
            "buildx", "build", "--quiet", "--load", "--provenance=false", "--tag", reference,
            "--platform", engine.PLATFORMS[image.architecture], str(scratch),
        )  # fmt: skip
        engine.docker("push", "--quiet", reference)
        inspect = ("buildx", "imagetools", "inspect", "--format", "{{json .Manifest}}")
        digest: str = json.loads(engine.docker(*inspect, reference))["digest"]
        engine.docker("rmi", "--force", reference)
        return digest

    def put(self, repository: str, *tags: str) -> str:
        """Put an image into the local cloud's ECR; return its digest."""
        ecr = self.local.client("ecr")
        manifest = json.dumps({"mediaType": MEDIA_TYPE, "schemaVersion": 2, "tags": tags})
        for tag in tags:
            pushed = ecr.put_image(
                repositoryName=repository,
                imageManifest=manifest,
                imageManifestMediaType=MEDIA_TYPE,
                imageTag=tag,
            )
        digest: str = pushed["image"]["imageId"]["imageDigest"]
        return digest

    def apply(self, environment: str, **zips: dict[str, str]) -> None:
        """Make an environment by hand, as docs/terraform.md says."""
        images = {
            name: f"{BUILD}-{architecture}@{DIGEST}"
            for name, architecture in self.architectures().items()
        }
        done = self.checkout.shell(
            "terraform init -reconfigure"
            f" -backend-config=environments/{environment}.s3.tfbackend"
            f" -backend-config=bucket={STATES}\n"
            "terraform apply -input=false -auto-approve"
            f" -var-file=environments/{environment}.tfvars -var 'images={json.dumps(images)}'"
            f" -var 'zips={json.dumps(zips)}'"
        )
        assert done.code == 0, done.err

    def architectures(self) -> dict[str, str]:
        """Of the functions of the catalogue that own an image, by name."""
        catalogue = load(self.checkout.root / "functions.yaml")
        return {name: catalogue.architecture_of(name) for name in catalogue.images}

    def resources(self, environment: str) -> set[str]:
        """The addresses of all managed resources of an environment's state."""
        key = f"{environment}/terraform.tfstate"
        state = json.load(self.local.client("s3").get_object(Bucket=STATES, Key=key)["Body"])
        return {
            ".".join(filter(None, (r.get("module"), r["type"], r["name"])))
            + (f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else "")
            for r in state["resources"]
            if r["mode"] == "managed"
            for instance in r["instances"]
        }

    def objects(self) -> dict[str, str]:
        """The entity tags of everything in the bucket of states: states, and locks if any."""
        listed = self.local.client("s3").list_objects_v2(Bucket=STATES)
        return {entry["Key"]: entry["ETag"] for entry in listed.get("Contents", [])}

    def releases(self, environment: str) -> list[list[str]]:
        printed = self.fleet("releases", ENV=environment).out.splitlines()
        return [line.split()[:3] for line in printed[1:]]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    (tmp_path / "registry").mkdir()
    (tmp_path / "checkout").mkdir()
    with local_aws.serve(tmp_path) as local:
        checkout = Checkout(tmp_path / "checkout", local)
        with oci_registry.serve(tmp_path / "registry") as oci:
            yield World(local, oci, checkout)


def test_plan(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    digest = world.push(tmp_path_factory.mktemp("image"))
    ecr = world.local.client("ecr")
    for name, architecture in world.architectures().items():
        ecr.create_repository(repositoryName=f"fleet/{name}")
        if name not in (BUILT, PUSHED_BEFORE):
            world.put(f"fleet/{name}", f"{BUILD}-{architecture}")

    with (world.checkout.root / "terraform/environments/dev.tfvars").open("a") as file:
        file.write(f'parallel_packages = {{ {PUSHED_BEFORE} = "zip" }}\n')

    # Terraform cannot plan a function without any image or package.
    refused = world.fleet("plan", ENV="dev")
    assert refused.code == 1
    assert f"no zip of {PUSHED_BEFORE}, image of {PUSHED_BEFORE} has been pushed" in refused.err
    assert BUILT not in refused.err

    # What is not pushed yet is planned with the newest build for the same architecture.
    older = world.put(f"fleet/{PUSHED_BEFORE}", TAG, f"release-{TAG}")
    world.put(f"fleet/{PUSHED_BEFORE}", f"{BUILD}-arm64")
    world.put(f"fleet/{PUSHED_BEFORE}", "by-hand")
    package = Package(RELEASES, f"dev/packages/{PUSHED_BEFORE}/{TAG}-{'a' * 64}.zip")
    for key in (package.key, package.key.replace("x86_64", "arm64")):
        world.local.client("s3").put_object(Bucket=RELEASES, Key=key)
    planned = world.fleet("plan", ENV="dev")
    assert planned.code == 0, planned.err
    assert f"{PUSHED_BEFORE} will get a new image" in planned.err
    assert f"{PUSHED_BEFORE} will get a new zip" in planned.err
    assert f"fleet/{BUILT}@{digest}" in planned.out
    assert f"fleet/{PUSHED_BEFORE}@{older}" in planned.out
    assert f'"{package.key}"' in planned.out
    assert f'"{package.sha256}"' in planned.out
    assert "0 to change, 0 to destroy" in planned.out
    # Nothing was changed, not even a lock left.
    assert world.objects() == {}

    # It shows what would change, also while somebody applies.
    zip_ = {"bucket": RELEASES, "key": package.key, "source_code_hash": package.sha256}
    world.apply("dev", **{PUSHED_BEFORE: zip_})
    lock = {"Bucket": STATES, "Key": "dev/terraform.tfstate.tflock"}
    world.local.client("s3").put_object(**lock, Body=json.dumps({"ID": "1", "Who": "bob@host"}))
    before = world.objects()
    planned = world.fleet("plan", ENV="dev")
    assert planned.code == 0, planned.err
    assert "0 to add" in planned.out
    assert DIGEST in planned.out
    assert package.key not in planned.out
    assert world.objects() == before


def test_destroy(world: World) -> None:
    world.apply("dev")
    world.apply("prod")
    made, states = world.resources("dev"), world.objects()
    assert 'module.function["raw-to-curated"].aws_lambda_function.this' in made

    # Nobody there to ask, and an answer that is no: both name everything and delete nothing.
    alone = world.fleet("destroy", ENV="dev")
    assert (alone.code, set(alone.out.splitlines()) & made) == (1, made), alone.err
    assert "Nobody can answer here: set YES=1" in alone.err
    no = world.fleet("destroy", ENV="dev", answer="n")
    assert (no.code, world.objects()) == (1, states)
    assert f"Delete these {len(made)} resources of dev permanently? [y/N]" in no.out + no.err
    assert "nothing was deleted" in no.err
    assert [line for line in no.out.splitlines() if line in made] == sorted(made)

    # Production needs its name, whatever else is said.
    refused = world.fleet("destroy", ENV="prod", YES="1", CONFIRM="yes", answer="y")
    assert refused.code == 1
    assert "`make destroy ENV=prod CONFIRM=prod` destroys it all the same" in refused.err
    # While somebody applies, Terraform's own lock keeps it.
    lock = {"Bucket": STATES, "Key": "dev/terraform.tfstate.tflock"}
    world.local.client("s3").put_object(**lock, Body=json.dumps({"ID": "1", "Who": "bob@host"}))
    locked = world.fleet("destroy", ENV="dev", YES="1")
    world.local.client("s3").delete_object(**lock)
    assert locked.code == 1
    assert "bob@host" in locked.err
    assert world.objects() == states

    # Yes deletes this environment and no other, and that is on record.
    yes = world.fleet("destroy", ENV="dev", answer="y")
    assert yes.code == 0, yes.err
    assert (world.resources("dev"), world.objects()["prod/terraform.tfstate"]) == (
        set(), states["prod/terraform.tfstate"],
    )  # fmt: skip
    assert world.releases("dev") == [["1", "destroy", "gone"]]
    assert "dev holds nothing" in world.fleet("destroy", ENV="dev").err

    done = world.fleet("destroy", ENV="prod", CONFIRM="prod", YES="1")
    assert (done.code, world.resources("prod")) == (0, set()), done.err
    assert world.releases("prod") == [["1", "destroy", "gone"]]


def test_before_anything_was_deployed(world: World) -> None:
    world.local.client("s3").delete_bucket(Bucket=STATES)
    for command in ("plan", "destroy"):
        refused = world.fleet(command, ENV="dev")
        assert refused.code == 1
        assert f"there is no bucket {STATES}" in refused.err
        assert "`make deploy ENV=dev` begins with it" in refused.err
        assert "Traceback" not in refused.err


def test_the_registry_takes_its_state_into_the_bucket_that_it_made(world: World) -> None:
    program = (
        "from fleet.release import registry_root\n"
        f"registry_root.apply('{STATES}', bucket_exists=EXISTS, confirm=lambda _: True)\n"
    )
    first = program.replace("EXISTS", "False")
    done = world.checkout.shell(f'{sys.executable} -c "{first}"; ls registry')
    assert done.code == 0, done.err
    assert list(world.objects()) == ["registry/terraform.tfstate"]
    assert "module.state.aws_s3_bucket.this" in world.resources("registry")
    # What the first apply needed is gone.
    assert not {registry_root.OVERRIDE, registry_root.STATE} & set(done.out.split())

    again = program.replace("EXISTS", "True")
    done = world.checkout.shell(f'{sys.executable} -c "{again}"')
    assert done.code == 0, done.err
    assert "No changes." in done.out
