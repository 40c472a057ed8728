"""UCI Online Retail: invoice lines of a UK web shop, 2010-12 to 2011-12.

D. Chen, UCI Machine Learning Repository, CC BY 4.0. InvoiceNo has six digits, with a leading C
for a credit note. Three lines of 2011-08-12 have an A instead: bad-debt adjustments of the
accounts, which are no invoice lines and so do not match the pattern.
"""

from datalake.contracts.curated import ORDERS, RETURNS
from raw_to_curated.sources.model import ReturnsRule, Source, SourceColumn

SOURCE = Source(
    name="online-retail",
    table=ORDERS,
    returns=ReturnsRule(table=RETURNS, cancellation=r"[Cc][0-9]{6}"),
    columns=(
        SourceColumn("InvoiceNo", "order_id", pattern=r"[Cc]?[0-9]{6}"),
        SourceColumn("StockCode", "product_id"),
        SourceColumn("Description", "description"),
        SourceColumn("Quantity", "quantity"),
        SourceColumn("InvoiceDate", "ordered_at"),
        SourceColumn("UnitPrice", "unit_price"),
        SourceColumn("CustomerID", "customer_id", strip_decimal_zero=True),
        SourceColumn("Country", "country"),
    ),
    currency="GBP",
    timestamp_format="%Y-%m-%d %H:%M:%S",
    timezone="Europe/London",
    # The file has thirteen months, its second edition twenty-five.
    span_days=800,
    quality="ONLINE_RETAIL",
)
