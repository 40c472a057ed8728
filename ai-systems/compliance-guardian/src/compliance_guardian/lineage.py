"""Where the content of a raw object lies, too: curated files, quarantine, prod tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from compliance_guardian.insights import key_hash
from datalake.contracts.prod import PROD_TABLES
from datalake.layout import CuratedObject, partitions_prefix
from datalake.storage import ObjectNotFoundError, ObjectStorage


@dataclass(frozen=True)
class Place:
    """A file, or all files whose keys begin with `key`; `bucket` is the catalogue's name."""

    bucket: str
    key: str


def copies(
    storage: ObjectStorage, curated_bucket: str, source: str, object_hash: str, key: str
) -> list[Place] | None:
    """The files that curation made of an object, as its report lists them.

    None where `key` is not the object's own, as a number in it is masked.
    """
    if key_hash(key) != object_hash.removeprefix("inbox-"):
        return None
    report_key = CuratedObject.of(source, key).report_key
    try:
        report = json.loads(storage.get(curated_bucket, report_key).body)
    except ObjectNotFoundError:
        return []
    return [Place(output["bucket"], output["key"]) for output in report["outputs"]]


def prod_tables(storage: ObjectStorage, prod_bucket: str, source: str) -> Iterator[Place]:
    """The prod tables that have rows of a source."""
    for table in PROD_TABLES:
        prefix = partitions_prefix(table, source)
        if next(iter(storage.keys(prod_bucket, prefix)), None):
            yield Place("prod", prefix)
