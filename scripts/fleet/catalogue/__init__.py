"""The catalogue: `functions.yaml`, its model and its loader."""

from fleet.catalogue.load import CatalogueError, json_schema, load
from fleet.catalogue.model import (
    Catalogue,
    Function,
    HttpTrigger,
    QueueTrigger,
    S3Trigger,
    ScheduleTrigger,
)

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Function",
    "HttpTrigger",
    "QueueTrigger",
    "S3Trigger",
    "ScheduleTrigger",
    "json_schema",
    "load",
]
