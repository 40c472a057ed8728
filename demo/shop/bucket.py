"""Writes the files of a shop to a bucket, of AWS or of the local cloud."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from datalake.s3 import S3Storage
from datalake.storage import (
    ObjectNotFoundError,
    ObjectStorage,
    PreconditionFailedError,
    etag_of,
)
from fleet import cloud, console, emulation
from fleet.boto_sessions import session
from fleet.catalogue import load
from fleet.catalogue.derive import physical_name
from fleet.cloud.resources import ENVIRONMENT
from fleet.errors import FleetError
from fleet.paths import CATALOGUE
from shop.files import RawFile

_CHUNK = 1 << 20


class Bucket:
    """A bucket, or what has a prefix in it. Never writes over an object."""

    def __init__(self, storage: ObjectStorage, bucket: str, prefix: str, endpoint: str) -> None:
        self._storage = storage
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._etags: dict[str, str] = {}
        self.name = f"s3://{bucket}/{self._prefix} at {endpoint}"

    def prepare(self, files: Callable[[], Iterable[RawFile]]) -> None:
        """See Destination.prepare. Makes the files a first time where some objects are there."""
        with self._explained():
            self._etags = self._storage.etags(self._bucket, self._prefix)
        if not self._etags:
            return
        with self._explained(), console.working("Comparing with the objects that are there ..."):
            others = [
                file.key
                for file in files()
                if self._prefix + file.key in self._etags and not self._has(file)
            ]
        if others:
            raise FleetError(
                f"{self.name}: {len(others)} objects are there with other content, such as "
                f"{others[0]}; name another bucket or prefix as OUT, or delete them. "
                "Nothing was written"
            )

    def write(self, file: RawFile) -> bool:
        """See Destination.write."""
        key = self._prefix + file.key
        if key in self._etags:
            return False
        with self._explained():
            try:
                self._storage.put(
                    self._bucket,
                    key,
                    file.content,
                    content_type="application/octet-stream",
                    metadata={},
                    if_match=None,
                )
            except PreconditionFailedError as error:
                # A repeated request meets the object that the first one wrote.
                if not self._has(file):
                    raise FleetError(
                        f"{self.name}: another writer put {file.key} there meanwhile; "
                        "name another bucket or prefix as OUT"
                    ) from error
        return True

    def _has(self, file: RawFile) -> bool:
        """Whether the object of the file's key has its content."""
        key = self._prefix + file.key
        if self._etags.get(key) == etag_of(file.content):
            return True
        # With AWS KMS the ETag says nothing of the content.
        digest = hashlib.sha256()
        try:
            with self._storage.open(self._bucket, key) as there:
                if there.info.size != len(file.content):
                    return False
                while chunk := there.stream.read(_CHUNK):
                    digest.update(chunk)
        except ObjectNotFoundError:
            return False
        return digest.digest() == hashlib.sha256(file.content).digest()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise FleetError(
                f"{self.name}: {' '.join(str(error).split())}. Check the name of the bucket, and "
                "AWS's settings: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL"
            ) from error


def open_bucket(bucket: str, prefix: str) -> Bucket:
    """A bucket of the local cloud at the running one, others as AWS's settings say.

    Raises FleetError if the local cloud does not run.
    """
    s3 = _client(bucket)
    return Bucket(S3Storage(s3), bucket, prefix, s3.meta.endpoint_url)


def _client(bucket: str) -> Any:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint and bucket.startswith(physical_name(load(CATALOGUE), ENVIRONMENT, "")):
        running = cloud.status()
        if running is None:
            raise FleetError(
                f"{bucket} is of the local cloud, which does not run; make up starts it"
            )
        return emulation.client("s3", running.endpoint)
    # Other endpoints than AWS's rarely have a name for each bucket.
    config = Config(s3={"addressing_style": "path"}) if endpoint else None
    return session().client("s3", config=config)
