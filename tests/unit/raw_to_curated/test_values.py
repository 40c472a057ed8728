"""What value a text becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from data_plane.curation import curate
from data_plane.retail import GOOD, RETAIL, replace, retail
from data_plane.sources import CARD
from datalake.contracts.curated import ORDERS
from raw_to_curated.sources import SOURCES
from raw_to_curated.sources.model import Source

STOCKS = SOURCES["stocks"]


def test_local_time_becomes_utc() -> None:
    # British Summer Time; of the hour that occurs twice in autumn the first one is taken.
    curated = retail(
        GOOD.replace("2010-12-01 08:26", "2011-07-01 12:00")
        + GOOD.replace("2010-12-01 08:26", "2011-10-30 01:30")
    )
    assert curated.tables[ORDERS]["ordered_at"].to_list() == [
        datetime(2011, 7, 1, 11, 0, tzinfo=UTC),
        datetime(2011, 10, 30, 0, 30, tzinfo=UTC),
    ]


def test_values_are_trimmed_and_empty_ones_null() -> None:
    rows = "536365, 85123A ,  , 6 ,2010-12-01 08:26:00, 2.55 ,17850.0,United Kingdom\n"
    row = retail(rows).tables[ORDERS].row(0, named=True)
    assert (row["product_id"], row["description"]) == ("85123A", None)
    assert (row["quantity"], row["customer_id"]) == (6, "17850")


EXTREMES = [
    *(0, 1, -1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**9, 10**9 + 1, 10**30, -(10**30)),
    *(
        Decimal("0.0001"),
        Decimal("0.00001"),
        Decimal("1e-320"),
        Decimal("1e-400"),
        Decimal("1e308"),
    ),
    *(Decimal("1e400"), Decimal("-1e308"), Decimal("999999999.9999"), Decimal("1000000000.00001")),
    *(Decimal("1e-12"), Decimal("1e12"), Decimal("1e14"), Decimal("99999999999999.9999")),
]
DIGITS = st.text("0123456789", min_size=1, max_size=40)
TEXTS = st.one_of(
    st.sampled_from(EXTREMES).map(lambda number: f"{Decimal(number):f}"),
    st.builds("{}{}.{}".format, st.sampled_from(["", "-", "+"]), DIGITS, DIGITS),
    st.builds("{}{}".format, st.sampled_from(["", "-", "+"]), DIGITS),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:f}"[:450]),
    st.just("-0.0"),
    DIGITS.map(lambda digits: "0" * 400 + digits),
)
SCIENTIFIC = st.builds("{}e{}".format, st.integers(-99, 99), st.integers(-420, 420))


def values_of(source: Source, rows: list[str], target: str) -> list[object]:
    """The value of a column in each row, None for a row in quarantine."""
    header = "" if source is CARD else ",".join(source.column_names) + "\n"
    key = f"{source.name}/a{source.formats[-1].value}"
    curated = curate(source, key, (header + "".join(rows)).encode())
    assert curated.exact_duplicates == 0
    frame = curated.tables[source.table]
    first = 1 if source is CARD else 2
    values = dict(frame.select("line_number", target).rows())
    return [values.get(number) for number in range(first, first + len(rows))]


def stocks(column: str, texts: list[str]) -> list[object]:
    """What a column of prices or volumes becomes; each row is of a series of its own."""
    names = [c.target for c in STOCKS.columns]
    rows = []
    for number, text in enumerate(texts):
        fields = [f"A{number}", "2011-12-01", *["1"] * (len(names) - 2)]
        fields[names.index(column)] = text
        rows.append(",".join(fields) + "\n")
    return values_of(STOCKS, rows, column)


@settings(max_examples=15)
@given(st.lists(TEXTS, min_size=20, max_size=60))
def test_money_is_exactly_what_the_text_says_or_in_quarantine(texts: list[str]) -> None:
    rows = [replace(5, text).replace("85123A", f"P{n}") for n, text in enumerate(texts)]
    said = [Decimal(text) for text in texts]
    fits = [0 < number <= 10**9 and number == round(number, 4) for number in said]
    expected = [number if fit else None for number, fit in zip(said, fits, strict=True)]
    assert values_of(RETAIL, rows, "unit_price") == expected


@settings(max_examples=15)
@given(st.lists(TEXTS, min_size=20, max_size=60))
def test_a_whole_number_is_exactly_what_the_text_says_or_in_quarantine(texts: list[str]) -> None:
    expected = [
        int(number) if number == int(number) and 0 <= number <= 10**14 else None
        for number in map(Decimal, texts)
    ]
    assert stocks("volume", texts) == expected


@settings(max_examples=15)
@given(st.lists(st.one_of(TEXTS, SCIENTIFIC), min_size=20, max_size=60))
def test_a_measurement_is_the_nearest_float_of_the_text_or_in_quarantine(texts: list[str]) -> None:
    expected = [
        float(text) if number == 0 or Decimal("1e-12") <= abs(number) <= 10**12 else None
        for text, number in zip(texts, map(Decimal, texts), strict=True)
    ]
    assert stocks("value", texts) == expected


CENTS = st.one_of(st.integers(0, 10**12), st.integers(), st.sampled_from([2**63, -(2**63)]))


@settings(max_examples=15)
@given(st.lists(CENTS, min_size=20, max_size=60))
def test_cents_are_exactly_what_the_text_says_or_in_quarantine(amounts: list[int]) -> None:
    rows = [
        f'{{"TX_DATETIME": "2018-06-01 00:00:00", "CUSTOMER_ID": {n}, "TX_AMOUNT": {cents}}}\n'
        for n, cents in enumerate(amounts)
    ]
    expected = [Decimal(cents) / 100 if 0 <= cents <= 10**11 else None for cents in amounts]
    assert values_of(CARD, rows, "amount") == expected


def test_the_decimals_of_a_spreadsheet_are_taken_off_an_identifier() -> None:
    texts = ["852.00", "0.0", "1000.0", "00852.0", "100"]
    found = values_of(RETAIL, [replace(6, text) for text in texts], "customer_id")
    assert found == ["852", "0", "1000", "00852", "100"]
