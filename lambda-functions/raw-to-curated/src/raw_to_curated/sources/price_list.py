"""The shop's price list: an Excel workbook, or the CSV that a German Excel saves of it."""

from datalake.contracts.curated import PRODUCTS
from raw_to_curated.sources.model import Format, Source, SourceColumn

SOURCE = Source(
    name="price-list",
    table=PRODUCTS,
    columns=(
        SourceColumn("Stock Code", "product_id"),
        SourceColumn("Description", "description"),
        SourceColumn("Category", "category"),
        SourceColumn("List Price", "list_price"),
    ),
    currency="GBP",
    formats=(Format.EXCEL, Format.CSV),
    encodings=("utf-8", "cp1252"),
    delimiter=";",
    decimal_sign=",",
)
