"""Reads an image as `docker save` writes it, without running anything in it.

Both layouts are understood: the OCI image layout (OCI image specification, image-layout.md) and
the older one with a manifest.json only.
"""

from __future__ import annotations

import json
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

INDEX_TYPES = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}
WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
# More than any source file or key; enough of a binary to tell what it is.
HEAD_BYTES = 1_000_000


@dataclass(frozen=True)
class File:
    """One regular file, directory or link of the merged file system; `head` is its first MB."""

    path: str
    mode: int
    size: int
    head: bytes
    is_directory: bool
    link: str | None


@dataclass(frozen=True)
class SavedImage:
    """What an archive holds."""

    descriptors: list[dict[str, Any]]
    """The manifests on the top level; an index among them has an index's media type."""
    config: dict[str, Any]
    """The image configuration: architecture, config.Entrypoint, config.Cmd and so on."""
    files: dict[str, File]
    size: int
    """Unpacked bytes of all layers, as Lambda counts them."""


def read(path: Path) -> SavedImage:
    """Read the archive of one image. Raises ValueError if it is not an image archive."""
    with tarfile.open(path) as archive:
        names = set(archive.getnames())
        if "index.json" in names:
            descriptors, config, layers = _oci(archive)
        elif "manifest.json" in names:
            descriptors, config, layers = _legacy(archive)
        else:
            raise ValueError(f"{path.name} is not an image archive")
        files, size = _merge(archive, layers)
    return SavedImage(descriptors, config, files, size)


def _oci(archive: tarfile.TarFile) -> tuple[list[dict[str, Any]], dict[str, Any], list[str]]:
    descriptors = _json(archive, "index.json")["manifests"]
    manifest = _json(archive, _blob(descriptors[0]))
    while "manifests" in manifest:  # An index: look into its first image all the same.
        descriptors = [{"mediaType": manifest["mediaType"]}, *manifest["manifests"]]
        manifest = _json(archive, _blob(manifest["manifests"][0]))
    config = _json(archive, _blob(manifest["config"]))
    return descriptors, config, [_blob(layer) for layer in manifest["layers"]]


def _legacy(archive: tarfile.TarFile) -> tuple[list[dict[str, Any]], dict[str, Any], list[str]]:
    manifests = _json(archive, "manifest.json")
    return manifests, _json(archive, manifests[0]["Config"]), manifests[0]["Layers"]


def _blob(descriptor: dict[str, Any]) -> str:
    algorithm, digest = descriptor["digest"].split(":")
    return f"blobs/{algorithm}/{digest}"


def _json(archive: tarfile.TarFile, name: str) -> Any:
    return json.load(_open(archive, name))


def _open(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    member = archive.extractfile(name)
    if member is None:
        raise ValueError(f"{name} is not a file of the archive")
    return member


def _merge(archive: tarfile.TarFile, layers: list[str]) -> tuple[dict[str, File], int]:
    """Merge the layers; a whiteout removes the files of lower layers."""
    files: dict[str, File] = {}
    size = 0
    for layer in layers:
        with tarfile.open(fileobj=_open(archive, layer), mode="r:*") as members:
            for member in members:
                path = PurePosixPath("/", member.name)
                if path.name.startswith(WHITEOUT):
                    opaque = path.name == OPAQUE
                    gone = path.parent if opaque else path.with_name(path.name[len(WHITEOUT) :])
                    for below in list(_below(files, str(gone))):
                        del files[below]
                    if not opaque:
                        files.pop(str(gone), None)
                    continue
                size += member.size
                content = members.extractfile(member) if member.isfile() else None
                files[str(path)] = File(
                    path=str(path),
                    mode=stat.S_IMODE(member.mode),
                    size=member.size,
                    head=content.read(HEAD_BYTES) if content else b"",
                    is_directory=member.isdir(),
                    link=member.linkname if member.issym() or member.islnk() else None,
                )
    return files, size


def _below(files: dict[str, File], directory: str) -> Iterator[str]:
    prefix = directory.rstrip("/") + "/"
    return (path for path in files if path.startswith(prefix))
