"""Insights: typed, with both versions in each row, and never older than what is there."""

from __future__ import annotations

import io

import polars as pl
import pytest

from datalake.contracts import Column, ContractViolation
from datalake.contracts.insights import VERSION_COLUMNS, InsightsTable
from datalake.memory import MemoryStorage
from datalake.storage import PreconditionFailedError
from lambda_app.insights import InsightsFile

RISKS = InsightsTable(
    name="risks",
    version="1.0",
    description="Risk of each transaction.",
    system="guardian",
    partition="period",
    columns=(
        Column("transaction_id", pl.String(), "Transaction"),
        Column("risk", pl.Float64(), "Probability of fraud", minimum=0.0, maximum=1.0),
        *VERSION_COLUMNS,
    ),
    key=("transaction_id",),
)
DATA = "0123456789abcdef"
KEY = "risks/period=2019-01/part-0.parquet"
ROWS = pl.DataFrame({"transaction_id": ["a", "b"], "risk": [0.5, 0.25]})


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


def opened(storage: MemoryStorage) -> InsightsFile:
    return InsightsFile.open(storage, "insights", KEY, RISKS)


def write(
    file: InsightsFile, rows: pl.DataFrame = ROWS, model: str = "1", data: str = DATA
) -> bool:
    return file.write(rows, model_version=model, data_version=data)


def test_rows_are_written_as_the_contract_says(storage: MemoryStorage) -> None:
    assert write(opened(storage))
    found = storage.get("insights", KEY)
    frame = pl.read_parquet(io.BytesIO(found.body))
    RISKS.check(frame)
    assert frame.drop("model_version", "data_version").equals(ROWS)
    assert frame["model_version"].to_list() == ["1", "1"]
    assert frame["data_version"].to_list() == [DATA, DATA]
    assert found.info.metadata["model-version"] == "1"
    assert found.info.metadata["data-version"] == DATA
    assert found.info.metadata["contract-version"] == "1.0"


def test_the_same_content_is_written_once(storage: MemoryStorage) -> None:
    assert write(opened(storage))
    before = storage.get("insights", KEY)
    assert not write(opened(storage))
    assert storage.get("insights", KEY) is before


@pytest.mark.parametrize("changed", [{"model": "2"}, {"data": "f" * 16}, {"rows": ROWS.head(1)}])
def test_another_version_or_other_rows_replace_it(
    storage: MemoryStorage, changed: dict[str, str]
) -> None:
    write(opened(storage))
    before = storage.get("insights", KEY).body
    assert write(opened(storage), **changed)  # type: ignore[arg-type]
    assert storage.get("insights", KEY).body != before


def test_equal_rows_have_equal_bytes(storage: MemoryStorage) -> None:
    write(opened(storage))
    other = MemoryStorage()
    write(opened(other))
    assert storage.snapshot() == other.snapshot()


@pytest.mark.parametrize("first_exists", [False, True])
def test_what_follows_from_older_inputs_does_not_replace_newer(
    storage: MemoryStorage, first_exists: bool
) -> None:
    if first_exists:
        write(opened(storage), data="0" * 16)
    slow = opened(storage)
    write(opened(storage), data="2" * 16)
    newer = storage.get("insights", KEY).body
    with pytest.raises(PreconditionFailedError):
        write(slow, data="1" * 16)
    assert storage.get("insights", KEY).body == newer


def test_a_file_tells_whether_it_is_of_these_versions(storage: MemoryStorage) -> None:
    assert not opened(storage).is_of(model_version="1", data_version=DATA)

    write(opened(storage))

    assert opened(storage).is_of(model_version="1", data_version=DATA)
    assert not opened(storage).is_of(model_version="2", data_version=DATA)
    assert not opened(storage).is_of(model_version="1", data_version="1" * 16)


@pytest.mark.parametrize(
    "rows",
    [
        ROWS.drop("risk"),
        ROWS.with_columns(extra=pl.lit(1)),
        ROWS.with_columns(risk=pl.lit(2.0)),
        pl.concat([ROWS, ROWS]),
        ROWS.select("risk", "transaction_id").rename({"risk": "danger"}),
    ],
)
def test_rows_that_break_the_contract_are_not_written(
    storage: MemoryStorage, rows: pl.DataFrame
) -> None:
    with pytest.raises(ContractViolation):
        write(opened(storage), rows)
    assert list(storage.keys("insights")) == []
