"""Card transactions of the Fraud Detection Handbook's simulator, as Parquet or JSON Lines.

Amounts are whole cents of no particular currency, which ISO 4217 calls XXX. The fraud scenario is
a fact about the simulation, which no one could know of a real payment; it is left out.
"""

from datalake.contracts.curated import TRANSACTIONS
from raw_to_curated.sources.model import Format, Source, SourceColumn

SOURCE = Source(
    name="card-transactions",
    table=TRANSACTIONS,
    columns=(
        SourceColumn("TX_DATETIME", "transacted_at"),
        SourceColumn("CUSTOMER_ID", "customer_id"),
        SourceColumn("TERMINAL_ID", "terminal_id"),
        SourceColumn("TX_AMOUNT", "amount", minor_digits=2),
        SourceColumn("TX_FRAUD", "is_fraud"),
    ),
    ignored=("TX_FRAUD_SCENARIO",),
    currency="XXX",
    formats=(Format.PARQUET, Format.JSON_LINES),
    # A simulation has half a year, and may be made longer.
    span_days=800,
)
