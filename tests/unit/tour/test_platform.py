from __future__ import annotations

from datalake.contracts.prod import COUNTRY_YEARS, PRODUCT_MONTHS
from unit.tour.conftest import Lake


def test_a_table_without_rows_has_the_columns_of_its_contract() -> None:
    months = Lake().rows(PRODUCT_MONTHS, "online-retail")

    assert months.columns == [*PRODUCT_MONTHS.schema, "source", "month"]
    assert months.is_empty()
    years = Lake().rows(COUNTRY_YEARS, "gapminder")
    assert years.columns == [*COUNTRY_YEARS.schema, "source"]


def test_resources_have_the_names_of_the_local_cloud() -> None:
    assert Lake().name("raw") == "fleet-local-raw"
