from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_to_curated.typed_files.number_formats import date_text, is_date_format


@pytest.mark.parametrize(
    "code",
    [
        *("yyyy-mm-dd", "d/m/yy", "hh:mm:ss", "[h]:mm", "mmm", "dd\\.mm\\.yyyy", "[$-407]d. mmmm"),
        *('"on" dddd', "[Red]yyyy;@", "[mm]:ss", 'yyyy"年"m"月"', "AM/PM h"),
    ],
)
def test_formats_of_dates(code: str) -> None:
    assert is_date_format(164, code)


@pytest.mark.parametrize(
    "code",
    [
        *("0.00", "#,##0", "0%", '0.00" days"', "General", "[Red]0.00", '[$$-409]#,##0.00"h"', "@"),
        *("0.00E+00", "_-* #,##0.00_-", "\\d0", "# ?/?", '0;[Blue]-0;"ymd"'),
    ],
)
def test_formats_of_numbers(code: str) -> None:
    assert not is_date_format(164, code)


def test_built_in_formats() -> None:
    assert [n for n in range(60) if is_date_format(n, None)][:9] == list(range(14, 23))
    assert not any(is_date_format(n, None) for n in (0, 1, 2, 9, 10, 11, 13, 37, 40, 44, 48, 49))


@pytest.mark.parametrize(
    ("serial", "from_1904", "expected"),
    [
        (40513.351388888892, False, "2010-12-01T08:26:00"),
        (40513, False, "2010-12-01T00:00:00"),
        (39051, True, "2010-12-01T00:00:00"),
        (1, False, "1900-01-01T00:00:00"),
        (59, False, "1900-02-28T00:00:00"),
        (60, False, "1900-02-29T00:00:00"),
        (61, False, "1900-03-01T00:00:00"),
        (0.5, False, "12:00:00"),
        (2958465.5, False, "9999-12-31T12:00:00"),
        (2958466, False, None),
        (-1, False, None),
        (1e300, False, None),
        (float("nan"), False, None),
    ],
)
def test_serial_numbers(serial: float, from_1904: bool, expected: str | None) -> None:
    assert date_text(serial, from_1904=from_1904) == expected


def iso(moment: datetime) -> str:
    text = moment.isoformat()
    return text.rstrip("0") if "." in text else text


@given(st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)))
def test_what_a_writer_writes_is_read_to_the_millisecond(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    since = moment - datetime(1899, 12, 30)
    serial = since.days + since / timedelta(days=1) % 1
    assert date_text(serial, from_1904=False) == iso(moment)
