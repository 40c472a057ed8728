"""Contracts of the insights tables: what the AI systems find, a module for each topic."""

from datalake.contracts.insights.compliance import (
    COMPLIANCE_FIELDS,
    COMPLIANCE_FINDINGS,
    COMPLIANCE_SCANS,
    COMPLIANCE_TABLES,
)
from datalake.contracts.insights.model import (
    DATA_VERSION,
    MODEL_VERSION,
    VERSION_COLUMNS,
    InsightsTable,
)

INSIGHTS_TABLES = COMPLIANCE_TABLES

__all__ = [
    "COMPLIANCE_FIELDS",
    "COMPLIANCE_FINDINGS",
    "COMPLIANCE_SCANS",
    "COMPLIANCE_TABLES",
    "DATA_VERSION",
    "INSIGHTS_TABLES",
    "MODEL_VERSION",
    "VERSION_COLUMNS",
    "InsightsTable",
]
