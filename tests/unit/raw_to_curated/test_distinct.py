from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from data_plane.retail import GOOD, replace, retail
from datalake.contracts.curated import ORDERS, RETURNS


def test_of_exact_duplicates_the_first_is_kept() -> None:
    bad = replace(3, "0")
    curated = retail(
        GOOD + bad + GOOD + GOOD.replace("WHITE", '"WHITE').replace("ER,", 'ER",') + bad
    )
    assert curated.exact_duplicates == 3
    assert curated.tables[ORDERS]["line_number"].to_list() == [2]
    assert curated.quarantine["line_number"].to_list() == [3]


def test_rows_are_equal_if_their_values_are_however_they_are_written() -> None:
    curated = retail(
        GOOD
        + "".join(replace(5, price) for price in ("2.550", "02.55", "+2.55", "2.5500000", " 2.55"))
        + replace(3, "+6")
        + replace(3, "6.0")
        + replace(1, " 85123A ")
        + replace(6, "17850.0")
        + replace(5, "2.56")
        + replace(0, "0536365")
    )
    assert curated.exact_duplicates == 9
    assert curated.tables[ORDERS]["line_number"].to_list() == [2, 12]


def test_a_return_is_no_repetition_of_the_order_of_its_quantity() -> None:
    curated = retail(GOOD + replace(3, "-6") + GOOD + replace(3, "-6.0"))
    assert curated.exact_duplicates == 2
    assert [curated.tables[table]["line_number"].to_list() for table in (ORDERS, RETURNS)] == [
        [2],
        [3],
    ]


def test_rows_in_quarantine_are_equal_if_their_text_is() -> None:
    curated = retail(replace(5, "0") + replace(5, "0.0") + replace(5, "0"))
    assert curated.exact_duplicates == 1
    assert curated.quarantine["line_number"].to_list() == [2, 3]


def test_a_missing_value_is_not_an_empty_neighbour() -> None:
    curated = retail(replace(2, "") + replace(6, "") + replace(2, " "))
    assert curated.exact_duplicates == 1


PRICES = st.one_of(
    st.sampled_from([Decimal("2.55"), Decimal("2.5501"), Decimal("0.0001")]),
    st.decimals(Decimal("0.0001"), Decimal(99), places=4),
)
WRITTEN = st.tuples(st.integers(1, 3), PRICES, st.integers(0, 2), st.integers(0, 3), st.booleans())


@settings(max_examples=25)
@given(st.lists(WRITTEN, min_size=1, max_size=40))
def test_as_many_rows_stay_as_there_are_values(
    rows: list[tuple[int, Decimal, int, int, bool]],
) -> None:
    """Whatever zeros and signs a price is written with."""
    text = ""
    for quantity, price, before, after, has_plus in rows:
        written = f"{'+' if has_plus else ''}{'0' * before}{price:f}{'0' * after}"
        text += replace(3, str(quantity)).replace("2.55", written)
    curated = retail(text)
    values = {(quantity, price) for quantity, price, *_ in rows}
    assert curated.quarantine.is_empty()
    kept = curated.tables[ORDERS].select("quantity", "unit_price").rows()
    assert set(kept) == values
    assert len(kept) == len(values)
    assert curated.exact_duplicates == len(rows) - len(values)
