"""Every check passes a good image and fails a deliberately bad one with its own message."""

import struct
from pathlib import Path

import pytest

from fleet.catalogue import Function
from fleet.images import archive, checks
from image_archives import elf, good_config, good_files, write_legacy, write_oci

TIMESTAMPED = struct.pack("<4sI8x", b"\xf3\r\r\n", 0)
FUNCTION = Function.model_validate(
    {
        "folder": "functions/reader",
        "description": "Reads",
        "handler": "handler.lambda_handler",
        "memory_mb": 128,
        "timeout_s": 3,
        "budgets": {"image_mb": 1, "init_ms": 100},
    }
)


def findings(path: Path) -> list[checks.Finding]:
    return checks.run_all(
        checks.Subject(FUNCTION, "x86_64", archive.read(path), frozenset({"boto3"}), snapstart=True)
    )


@pytest.mark.parametrize("write", [write_oci, write_legacy])
def test_a_good_image_passes(tmp_path, write):
    assert findings(write(tmp_path / "image.tar", good_config(), [good_files()])) == []


# What is added to a good image, the check that must object, and what it must say.
BAD_FILES = {
    "wrong architecture inside": ({"opt/python/a.so": elf(183)}, "architecture",
                                  "compiled for another architecture: /opt/python/a.so"),
    "unreadable file": ({"var/task/data.json": (b"{}", 0o600)}, "readable",
                        "not readable by every user: /var/task/data.json"),
    "unreadable folder": ({"var/task/model/": (b"", 0o700)}, "readable", "/var/task/model"),
    "writable file": ({"var/task/data.json": (b"{}", 0o666)}, "readable", "writable by every"),
    "uncompiled source": ({"var/task/other.py": b""}, "bytecode",
                          "not compiled: /var/task/other.py"),
    "timestamped bytecode": ({"opt/python/__pycache__/a.cpython-313.pyc": TIMESTAMPED},
                             "bytecode", "checks again at every start"),
    "compiler": ({"usr/bin/x86_64-linux-gnu-gcc-14": (b"", 0o755)}, "contents", "compilers"),
    "pip": ({"usr/local/lib/python3.13/site-packages/pip/": b""}, "contents", "installers"),
    "pip program": ({"usr/local/bin/pip3": (b"", 0o755)}, "contents", "installers"),
    "tests of a dependency": ({"opt/python/numpy/tests/": b""}, "contents", "tests inside"),
    "fixtures of a dependency": ({"opt/python/numpy/conftest.py": b""}, "contents",
                                 "tests inside: /opt/python/numpy/conftest.py"),
    "own tests": ({"var/task/__pycache__/test_a.cpython-313.pyc": b"", "var/task/test_a.py": b""},
                  "contents", "tests inside: /var/task/test_a.py"),
    "development dependency": ({"opt/python/pytest-9.dist-info/METADATA": b""}, "contents",
                               "lock does not name: pytest"),
    "environment file": ({"var/task/.env": b"A=1"}, "secrets", "hold secrets: /var/task/.env"),
    "private key": ({"var/task/key.pem": b"-----BEGIN RSA PRIVATE KEY-----"}, "secrets",
                    "a private key in /var/task/key.pem"),
    "access key": ({"var/task/a.json": b'"AKIAABCDEFGHIJKLMNOP"'}, "secrets",
                   "an AWS access key in /var/task/a.json"),
    "too large": ({"var/task/model.bin": b"\0" * 1_100_000}, "size", "over its budget of 1 MB"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_refuses_files(tmp_path, case):
    added, check, message = BAD_FILES[case]
    found = findings(write_oci(tmp_path / "image.tar", good_config(), [good_files(), added]))

    assert {f.check for f in found} == {check}
    assert message in found[0].message
    assert found[0].remedy


BAD_CONFIGS = {
    "wrong architecture": ({"architecture": "arm64"}, {}, "architecture", "built for arm64"),
    "entry point": ({}, {"Entrypoint": ["python3"]}, "start", "ENTRYPOINT is ['python3']"),
    "command": ({}, {"Cmd": ["app.main"]}, "start", "CMD is ['app.main']"),
    "working directory": ({}, {"WorkingDir": "/app"}, "start", "WORKDIR is /app"),
    "snapstart label": ({}, {"Labels": None}, "start", "SnapStart is on"),
    "secret variable": ({}, {"Env": ["DB_PASSWORD=x"]}, "secrets", "ENV DB_PASSWORD"),
    "secret history": ({"history": [{"created_by": "RUN curl AKIAABCDEFGHIJKLMNOP"}]}, {},
                       "secrets", "build's history"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CONFIGS)
def test_refuses_configurations(tmp_path, case):
    top, inner, check, message = BAD_CONFIGS[case]
    config = good_config() | top
    config["config"] |= inner

    [finding] = findings(write_oci(tmp_path / "image.tar", config, [good_files()]))

    assert finding.check == check
    assert message in finding.message


def test_refuses_an_index_with_an_attestation(tmp_path):
    path = write_oci(tmp_path / "image.tar", good_config(), [good_files()], index=True)

    [finding] = findings(path)

    assert finding.check == "manifest"
    assert "--provenance=false" in finding.remedy


def test_a_later_layer_deletes_what_an_earlier_one_wrote(tmp_path):
    bad = {"var/task/.env": b"A=1", "opt/python/tests/": b"", "opt/python/tests/a.txt": b""}
    deletion = {"var/task/.wh..env": b"", "opt/python/.wh.tests": b""}

    path = write_oci(tmp_path / "image.tar", good_config(), [good_files() | bad, deletion])

    assert findings(path) == []


def test_an_opaque_directory_hides_what_is_below(tmp_path):
    bad = {"var/task/model/": b"", "var/task/model/.env": b"A=1"}
    path = write_oci(
        tmp_path / "image.tar",
        good_config(),
        [good_files() | bad, {"var/task/model/.wh..wh..opq": b""}],
    )

    assert findings(path) == []


def test_documentation_keys_are_no_secrets(tmp_path):
    example = {"var/task/examples.json": b'"AKIAIOSFODNN7EXAMPLE"'}

    assert findings(write_oci(tmp_path / "i.tar", good_config(), [good_files(), example])) == []


def test_what_is_no_image_archive_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not an image archive"):
        archive.read(write_oci_without_index(tmp_path))


def write_oci_without_index(tmp_path: Path) -> Path:
    import tarfile

    path = tmp_path / "empty.tar"
    tarfile.open(path, "w").close()
    return path
