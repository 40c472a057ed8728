"""Zip packages: what is packed, how it is named, and when it is uploaded."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import zipfile
from pathlib import Path

import pytest

from fleet.errors import FleetError
from fleet.images import package
from fleet.images.build import Image
from fleet.paths import ROOT
from fleet.release.packages import Package, Packages
from unit.release.fakes import FakeBucket

TAG = "0123456789abcdef-x86_64"
IMAGE = Image("first", "functions/first/Dockerfile", "x86_64", {}, f"shop/first:{TAG}", "")
EMPTY = hashlib.sha256(b"").hexdigest()


class Built:
    """What an image holds, as it is copied out of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.packages = {"six.py": b"", "__pycache__/six.cpython-313.pyc": b"1"}
        self.sources = {
            "handler.py": b"def lambda_handler(event, context): ...",
            "__pycache__/handler.cpython-313.pyc": b"2",
        }
        self.executables: set[str] = set()
        self.time = 1_000_000_000.0
        monkeypatch.setattr(package, "_copy", self.copy)

    def copy(self, image: Image, scratch: Path) -> tuple[Path, Path]:
        folders = scratch / "packages", scratch / "sources"
        for folder, files in zip(folders, (self.packages, self.sources), strict=True):
            for name, content in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                path.chmod(0o700 if name in self.executables else 0o640)
                os.utime(path, (self.time, self.time))
        return folders


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Built:
    return Built(monkeypatch)


class TestBuild:
    def test_packages_and_sources_are_in_one_folder(self, built: Built, tmp_path: Path) -> None:
        built.executables.add("six.py")
        target = tmp_path / "package.zip"

        digest = package.build(IMAGE, "python3.13", target)

        assert digest == hashlib.sha256(target.read_bytes()).hexdigest()
        with zipfile.ZipFile(target) as archive:
            entries = archive.infolist()
            assert [entry.filename for entry in entries] == [
                "__pycache__/handler.cpython-313.pyc", "__pycache__/six.cpython-313.pyc",
                "handler.py", "six.py",
            ]  # fmt: skip
            assert [oct(entry.external_attr >> 16) for entry in entries] == [
                "0o100644", "0o100644", "0o100644", "0o100755",
            ]  # fmt: skip
            assert archive.read("handler.py") == built.sources["handler.py"]

    def test_equal_content_gives_equal_bytes(self, built: Built, tmp_path: Path) -> None:
        first = package.build(IMAGE, "python3.13", tmp_path / "first.zip")
        built.time += 1000
        built.packages = dict(reversed(built.packages.items()))
        assert package.build(IMAGE, "python3.13", tmp_path / "second.zip") == first
        built.sources["handler.py"] += b"\n"
        assert package.build(IMAGE, "python3.13", tmp_path / "third.zip") != first

    def test_the_runtime_brings_its_own_client(self, built: Built, tmp_path: Path) -> None:
        record = "awslambdaric/bootstrap.py,,\nclient.so,,\n../../bin/x,,\n"
        record += "awslambdaric-4.0.1.dist-info/RECORD,,\n"
        built.packages |= {
            "awslambdaric/bootstrap.py": b"",
            "awslambdaric/__pycache__/bootstrap.cpython-313.pyc": b"",
            "client.so": b"",
            "awslambdaric-4.0.1.dist-info/RECORD": record.encode(),
        }
        package.build(IMAGE, "python3.13", tmp_path / "package.zip")
        with zipfile.ZipFile(tmp_path / "package.zip") as archive:
            assert [n for n in archive.namelist() if n.endswith((".py", ".so", "RECORD"))] == [
                "handler.py", "six.py",
            ]  # fmt: skip

    def test_too_large(self, built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        size = sum(map(len, [*built.packages.values(), *built.sources.values()]))
        monkeypatch.setattr(package, "UNPACKED_BYTES", size)
        package.build(IMAGE, "python3.13", tmp_path / "fits.zip")
        monkeypatch.setattr(package, "UNPACKED_BYTES", size - 1)
        with pytest.raises(FleetError, match=rf"first has {size} bytes.*use package_type: image"):
            package.build(IMAGE, "python3.13", tmp_path / "package.zip")
        assert not (tmp_path / "package.zip").exists()

    def test_another_python(self, built: Built, tmp_path: Path) -> None:
        message = r"first: the image holds python3\.13, and the zip function would run python3\.14"
        with pytest.raises(FleetError, match=message):
            package.build(IMAGE, "python3.14", tmp_path / "package.zip")

    def test_a_name_that_is_in_both(self, built: Built, tmp_path: Path) -> None:
        built.packages["handler.py"] = b""
        with pytest.raises(FleetError, match=r"handler\.py is both in its sources and in a pack"):
            package.build(IMAGE, "python3.13", tmp_path / "package.zip")


class TestStore:
    @pytest.fixture
    def bucket(self) -> FakeBucket:
        return FakeBucket()

    @pytest.fixture
    def packages(self, bucket: FakeBucket, built: Built) -> Packages:
        return Packages(bucket, "dev", "python3.13")

    def test_the_name_tells_tag_and_hash(self, packages: Packages, bucket: FakeBucket) -> None:
        pushed = packages.push(IMAGE)

        [(key, (content, _))] = bucket.objects.items()
        digest = hashlib.sha256(content).hexdigest()
        assert key == f"dev/packages/first/{TAG}-{digest}.zip"
        assert pushed.artifact == f"s3://{bucket.name}/{key}"
        assert Package.parse(pushed.artifact) == pushed
        assert base64.b64decode(pushed.sha256).hex() == digest
        assert pushed.address.endswith(f'source_code_hash = "{pushed.sha256}"')
        assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None

    def test_what_is_there_is_found(self, packages: Packages, bucket: FakeBucket) -> None:
        assert packages.find(IMAGE) is None
        pushed = packages.push(IMAGE)
        assert packages.find(IMAGE) == pushed
        # Somebody else was first: the same bytes.
        assert packages.push(IMAGE) == pushed
        assert len(bucket.objects) == 1
        assert Packages(bucket, "prod", "python3.13").find(IMAGE) is None

    def test_the_newest_is_one_for_the_architecture(
        self, packages: Packages, bucket: FakeBucket
    ) -> None:
        def put(tag: str, name: str = "") -> str:
            key = f"dev/packages/first/{tag}-{EMPTY}.zip"
            bucket.put(name or key, b"", None)
            return f"s3://{bucket.name}/{key}"

        assert packages.newest("first", "x86_64") is None
        put("f" * 16 + "-x86_64")
        last = put("0" * 16 + "-x86_64")
        put("1" * 16 + "-arm64")
        put("", "dev/packages/first/by-hand.zip")
        newest = packages.newest("first", "x86_64")
        assert newest
        assert newest.artifact == last

    def test_a_name_that_tells_no_hash(self) -> None:
        with pytest.raises(FleetError, match="is not named as packages are"):
            _ = Package("b", "dev/packages/first/by-hand.zip").sha256


def test_the_runtime_is_terraforms() -> None:
    text = (ROOT / "terraform" / "variables.tf").read_text()
    match = re.search(r'variable "zip_runtime" \{.*?default\s+= "(.+?)"', text, re.DOTALL)
    assert match
    assert match[1] == package.RUNTIME
