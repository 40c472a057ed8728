"""Gapminder's indicators of countries, 1964 to 2013, from `bokeh-sampledata` (CC BY 4.0)."""

from datalake.contracts.curated import COUNTRY_INDICATORS
from raw_to_curated.sources.model import Source, SourceColumn

SOURCE = Source(
    name="gapminder",
    table=COUNTRY_INDICATORS,
    columns=(
        SourceColumn("country", "country"),
        SourceColumn("year", "year"),
        SourceColumn("fertility", "fertility"),
        SourceColumn("life_expectancy", "life_expectancy"),
        SourceColumn("population", "population"),
    ),
)
