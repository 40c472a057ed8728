"""Daily prices of five US stocks, 2000 to 2013, as `bokeh-sampledata` ships them."""

from datalake.contracts.curated import MARKET_SERIES
from raw_to_curated.sources.model import Source, SourceColumn

SOURCE = Source(
    name="stocks",
    table=MARKET_SERIES,
    columns=(
        SourceColumn("Ticker", "series_id"),
        SourceColumn("Date", "observed_on"),
        SourceColumn("Open", "open"),
        SourceColumn("High", "high"),
        SourceColumn("Low", "low"),
        SourceColumn("Close", "value"),
        SourceColumn("Volume", "volume"),
        SourceColumn("Adj Close", "adjusted_value"),
    ),
    constants={"unit": "USD", "frequency": "daily"},
)
