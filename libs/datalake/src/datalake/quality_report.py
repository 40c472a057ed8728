"""The data-quality report on a raw object, written by raw-to-curated and read by everybody else.

Readers pass over fields that a later minor version added.
"""

from __future__ import annotations

from datetime import date, datetime
from operator import not_
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from datalake.files import encode_json

REPORT_VERSION = "1.3"
_SAME_MAJOR = rf"^{REPORT_VERSION.partition('.')[0]}\.\d+$"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)


class TimeRange(_Model):
    """First and last time or day of a column, UTC, as ISO 8601; null without a value."""

    min: str | None
    max: str | None


class OutputFile(_Model):
    """A Parquet file; `bucket` is the logical name, the same in any account."""

    table: str
    contract_version: str
    bucket: Literal["curated", "quarantine"]
    key: str
    rows: int
    size: int = Field(alias="bytes")
    sha256: str
    null_counts: dict[str, int]
    time_range: dict[str, TimeRange]


class RetypedColumn(_Model):
    """A column of which most values break the form that its source declares."""

    column: str
    declared: str
    inferred: str
    values: str


class Part(_Model):
    """A part of an object that was split: its bytes from `start` to before `end`."""

    start: int
    end: int
    encoding: str


class IndependentCount(_Model):
    """The rows of the object by another reader than the one that read it.

    `method` is csv (records of Python's csv module), lines (that are not blank), sheet_rows (of a
    workbook, that hold a value) or row_groups (what those of a Parquet file say). `agrees` means:
    equal to `rows_in`. Where rows are in quarantine for their quotation marks or their length, two
    readers of CSV may end records at different lines; then it means that `rows_in` is at most the
    number of lines that are not blank, and at least `rows` less 64, the most lines of a record, for
    each such row. Of an object in parts, `rows` is the sum, and each part must agree.
    """

    method: Literal["csv", "lines", "sheet_rows", "row_groups"]
    rows: int
    agrees: bool


class DateLimits(_Model):
    """The dates that the rows of an object may hold: none after `latest` (UTC), and none before
    `first_day` or after `last_day`. These are null where the source declares no span, or the first
    rows hold no date."""

    latest: datetime
    first_day: date | None
    last_day: date | None


class Histogram(_Model):
    """Rows below the first edge, from each edge to the next, and from the last edge on."""

    edges: tuple[int | str, ...]
    counts: tuple[int, ...]


class Distribution(_Model):
    """Quantiles at the nearest lower rank, exact: prices as text, quantities as numbers."""

    min: int | str | None
    p1: int | str | None
    p5: int | str | None
    p25: int | str | None
    p50: int | str | None
    p75: int | str | None
    p95: int | str | None
    p99: int | str | None
    max: int | str | None
    histogram: Histogram


class RowsOverTime(_Model):
    """Rows for each hour, day or month that has any."""

    unit: Literal["hour", "day", "month"]
    rows: dict[str, int]


class TopOutlier(_Model):
    """An implausible line; `usual_…` is the median of its product in the same file."""

    line_number: int
    order_id: str
    product_id: str
    description: str | None
    quantity: int
    unit_price: str
    outlier_score: float
    usual_quantity: float
    usual_unit_price: float


class _RowsQuality(_Model):
    rows: int
    time_range: TimeRange
    null_counts: dict[str, int]
    line_types: dict[str, int]
    countries: dict[str, int]


class OrdersQuality(_RowsQuality):
    """Figures of an object's order lines; prices and quantities are those of product lines."""

    outliers: int
    near_duplicates: int
    imputed: dict[str, int]
    distinct: dict[str, int]
    unit_price: Distribution
    quantity: Distribution
    rows_over_time: RowsOverTime
    top_outliers: tuple[TopOutlier, ...]


class ReturnsQuality(_RowsQuality):
    """Figures of an object's credit note lines."""

    cancellations: int
    matched: int


class Quality(_Model):
    """Figures of an object with orders; `returns` is left out without a table of them."""

    orders: OrdersQuality
    returns: ReturnsQuality | None = Field(default=None, exclude_if=not_)


class _Report(_Model):
    report_version: str = Field(default=REPORT_VERSION, pattern=_SAME_MAJOR)
    status: str
    source: str
    object_key: str
    object_id: str
    etag: str | None
    version_id: str | None
    sequencer: str | None
    bytes_in: int | None

    def content(self) -> dict[str, Any]:
        """The report as JSON says it."""
        return self.model_dump(mode="json", by_alias=True)

    def to_json(self) -> bytes:
        """UTF-8 JSON, the same bytes for the same report: there is no clock in it."""
        return encode_json(self.content())


class CuratedReport(_Report):
    """The report on an object that could be used.

    rows_in = the sum of rows_curated + rows_quarantined + exact_duplicates. `recipe` is a hash of
    all that decides what is made of an object besides the object itself. `date_limits` is left out
    unless the source has dates or years, `counted_independently` unless the object was counted
    again, `parts` unless it was split; `quality` is null without orders.
    """

    status: Literal["curated"] = "curated"
    recipe: str
    encoding: str
    rows_in: int
    rows_curated: dict[str, int]
    rows_quarantined: int
    quarantine_reasons: dict[str, int]
    exact_duplicates: int
    blank_lines: int
    date_limits: DateLimits | None = Field(default=None, exclude_if=not_)
    counted_independently: IndependentCount | None = Field(default=None, exclude_if=not_)
    columns: dict[str, str]
    retyped_columns: tuple[RetypedColumn, ...]
    parts: tuple[Part, ...] = Field(default=(), exclude_if=not_)
    outputs: tuple[OutputFile, ...]
    quality: Quality | None


class RejectionReport(_Report):
    """The report on an object that was rejected as a whole; `message` says what to do about it.

    `provisional` is left out unless the report stands only until the version has another outcome.
    """

    status: Literal["rejected"] = "rejected"
    provisional: bool = Field(default=False, exclude_if=not_)
    reason: str
    message: str
    details: dict[str, list[str]]
