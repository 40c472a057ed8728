"""The platform in the local cloud: what the demo asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from datalake import layout
from datalake.contracts import PartitionedTable
from fleet.catalogue import Catalogue
from fleet.catalogue.derive import physical_name
from fleet.cloud import Cloud
from fleet.cloud.resources import ENVIRONMENT
from fleet.emulation import REGION, client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True)
class Platform:
    """The catalogue's resources in the running local cloud, by the catalogue's names."""

    catalogue: Catalogue
    cloud: Cloud

    @cached_property
    def s3(self) -> S3Client:
        """A client of the local cloud."""
        s3: S3Client = client("s3", self.cloud.endpoint)
        return s3

    @cached_property
    def _sqs(self) -> SQSClient:
        sqs: SQSClient = client("sqs", self.cloud.endpoint)
        return sqs

    def name(self, logical: str) -> str:
        """The name of a resource in the local cloud."""
        return physical_name(self.catalogue, ENVIRONMENT, logical)

    def objects(self, bucket: str, prefix: str = "") -> Iterator[ObjectTypeDef]:
        """What a bucket holds under a prefix."""
        pages = self.s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.name(bucket), Prefix=prefix):
            yield from page.get("Contents", [])

    def read(self, bucket: str, key: str) -> bytes:
        """The content of an object."""
        return self.s3.get_object(Bucket=self.name(bucket), Key=key)["Body"].read()

    def rows(self, table: PartitionedTable, source: str, bucket: str = "prod") -> pl.DataFrame:
        """The rows of a source in a table of a bucket, with the columns of its keys.

        They are read as anyone may read them, without the code of this repository.
        """
        prefix = layout.partitions_prefix(table, source)
        if not any(True for _ in self.objects(bucket, prefix)):
            return pl.DataFrame(
                schema={**table.schema, **dict.fromkeys(table.partitions, pl.String())}
            )
        return pl.scan_parquet(
            f"s3://{self.name(bucket)}/{prefix}**/*.parquet",
            hive_partitioning=True,
            storage_options={
                "aws_endpoint_url": self.cloud.endpoint,
                "aws_allow_http": "true",
                "aws_region": REGION,
                "aws_access_key_id": "any",
                "aws_secret_access_key": "any",
            },
        ).collect()

    def messages(self, queue: str) -> int:
        """How many messages a queue holds, those being worked on included."""
        url = self._sqs.get_queue_url(QueueName=self.name(queue))["QueueUrl"]
        answer = self._sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(map(int, answer["Attributes"].values()))
