"""Writes image archives as Docker does, with anything wrong that a test wants."""

import gzip
import hashlib
import importlib.util
import io
import json
import struct
import tarfile
from pathlib import Path
from typing import Any

OCI = "application/vnd.oci.image"
UNCHECKED = struct.pack("<4sI8x", importlib.util.MAGIC_NUMBER, 1)


def elf(machine: int) -> bytes:
    """The start of an ELF file for a machine: 62 is x86-64, 183 AArch64."""
    return b"\x7fELF" + b"\0" * 14 + struct.pack("<H", machine)


def good_config() -> dict[str, Any]:
    return {
        "architecture": "amd64",
        "config": {
            "Entrypoint": ["/lambda-entrypoint.sh"],
            "Cmd": ["handler.lambda_handler"],
            "WorkingDir": "/var/task",
            "Labels": {"com.amazonaws.lambda.feature.snapstart": "Allow"},
            "Env": ["PATH=/usr/bin"],
        },
        "history": [{"created_by": "COPY /layers/base/ /"}],
    }


def good_files() -> dict[str, Any]:
    """Path to content, or to (content, mode); a path ending in / is a directory."""
    return {
        "var/task/": b"",
        "var/task/handler.py": b"def lambda_handler(event, context): ...",
        "var/task/__pycache__/": b"",
        "var/task/__pycache__/handler.cpython-313.pyc": UNCHECKED,
        "opt/python/boto3-1.0.dist-info/METADATA": b"",
        "usr/bin/python3": (elf(62), 0o755),
    }


def layer(files: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, value in files.items():
            directory = path.endswith("/")
            content, mode = value if isinstance(value, tuple) else (value, 0)
            member = tarfile.TarInfo(path.rstrip("/"))
            member.type = tarfile.DIRTYPE if directory else tarfile.REGTYPE
            member.mode = mode or (0o755 if directory else 0o644)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def write_oci(
    path: Path, config: dict[str, Any], layers: list[dict[str, Any]], *, index: bool = False
) -> Path:
    """The OCI image layout; `index` wraps the manifest and an attestation in an image index."""
    blobs: dict[str, bytes] = {}

    def descriptor(content: bytes, media_type: str) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    def add(value: dict[str, Any], kind: str) -> dict[str, Any]:
        return descriptor(json.dumps(value).encode(), f"{OCI}.{kind}.v1+json")

    manifest = add(
        {
            "mediaType": f"{OCI}.manifest.v1+json",
            "config": add(config, "config"),
            "layers": [
                descriptor(gzip.compress(layer(files)), f"{OCI}.layer.v1.tar+gzip")
                for files in layers
            ],
        },
        "manifest",
    )
    if index:
        attestation = add({"config": add({}, "config"), "layers": []}, "manifest")
        media_type = f"{OCI}.index.v1+json"
        manifest = add({"mediaType": media_type, "manifests": [manifest, attestation]}, "index")
    blobs["index.json"] = json.dumps({"manifests": [manifest]}).encode()
    return _write(path, blobs)


def write_legacy(path: Path, config: dict[str, Any], layers: list[dict[str, Any]]) -> Path:
    """The layout before OCI: manifest.json names a config and plain layers."""
    blobs = {f"{n}/layer.tar": layer(files) for n, files in enumerate(layers)}
    manifest = [{"Config": "config.json", "RepoTags": ["a:b"], "Layers": list(blobs)}]
    blobs["config.json"] = json.dumps(config).encode()
    blobs["manifest.json"] = json.dumps(manifest).encode()
    return _write(path, blobs)


def _write(path: Path, blobs: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in blobs.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path
