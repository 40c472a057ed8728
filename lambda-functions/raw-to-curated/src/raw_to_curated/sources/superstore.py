"""SampleSuperstore: sales lines of a US office supplier, as `bokeh-sampledata` ships it (CC0).

This extract of the well-known data set has no order number, customer, product code or date, so it
cannot fill the orders table without inventing keys; it has a table of its own, sales. Copies of it
circulate as UTF-8 and as Windows-1252.
"""

from datalake.contracts.curated import SALES
from raw_to_curated.sources.model import Source, SourceColumn

SOURCE = Source(
    name="superstore",
    table=SALES,
    columns=(
        SourceColumn("Ship Mode", "ship_mode"),
        SourceColumn("Segment", "segment"),
        SourceColumn("Country", "country"),
        SourceColumn("City", "city"),
        SourceColumn("State", "state"),
        SourceColumn("Postal Code", "postal_code", strip_decimal_zero=True),
        SourceColumn("Region", "region"),
        SourceColumn("Category", "category"),
        SourceColumn("Sub-Category", "subcategory"),
        SourceColumn("Sales", "sales_amount"),
        SourceColumn("Quantity", "quantity"),
        SourceColumn("Discount", "discount"),
        SourceColumn("Profit", "profit"),
    ),
    currency="USD",
    encodings=("utf-8", "cp1252"),
)
