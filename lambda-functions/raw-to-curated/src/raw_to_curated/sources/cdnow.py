"""CDNOW: purchases of the customers that a US music shop won in early 1997, to June 1998.

Fader and Hardie's data set as `lifetimes` ships it (CDNOW_master.txt): columns aligned with blanks,
days without time (kept as midnight), no number of the purchase and no currency but dollars.
"""

from datalake.contracts.curated import TRANSACTIONS
from raw_to_curated.sources.model import Format, Source, SourceColumn

SOURCE = Source(
    name="cdnow",
    table=TRANSACTIONS,
    columns=(
        SourceColumn("customer_id", "customer_id", pattern="[0-9]{5}"),
        SourceColumn("date", "transacted_at"),
        SourceColumn("number_of_cds", "quantity"),
        SourceColumn("dollar_value", "amount"),
    ),
    currency="USD",
    formats=(Format.TEXT, Format.CSV),
    delimiter=" ",
    is_aligned=True,
    timestamp_format="%Y%m%d",
    # The file has eighteen months.
    span_days=600,
)
