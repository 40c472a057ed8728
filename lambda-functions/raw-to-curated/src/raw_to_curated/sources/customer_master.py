"""Customer master data as a customer system exports it: JSON Lines, UTC."""

from datalake.contracts.curated import CUSTOMERS
from raw_to_curated.sources.model import Format, Source, SourceColumn

SOURCE = Source(
    name="customer-master",
    table=CUSTOMERS,
    columns=(
        SourceColumn("customer_id", "customer_id"),
        SourceColumn("country", "country"),
        SourceColumn("segment", "segment"),
        SourceColumn("registered_at", "registered_at"),
    ),
    formats=(Format.JSON_LINES,),
    timestamp_format="%Y-%m-%dT%H:%M:%SZ",
)
