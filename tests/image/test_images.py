"""The real image: built, verified, shared layers, and invoked by hand as users do."""

import json
import re
import signal
import subprocess
import sys

import pytest

from checkout import copy_checkout
from fleet.images import archive, build, dockerfile, engine
from fleet.images.checks import Finding
from fleet.images.verify import verify
from fleet.paths import ROOT

pytestmark = pytest.mark.docker


def test_a_second_build_builds_nothing(built_image):
    assert build.build([built_image], ROOT) == []


def test_verify_refuses_an_image_whose_handler_cannot_be_imported(catalogue, make_image):
    made, image = make_image("import does_not_exist")
    function = made.functions["bad"].model_copy(
        update={"folder": catalogue.functions["raw-to-curated"].folder}
    )
    made = made.model_copy(update={"functions": {"bad": function}})

    found = [f for f in verify(made, image) if f.check == "handler"]

    assert [type(f) for f in found] == [Finding]
    assert "No module named 'does_not_exist'" in found[0].message


def test_verify_imports_a_handler_that_reads_all_its_variables(catalogue, keeper):
    made, image = keeper
    locked = {"folder": catalogue.functions["raw-to-curated"].folder}
    function = made.functions["keeper"].model_copy(update=locked)
    made = made.model_copy(update={"functions": {"keeper": function}})

    assert [f.message for f in verify(made, image) if f.check == "handler"] == []


def test_plain_docker_build_works(built_image, tmp_path):
    """Without bake or the command line, as the README says."""
    bundle = build.ca_bundle()
    secret = ["--secret", f"id=ca,src={bundle}"] if bundle else []
    arguments = [f"--build-arg={k}={v}" for k, v in built_image.arguments.items()]
    identity = tmp_path / "id"
    engine.docker("buildx", "build", "--file", built_image.dockerfile, *secret, *arguments,
                  "--load", "--iidfile", str(identity), str(ROOT))  # fmt: skip

    config = json.loads(engine.docker("image", "inspect", identity.read_text()))[0]["Config"]
    assert config["Entrypoint"] == ["/lambda-entrypoint.sh"]


def test_a_handler_edit_changes_only_the_last_layer(built_image, tmp_path):
    """Builds from a copy of the sources with one line more in the handler."""
    context = copy_checkout(tmp_path / "context")
    handler = context / "lambda-functions/raw-to-curated/src/lambda_function.py"
    handler.write_text(handler.read_text() + "\n# edited\n")
    definition = build.bake_definition([built_image], build.ca_bundle())
    definition["target"][built_image.name]["tags"] = ["fleet-test/edited"]

    engine.stream("buildx", "bake", "--file", "-", "--progress", "quiet", cwd=context,
                  stdin=json.dumps(definition))  # fmt: skip

    try:
        before, after = (
            json.loads(engine.docker("image", "inspect", reference))[0]["RootFS"]["Layers"]
            for reference in (built_image.reference, "fleet-test/edited")
        )
    finally:
        engine.docker("rmi", "fleet-test/edited")
    changed = [n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    # WORKDIR's own, empty layer is behind the code.
    assert changed == [layers_of(built_image).index("code")]


def test_images_share_their_leading_layers(catalogue, built_image):
    [other] = build.images_of(catalogue, ["curated-to-prod"], ROOT, engine.machine())
    build.build([other], ROOT)

    digests = [
        json.loads(engine.docker("image", "inspect", image.reference))[0]["RootFS"]["Layers"]
        for image in (built_image, other)
    ]

    shared = [a == b for a, b in zip(*digests, strict=False)]
    assert layers_of(other)[: shared.index(False)] == ["base", "client", "runtime", "frames"]


def layers_of(image: build.Image) -> list[str]:
    return dockerfile.LAYER.findall((ROOT / image.dockerfile).read_text())


@pytest.mark.skipif(engine.machine() != "x86_64", reason="cross-builds from x86_64 to arm64")
def test_cross_builds_for_arm64_without_emulation(catalogue):
    """No step of the Dockerfile runs on the target; every ELF file is for AArch64."""
    [image] = build.images_of(catalogue, ["raw-to-curated"], ROOT, "arm64")
    build.build([image], ROOT)

    findings = verify(catalogue, image)

    assert findings == []


def test_make_run_answers_curl(built_image):
    process = subprocess.Popen(
        [sys.executable, "-m", "fleet", "run", "--function", "raw-to-curated"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env=command_environment(),
    )  # fmt: skip
    try:
        assert process.stdout
        command = next(m[0] for line in process.stdout if (m := re.search(r"curl .*", line)))
        answer = subprocess.run(command.split(), cwd=ROOT, capture_output=True, check=True)
        assert json.loads(answer.stdout) == {"batchItemFailures": []}
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait() in (0, 130)
    assert command.split("/")[2] not in engine.docker("ps", "--format", "{{.Ports}}")


def command_environment() -> dict[str, str]:
    import os

    return os.environ | {"PYTHONPATH": f"{ROOT}/scripts:{ROOT}/images"}


def test_the_saved_image_is_read_whole(built_image, tmp_path):
    engine.docker("image", "save", "--output", str(tmp_path / "image.tar"), built_image.reference)

    image = archive.read(tmp_path / "image.tar")

    assert image.files["/lambda-entrypoint.sh"].mode == 0o755
    assert "/var/task/lambda_function.py" in image.files
