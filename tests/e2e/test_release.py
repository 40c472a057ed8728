"""Deploy, promote, stop a broken release, roll back: on the local cloud, from a real registry.

Real: the commands, images, build, verify, smoke, the registry, versions and aliases of the local
cloud's Lambda, its alarms and S3. Stood in for (release_standin.py): Terraform, Lambda's division
of the traffic by the alias's weights, and the time at which CloudWatch judges an alarm.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from e2e.oci_registry import OciRegistry, serve
from e2e.release_standin import StandIn, Users
from fleet.catalogue import Catalogue, load
from fleet.catalogue.derive import physical_name
from fleet.cli import app
from fleet.cloud import docker_mode
from fleet.cloud.folders import Folders
from fleet.emulation import ACCOUNT, REGION, client
from fleet.errors import FleetError
from fleet.images import build, engine
from fleet.images.build import Image
from fleet.paths import CATALOGUE, ROOT
from fleet.release import aws, commands
from fleet.release.environments import Environment
from fleet.release.push import Registry
from fleet.release.shift import StoppedError

pytestmark = pytest.mark.docker

NAME = "raw-to-curated"
# Another image that does the same.
SAME = "FROM {image}\nENV RELEASE={tag}\n"
# Another handler; the bytecode is compiled as the real build does, or the old would be loaded.
OTHER = """FROM {image}
COPY lambda_function.py /var/task/
RUN python3 -m compileall -q -f --invalidation-mode unchecked-hash /var/task/lambda_function.py
"""
ALWAYS_FAILS = "def lambda_handler(event, context):\n    raise RuntimeError('always')\n"
FAILS_ON_OBJECTS = """
def lambda_handler(event, context):
    if "TestEvent" not in event["Records"][0]["body"]:
        raise RuntimeError("only with objects")
    return {"batchItemFailures": []}
"""


@dataclass
class World:
    """The local cloud, the registry, and the command line over them."""

    catalogue: Catalogue
    endpoint: str
    oci: OciRegistry
    make: Callable[..., Image]
    image: Image
    """What the sources build to."""

    @property
    def cloud(self) -> aws.Aws:
        return aws.Aws(REGION)

    def fleet(self, command: str, **environment: str) -> str:
        """Run a command; return what it prints, or raise what it raises."""
        settings = {"YES": "1", "ALLOW_DIRTY": "1", "CANARY": "50", "CANARY_SECONDS": "0"}
        result = CliRunner().invoke(app, [command], env=settings | environment)
        if isinstance(result.exception, FleetError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    def digest(self) -> str:
        """What the registry has of the image."""
        found = Registry(self.oci.prefix).find(self.image)
        assert found
        return found.digest

    def function(self, environment: str) -> str:
        return physical_name(self.catalogue, environment, NAME)

    def live(self, environment: str) -> str:
        """The digest that users reach."""
        alias = self.cloud.alias(self.function(environment))
        assert alias.weights == {}
        return self.cloud.version(self.function(environment), alias.version).artifact


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The local cloud's AWS endpoint, which boto3 takes for AWS; nothing is provisioned."""
    folders = Folders(tmp_path / ".fleet")
    catalogue = load(CATALOGUE)
    state = docker_mode.start(catalogue, folders, lambda _: None)
    for variable, value in {
        "AWS_ENDPOINT_URL": state.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    yield state.endpoint
    docker_mode.stop(folders, purge=True)


@pytest.fixture
def oci(tmp_path: Path) -> Iterator[OciRegistry]:
    folder = tmp_path / "registry"
    folder.mkdir()
    with serve(folder) as registry:
        yield registry


@pytest.fixture
def catalogue() -> Catalogue:
    """The real catalogue with one function of it, for this machine, however busy that is."""
    whole = load(CATALOGUE)
    function = whole.functions[NAME]
    patient = function.budgets.model_copy(update={"init_ms": 10_000})
    function = function.model_copy(update={"architecture": engine.machine(), "budgets": patient})
    return whole.model_copy(update={"functions": {NAME: function}})


@pytest.fixture
def make_image(catalogue: Catalogue, tmp_path: Path) -> Iterator[Callable[..., Image]]:
    """The real image, or one made from it, under a tag as if it were built from other sources."""
    [real] = build.plan(catalogue, [NAME], ROOT)
    made: list[str] = []

    def make(tag: str = "", dockerfile: str = SAME, handler: str = "") -> Image:
        build.build([real], ROOT)
        if not tag:
            return real
        (tmp_path / "Dockerfile").write_text(dockerfile.format(image=real.reference, tag=tag))
        (tmp_path / "lambda_function.py").write_text(handler)
        reference = f"{catalogue.project}/{NAME}:{tag:0>16}-{real.architecture}"
        engine.docker("build", "--quiet", "--tag", reference, str(tmp_path))
        made.append(reference)
        return replace(real, reference=reference)

    yield make
    if made:
        engine.succeeds("rmi", "--force", *made)


@pytest.fixture
def world(
    catalogue: Catalogue,
    endpoint: str,
    oci: OciRegistry,
    make_image: Callable[..., Image],
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    s3 = client("s3", endpoint)
    for bucket in ("terraform-state", "releases"):
        s3.create_bucket(Bucket=f"{catalogue.project}-{bucket}-{ACCOUNT}")
    client("ecr", endpoint).create_repository(repositoryName=f"{catalogue.project}/{NAME}")
    world = World(catalogue, endpoint, oci, make_image, make_image())

    def stand_in(environment: Environment, _: str) -> StandIn:
        return StandIn(catalogue, environment.name, endpoint, oci.prefix)

    monkeypatch.setattr("fleet.release.infrastructure.Terraform", stand_in)
    monkeypatch.setattr(commands, "_load", lambda: catalogue)
    monkeypatch.setattr(commands, "_plan_images", lambda *_: [world.image])
    monkeypatch.setenv("REGISTRY", oci.prefix)
    return world


def test_from_a_first_release_to_a_rollback(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Built, verified, smoke-tested, pushed, made, invoked, recorded.
    assert "release 1 is live in dev" in world.fleet("deploy", ENV="dev")
    first = world.digest()
    assert world.live("dev") == first

    # Pushing twice pushes nothing.
    writes = world.oci.writes()
    assert f"@{first}  there already" in world.fleet("push", ENV="dev")
    assert world.oci.writes() == writes > 0

    # The same digest reaches the next environment without a build or a push.
    assert "release 1 is live in prod" in world.fleet("promote", FROM="dev", ENV="prod")
    assert world.live("prod") == first
    assert world.oci.writes() == writes

    # A good release moves users in steps. What verify and smoke stop comes below.
    with monkeypatch.context() as patch:
        patch.setattr(commands, "_prepare", lambda *_: None)
        world.image = world.make("2")
        printed = world.fleet("deploy", ENV="dev")
        assert printed.index("50 % of the traffic") < printed.index("100 % of the traffic")
        second = world.digest()
        assert world.live("dev") == second

        # What only real traffic shows makes an alarm ring, which moves users back.
        world.image = world.make("3", OTHER, FAILS_ON_OBJECTS)
        payload = json.dumps({"Records": [{"messageId": "1", "body": "{}"}]}).encode()
        users = Users(world.endpoint, world.function("dev"), world.cloud.alias, payload)
        patch.setattr(aws.SystemClock, "sleep", lambda *_: users.call(8))
        with pytest.raises(StoppedError, match="alarm fleet-dev-raw-to-curated-errors rings"):
            world.fleet("deploy", ENV="dev", CANARY_SECONDS="1")
        third = world.digest()
        assert world.live("dev") == second
        assert set(users.versions) == {"2", "3"}

    # A broken handler is stopped before it is pushed ...
    world.image = world.make("4", OTHER, ALWAYS_FAILS)
    with pytest.raises(FleetError, match=r"nothing was pushed; smoke failed[\s\S]*RuntimeError"):
        world.fleet("deploy", ENV="dev")
    assert world.image.reference.rpartition(":")[2] not in world.oci.tags(f"fleet/{NAME}")
    # ... and one that got into the registry all the same, before users reach it.
    monkeypatch.setattr(commands, "_prepare", lambda *_: None)
    with pytest.raises(FleetError, match=r"smoke failed: .*RuntimeError.*always"):
        world.fleet("deploy", ENV="dev")
    fourth = world.digest()
    assert world.live("dev") == second

    # Back to the first release, in seconds.
    started = time.monotonic()
    assert "1 again" in world.fleet("rollback", ENV="dev")
    print(f"rollback took {time.monotonic() - started:.2f} s")
    assert world.live("dev") == first

    listed = [line.split()[:3] for line in world.fleet("releases", ENV="dev").splitlines()[1:]]
    assert listed == [
        ["1", "deploy", "live"],
        ["2", "deploy", "live"],
        ["3", "deploy", "failed"],
        ["4", "deploy", "failed"],
        ["5", "rollback", "live"],
    ]
    # Everything that a version names is kept when images are pruned.
    assert {first, second, third, fourth} <= set(aws.Images(REGION).used("fleet-"))
    assert "0 MB unused" in world.fleet("prune-images", ENV="dev")


def test_images_of_the_registry(endpoint: str) -> None:
    """What pruning and the lifecycle policy rest on, with the local cloud's ECR."""
    ecr = client("ecr", endpoint)
    ecr.create_repository(repositoryName="fleet/first")
    media_type = "application/vnd.docker.distribution.manifest.v2+json"
    digests = [
        ecr.put_image(
            repositoryName="fleet/first",
            imageManifest=json.dumps({"mediaType": media_type, "schemaVersion": 2, "n": tag}),
            imageManifestMediaType=media_type,
            imageTag=tag,
        )["image"]["imageId"]["imageDigest"]
        for tag in ("one", "two")
    ]
    images = aws.Images(REGION)
    assert images.has("fleet/first")
    assert not images.has("fleet/second")

    images.keep("fleet/first", f"one@{digests[0]}")
    images.keep("fleet/first", f"one@{digests[0]}")
    stored = {i["imageDigest"]: sorted(i["imageTags"]) for i in images.stored("fleet/first")}
    assert stored == {digests[0]: ["one", "release-one"], digests[1]: ["two"]}
    assert images.newest("fleet/first") in (f"one@{digests[0]}", f"two@{digests[1]}")

    images.delete("fleet/first", [digests[0]])
    assert [i["imageDigest"] for i in images.stored("fleet/first")] == [digests[1]]
    with pytest.raises(FleetError, match="is not deleted"):
        images.delete("fleet/first", [digests[0]])
