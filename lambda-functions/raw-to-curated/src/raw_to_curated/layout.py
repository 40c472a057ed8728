"""Where the results of a raw object are: Hive-style keys that Athena, Spark and DuckDB read."""

from __future__ import annotations

import hashlib
import re

UNMAPPED = "_unmapped"
QUARANTINED = "rows"


def object_id(key: str) -> str:
    """A name for a raw object that is safe in a key, stable and one-to-one.

    The hash makes it unique for any key, also one with slashes, `..` or line breaks; the words
    before it are only for people.
    """
    name = key.rpartition("/")[2].lower()
    for suffix in (".gz", ".zip", ".csv", ".txt", ".jsonl", ".parquet", ".xlsx"):
        name = name.removesuffix(suffix)
    words = re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:48].strip("-")
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return f"{words}-{digest}" if words else digest


def table_key(table: str, source: str, key: str, part: int = 0) -> str:
    """Key in the curated bucket of a part of a table's rows from this raw object."""
    return f"{table_prefix(table, source, key)}part-{part}.parquet"


def table_prefix(table: str, source: str, key: str) -> str:
    """What all keys of a table's rows from this raw object begin with."""
    return f"{table}/source={source}/object={object_id(key)}/"


def quarantine_key(source: str, key: str, part: int = 0) -> str:
    """Key in the quarantine bucket of rows of this raw object that could not be used."""
    return table_key(QUARANTINED, source, key, part)


def report_key(source: str, key: str) -> str:
    """Key in the curated bucket of the report on the newest version that could be used."""
    return f"data-quality/source={source}/object={object_id(key)}/report.json"


def rejection_key(source: str, key: str) -> str:
    """Key in the curated bucket of the report on the newest version that was rejected."""
    return f"data-quality/source={source}/object={object_id(key)}/rejection.json"


def page_key(source: str, key: str) -> str:
    """Key in the curated bucket of the report as a page for people."""
    return f"quality/source={source}/object={object_id(key)}/report.html"


def history_key(source: str) -> str:
    """Key in the curated bucket of the drift between the objects of a source."""
    return f"quality/source={source}/history.json"


def staging_prefix(source: str, key: str, version: str) -> str:
    """What all keys of the parts of one version of a split object begin with, before `finish`."""
    return f"staging/source={source}/object={object_id(key)}/version={version}/"
