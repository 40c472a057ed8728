"""The manifest of a partition: what it is, and which files it was made from."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from datalake.files import encode_json

MANIFEST_VERSION = "1.0"


@dataclass(frozen=True)
class Input:
    """A file that rows were made from; `bucket` is its logical name, the same in any account."""

    bucket: str
    key: str
    sha256: str


class Manifest(BaseModel):
    """What curated-to-prod writes beside each partition, after it.

    The period stands under the name of the table's partition, or is `all`. `rows_in` and
    `repeated_across_objects` are counted where files of several objects are merged.
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    manifest_version: str = MANIFEST_VERSION
    table: str = Field(alias="product")
    contract_version: str
    source: str
    month: str | None = None
    year: str | None = None
    as_of: str | None = None
    partition: str | None = None
    rows: int
    rows_in: int | None = None
    repeated_across_objects: int | None = None
    size: int = Field(alias="bytes")
    sha256: str
    inputs_digest: str
    parameters: dict[str, str]
    inputs: tuple[Input, ...]

    def to_json(self) -> bytes:
        """UTF-8 JSON, the same bytes for the same manifest."""
        return encode_json(self.model_dump(mode="json", by_alias=True, exclude_none=True))
