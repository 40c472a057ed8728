"""Contracts of the insights tables: what the AI systems find, a module for each topic."""

from datalake.contracts.insights.changes import (
    CHANGES_TABLES,
    DEMAND_ANOMALIES,
    DEMAND_MOVERS,
)
from datalake.contracts.insights.compliance import (
    COMPLIANCE_FIELDS,
    COMPLIANCE_FINDINGS,
    COMPLIANCE_INVENTORY,
    COMPLIANCE_SCANS,
    COMPLIANCE_TABLES,
)
from datalake.contracts.insights.customers import (
    CUSTOMER_CARDS,
    CUSTOMER_COHORTS,
    CUSTOMER_MODELS,
    CUSTOMER_RECOMMENDATIONS,
    CUSTOMER_SEGMENTS,
    CUSTOMER_TABLES,
    CustomerSegment,
)
from datalake.contracts.insights.demand import (
    DEMAND_BACKTESTS,
    DEMAND_DAYS,
    DEMAND_FORECASTS,
    DEMAND_SERIES,
    DEMAND_TABLES,
)
from datalake.contracts.insights.fraud import (
    FRAUD_ALERTS,
    FRAUD_DRIFT,
    FRAUD_MONITORING,
    FRAUD_SCORES,
    FRAUD_TABLES,
)
from datalake.contracts.insights.model import (
    DATA_VERSION,
    MODEL_VERSION,
    VERSION_COLUMNS,
    InsightsTable,
)
from datalake.contracts.insights.response import PRICE_RESPONSES
from datalake.contracts.insights.starts import PRODUCT_STARTS
from datalake.contracts.insights.stock import STOCK_ADVICE, STOCK_DEMAND, STOCK_TABLES

INSIGHTS_TABLES = (
    *COMPLIANCE_TABLES,
    COMPLIANCE_INVENTORY,
    *FRAUD_TABLES,
    *CHANGES_TABLES,
    PRICE_RESPONSES,
    PRODUCT_STARTS,
    *STOCK_TABLES,
    *DEMAND_TABLES,
    DEMAND_DAYS,
    *CUSTOMER_TABLES,
)

__all__ = [
    "CHANGES_TABLES",
    "COMPLIANCE_FIELDS",
    "COMPLIANCE_FINDINGS",
    "COMPLIANCE_INVENTORY",
    "COMPLIANCE_SCANS",
    "COMPLIANCE_TABLES",
    "CUSTOMER_CARDS",
    "CUSTOMER_COHORTS",
    "CUSTOMER_MODELS",
    "CUSTOMER_RECOMMENDATIONS",
    "CUSTOMER_SEGMENTS",
    "CUSTOMER_TABLES",
    "DATA_VERSION",
    "DEMAND_ANOMALIES",
    "DEMAND_BACKTESTS",
    "DEMAND_DAYS",
    "DEMAND_FORECASTS",
    "DEMAND_MOVERS",
    "DEMAND_SERIES",
    "DEMAND_TABLES",
    "FRAUD_ALERTS",
    "FRAUD_DRIFT",
    "FRAUD_MONITORING",
    "FRAUD_SCORES",
    "FRAUD_TABLES",
    "INSIGHTS_TABLES",
    "MODEL_VERSION",
    "PRICE_RESPONSES",
    "PRODUCT_STARTS",
    "STOCK_ADVICE",
    "STOCK_DEMAND",
    "STOCK_TABLES",
    "VERSION_COLUMNS",
    "CustomerSegment",
    "InsightsTable",
]
