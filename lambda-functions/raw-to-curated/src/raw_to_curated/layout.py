"""Where the results of a raw object are: Hive-style keys that Athena, Spark and DuckDB read."""

from __future__ import annotations

import hashlib
import re

UNMAPPED = "_unmapped"


def object_id(key: str) -> str:
    """A name for a raw object that is safe in a key, stable and one-to-one.

    The hash makes it unique for any key, also one with slashes, `..` or line breaks; the words
    before it are only for people.
    """
    name = key.rpartition("/")[2].lower().removesuffix(".gz").removesuffix(".csv")
    words = re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:48].strip("-")
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return f"{words}-{digest}" if words else digest


def table_key(table: str, source: str, key: str) -> str:
    """Key in the curated bucket of a table's rows from this raw object."""
    return f"{table}/source={source}/object={object_id(key)}/part-0.parquet"


def quarantine_key(source: str, key: str) -> str:
    """Key in the quarantine bucket of the rows of this raw object that could not be used."""
    return table_key("rows", source, key)


def report_key(source: str, key: str) -> str:
    """Key in the curated bucket of the report on the newest version that could be used."""
    return f"data-quality/source={source}/object={object_id(key)}/report.json"


def rejection_key(source: str, key: str) -> str:
    """Key in the curated bucket of the report on the newest version that was rejected."""
    return f"data-quality/source={source}/object={object_id(key)}/rejection.json"
