"""Deploy, promote, stop a broken release, roll back: on the local cloud, from a real registry.

Real: the commands, images, build, verify, smoke, the registry, versions and aliases of the local
cloud's Lambda, its alarms and S3. Stood in for (release_standin.py): Terraform, Lambda's division
of the traffic by the alias's weights, and the time at which CloudWatch judges an alarm.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from e2e import local_aws
from e2e.oci_registry import OciRegistry, serve
from e2e.release_standin import StandIn, Users
from fleet.catalogue import Catalogue, load
from fleet.catalogue.derive import physical_name
from fleet.cli import app
from fleet.emulation import ACCOUNT, REGION, client
from fleet.errors import FleetError
from fleet.images import build, engine, package
from fleet.images.build import Image
from fleet.paths import CATALOGUE, ROOT
from fleet.release import aws, commands, environments
from fleet.release.environments import Environment
from fleet.release.packages import Package
from fleet.release.push import Registry
from fleet.release.records import Record, Records
from fleet.release.session import Session
from fleet.release.shift import StoppedError

pytestmark = pytest.mark.docker

# Another image that does the same.
SAME = "FROM {image}\nENV RELEASE={tag}\n"
# Another handler; the bytecode is compiled as the real build does, or the old would be loaded.
OTHER = """FROM {image}
COPY lambda_function.py /var/task/
RUN python3 -m compileall -q -f --invalidation-mode unchecked-hash /var/task/lambda_function.py
"""
# The same with no more packages than the runtime client needs, which are quickly packed and pushed.
SMALL = (
    OTHER
    + """RUN python3 -c "from pathlib import Path; from shutil import rmtree; \\
[rmtree(p) for p in Path('/opt/python').iterdir() \\
if p.is_dir() and not p.name.startswith(('awslambdaric', 'simplejson'))]"
"""
)
ALWAYS_FAILS = "def lambda_handler(event, context):\n    raise RuntimeError('always')\n"
FAILS_ON_OBJECTS = """
def lambda_handler(event, context):
    if "Object Deleted" not in event["Records"][0]["body"]:
        raise RuntimeError("only with objects")
    return {"batchItemFailures": []}
"""


ANSWERS = """
def lambda_handler(event, context):
    return {"batchItemFailures": []}
"""


@dataclass
class World:
    """The local cloud, the registry, and the command line over them, for one function."""

    name: str
    catalogue: Catalogue
    endpoint: str
    oci: OciRegistry
    scratch: Path
    parallel_packages: dict[str, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    image: Image = field(init=False)
    """What the sources build to."""

    def __post_init__(self) -> None:
        self.image = self.make()

    @property
    def cloud(self) -> aws.Aws:
        return aws.Aws(REGION)

    def make(self, tag: str = "", dockerfile: str = SAME, handler: str = "") -> Image:
        """The real image, or one made from it, under a tag as if it were built otherwise."""
        [real] = build.images_of(self.catalogue, [self.name], ROOT)
        build.build([real], ROOT)
        if not tag:
            return real
        text = dockerfile.format(image=real.reference, tag=tag)
        (self.scratch / "Dockerfile").write_text(text)
        (self.scratch / "lambda_function.py").write_text(handler)
        reference = f"{self.catalogue.project}/{self.name}:{tag:0>16}-{real.architecture}"
        engine.docker("build", "--quiet", "--tag", reference, str(self.scratch))
        self.made.append(reference)
        return replace(real, reference=reference)

    def set(self, **changes: object) -> None:
        """Change the function's entry of the catalogue."""
        function = self.catalogue.functions[self.name].model_copy(update=changes)
        self.catalogue = self.catalogue.model_copy(update={"functions": {self.name: function}})

    def environment(self, name: str) -> Environment:
        return replace(environments.load(name), parallel_packages=self.parallel_packages)

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
        return physical_name(self.catalogue, environment, self.name)

    def live(self, environment: str, suffix: str = "") -> str:
        """The code that users reach: an image's digest, or the SHA-256 of a zip."""
        function = self.function(environment) + suffix
        alias = self.cloud.alias(function)
        assert alias.weights == {}
        return self.cloud.version(function, alias.version).artifact

    def newest(self, environment: str) -> Record:
        """The newest release record."""
        bucket = aws.Bucket(f"{self.catalogue.project}-releases-{ACCOUNT}", REGION)
        return Records(bucket, environment, aws.SystemClock()).newest()[-1].record

    def packages(self) -> dict[str, str]:
        """Base64 SHA-256 by key, of every zip package; what S3 holds is what it is named."""
        bucket = aws.Bucket(f"{self.catalogue.project}-releases-{ACCOUNT}", REGION)
        found = {}
        for key in bucket.keys(""):
            if key.endswith(".zip"):
                content, _ = bucket.get(key)
                found[key] = base64.b64encode(hashlib.sha256(content).digest()).decode()
                assert found[key] == Package("", key).sha256
        return found


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The local cloud's AWS endpoint, which boto3 takes for AWS."""
    with local_aws.serve(tmp_path) as local:
        for variable, value in local.environment.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        yield local.endpoint


@pytest.fixture
def oci(tmp_path: Path) -> Iterator[OciRegistry]:
    folder = tmp_path / "registry"
    folder.mkdir()
    with serve(folder) as registry:
        yield registry


def alone(name: str) -> Catalogue:
    """The real catalogue with one function of it, for this machine, however busy that is."""
    whole = load(CATALOGUE)
    function = whole.functions[name]
    patient = function.budgets.model_copy(update={"init_ms": 600_000})
    function = function.model_copy(update={"architecture": engine.machine(), "budgets": patient})
    return whole.model_copy(update={"functions": {name: function}})


@pytest.fixture
def make_world(
    endpoint: str, oci: OciRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], World]]:
    made: list[str] = []

    def make(name: str) -> World:
        scratch = tmp_path / "image"
        scratch.mkdir()
        world = World(name, alone(name), endpoint, oci, scratch, made=made)
        repository = f"{world.catalogue.project}/{name}"
        client("ecr", endpoint).create_repository(repositoryName=repository)

        def stand_in(environment: Environment, _: str) -> StandIn:
            return StandIn(world.catalogue, environment, endpoint, oci.prefix)

        def session(catalogue: Catalogue, name: str) -> Session:
            return Session(catalogue, world.environment(name))

        monkeypatch.setattr("fleet.release.infrastructure.Terraform", stand_in)
        monkeypatch.setattr(commands, "_load", lambda: world.catalogue)
        monkeypatch.setattr(commands, "_session", session)
        monkeypatch.setattr(commands, "_plan_images", lambda *_: [world.image])
        monkeypatch.setenv("REGISTRY", oci.prefix)
        return world

    yield make
    if made:
        engine.succeeds("rmi", "--force", *made)


def test_from_a_first_release_to_a_rollback(
    make_world: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world("curated-to-prod")

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

        # An alarm on a failure that only real traffic shows moves users back.
        world.image = world.make("3", OTHER, FAILS_ON_OBJECTS)
        payload = json.dumps({"Records": [{"messageId": "1", "body": "{}"}]}).encode()
        users = Users(world.endpoint, world.function("dev"), world.cloud.alias, payload)
        patch.setattr(aws.SystemClock, "sleep", lambda *_: users.call(8))
        with pytest.raises(
            StoppedError, match="alarm fleet-dev-curated-to-prod-errors is in ALARM"
        ):
            world.fleet("deploy", ENV="dev", CANARY_SECONDS="1")
        third = world.digest()
        assert world.live("dev") == second
        assert set(users.versions) == {"2", "3"}

    # A broken handler is stopped before it is pushed ...
    world.image = world.make("4", OTHER, ALWAYS_FAILS)
    with pytest.raises(FleetError, match=r"nothing was pushed; smoke failed[\s\S]*RuntimeError"):
        world.fleet("deploy", ENV="dev")
    assert world.image.reference.rpartition(":")[2] not in world.oci.tags(f"fleet/{world.name}")
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
    assert {first, second, third, fourth} <= set(aws.Images(REGION).used())
    assert "0 MB unused" in world.fleet("prune-images", ENV="dev")


def test_a_function_runs_from_a_zip_package(
    make_world: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all its packages; verify and smoke see the image in the test above."""
    monkeypatch.setattr(commands, "_prepare", lambda *_: None)
    world = make_world("curated-to-prod")
    world.set(package_type="zip")

    assert "release 1 is live in dev" in world.fleet("deploy", ENV="dev")
    assert [world.live("dev", "-zip")] == list(world.packages().values())


def test_from_zip_to_image_and_back(
    make_world: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/terraform.md says; what Terraform does with triggers is in tests/terraform."""
    world = make_world("curated-to-prod")
    world.set(package_type="zip")
    prepared: list[str] = []

    def prepare(_: Catalogue, images: list[Image]) -> None:
        assert world.packages() == {}
        prepared.extend(image.reference for image in images)

    # Verified and smoke-tested as an image, then packed from it, uploaded, made, invoked, recorded.
    monkeypatch.setattr(commands, "_prepare", prepare)
    small = world.image = world.make("1", SMALL, ANSWERS)
    assert "release 1 is live in dev" in world.fleet("deploy", ENV="dev")
    assert prepared == [small.reference]
    [(key, first)] = world.packages().items()
    assert key.startswith("dev/packages/curated-to-prod/")
    assert world.live("dev", "-zip") == first
    assert world.newest("dev").functions[world.name].zip == f"s3://fleet-releases-{ACCOUNT}/{key}"
    assert world.oci.tags(f"fleet/{world.name}") == []

    # Pushing twice uploads nothing, and what was promoted is what was tried.
    assert "there already" in world.fleet("push", ENV="dev")
    assert "release 1 is live in prod" in world.fleet("promote", FROM="dev", ENV="prod")
    assert world.live("prod", "-zip") == first
    assert world.packages() == {key: first}

    # A broken one is stopped before users reach it, a good one goes to them and comes back.
    monkeypatch.setattr(commands, "_prepare", lambda *_: None)
    world.image = world.make("2", SMALL, ALWAYS_FAILS)
    with pytest.raises(FleetError, match=r"smoke failed: .*-zip, version 2.*always"):
        world.fleet("deploy", ENV="dev")
    assert world.live("dev", "-zip") == first
    world.image = world.make("3", SMALL, ANSWERS + "# Changed\n")
    world.fleet("deploy", ENV="dev")
    second = world.live("dev", "-zip")
    assert second in world.packages().values()
    assert second != first
    assert "1 again" in world.fleet("rollback", ENV="dev")
    assert world.live("dev", "-zip") == first
    world.image = small

    # Step 1: the image function beside it, released and tried as well.
    world.parallel_packages = {world.name: "image"}
    world.fleet("deploy", ENV="dev")
    image = world.digest()
    assert (world.live("dev", "-zip"), world.live("dev")) == (first, image)
    assert world.newest("dev").parallel[world.name].artifact == image

    # Step 3: it gets the events, and no rollback pretends to bring them back.
    world.set(package_type="image")
    world.parallel_packages = {}
    with pytest.raises(FleetError, match="would be deleted as zip while its events leave it"):
        world.fleet("deploy", ENV="dev")
    world.parallel_packages = {world.name: "zip"}
    world.fleet("deploy", ENV="dev")
    assert world.newest("dev").functions[world.name].artifact == image
    with pytest.raises(FleetError, match=r"set package_type of the function in functions\.yaml"):
        world.fleet("rollback", ENV="dev")

    # Back: step 3 the other way round, before step 4.
    world.set(package_type="zip")
    world.parallel_packages = {world.name: "image"}
    world.fleet("deploy", ENV="dev")
    assert world.newest("dev").functions[world.name].artifact == first
    world.parallel_packages = {}
    world.fleet("deploy", ENV="dev")
    assert world.newest("dev").parallel == {}
    assert (world.live("dev", "-zip"), world.live("dev")) == (first, image)


def test_what_is_too_large_for_a_zip(tmp_path: Path) -> None:
    [image] = build.images_of(alone("raw-to-curated"), ["raw-to-curated"], ROOT)
    build.build([image], ROOT)
    with pytest.raises(FleetError, match=r"raw-to-curated has .* bytes unpacked.*package_type: im"):
        package.build(image, package.RUNTIME, tmp_path / "package.zip")


def test_images_of_the_registry(endpoint: str) -> None:
    """What pruning and the lifecycle policy rest on, with the local cloud's ECR."""
    ecr = client("ecr", endpoint)
    ecr.create_repository(repositoryName="fleet/first")
    one, other = "1" * 16 + "-x86_64", "2" * 16 + "-arm64"
    media_type = "application/vnd.docker.distribution.manifest.v2+json"
    digests = [
        ecr.put_image(
            repositoryName="fleet/first",
            imageManifest=json.dumps({"mediaType": media_type, "schemaVersion": 2, "n": tag}),
            imageManifestMediaType=media_type,
            imageTag=tag,
        )["image"]["imageId"]["imageDigest"]
        for tag in (one, other)
    ]
    images = aws.Images(REGION)
    assert images.has("fleet/first")
    assert not images.has("fleet/second")

    images.keep("fleet/first", f"{one}@{digests[0]}")
    images.keep("fleet/first", f"{one}@{digests[0]}")
    stored = {i["imageDigest"]: sorted(i["imageTags"]) for i in images.stored("fleet/first")}
    assert stored == {digests[0]: [one, f"release-{one}"], digests[1]: [other]}
    assert images.newest("fleet/first", "x86_64") == f"{one}@{digests[0]}"
    assert images.newest("fleet/first", "arm64") == f"{other}@{digests[1]}"
    assert images.newest("fleet/second", "arm64") is None

    images.delete("fleet/first", [digests[0]])
    assert [i["imageDigest"] for i in images.stored("fleet/first")] == [digests[1]]
    with pytest.raises(FleetError, match="is not deleted"):
        images.delete("fleet/first", [digests[0]])
