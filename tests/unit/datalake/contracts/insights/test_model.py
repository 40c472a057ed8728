from __future__ import annotations

import polars as pl
import pytest

from datalake.contracts import Column, ContractViolation
from datalake.contracts.insights import VERSION_COLUMNS, InsightsTable

RISK = Column("risk", pl.Float64(), "Probability of fraud", "fraction", minimum=0.0, maximum=1.0)


def table(*columns: Column) -> InsightsTable:
    return InsightsTable(
        name="risks",
        version="1.0",
        description="Risks of payments.",
        columns=columns,
        key=("risk",),
        system="compliance-guardian",
    )


def test_every_row_has_the_versions_of_model_and_data() -> None:
    risks = table(RISK, *VERSION_COLUMNS)
    frame = pl.DataFrame([(0.5, "1.2", "0123456789abcdef")], schema=risks.schema, orient="row")
    risks.check(frame)
    with pytest.raises(ContractViolation, match="data_version"):
        risks.check(frame.with_columns(data_version=pl.lit("yesterday")))


@pytest.mark.parametrize("columns", [(RISK,), (RISK, VERSION_COLUMNS[0]), (*VERSION_COLUMNS, RISK)])
def test_a_table_without_them_is_refused(columns: tuple[Column, ...]) -> None:
    with pytest.raises(ValueError, match=r"table risks: its columns must end with"):
        table(*columns)


def test_the_page_says_who_writes_it() -> None:
    text = table(RISK, *VERSION_COLUMNS).to_markdown()
    assert "By compliance-guardian. Partitions: source, month." in text


def test_rows_have_all_columns_but_the_versions() -> None:
    risks = table(RISK, *VERSION_COLUMNS)

    assert risks.frame([{"risk": 1.0}]).schema == {"risk": pl.Float64()}
    assert risks.frame([]).columns == ["risk"]
