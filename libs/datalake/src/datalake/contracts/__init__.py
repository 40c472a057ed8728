"""Contracts of the tables: a module for each bucket's; these are what they are made of."""

from datalake.contracts.model import (
    FRACTION,
    MONEY,
    TIMESTAMP,
    Bound,
    Column,
    ContractViolation,
    PartitionedTable,
    Table,
)

__all__ = [
    "FRACTION",
    "MONEY",
    "TIMESTAMP",
    "Bound",
    "Column",
    "ContractViolation",
    "PartitionedTable",
    "Table",
]
