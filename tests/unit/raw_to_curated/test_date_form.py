from __future__ import annotations

import re
from datetime import datetime

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from raw_to_curated.date_form import exact_form, overlong_form, shown_form

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y%m%d", "%Y-%m-%dT%H:%M:%SZ", "%d/%m/%Y", "100%% %Y.%m")
TIMES = st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 12, 31))
# What a careless export, a cut or a typing error makes of a character.
PIECES = st.sampled_from(["", " ", "  ", "\t", "0", "00", "6", "-", "+", ":", "T", "Z", "a", "٢"])


@settings(max_examples=200)
@given(st.sampled_from(FORMATS[:4]), TIMES, st.integers(0, 19), st.integers(0, 2), PIECES)
@example("%Y-%m-%d %H:%M:%S", datetime(2010, 12, 10, 8, 26), 10, 2, "")
@example("%Y-%m-%d %H:%M:%S", datetime(2016, 12, 31, 23, 59, 0), 17, 2, "60")
@example("%Y-%m-%d %H:%M:%S", datetime(2010, 12, 1, 23), 11, 2, "24")
def test_a_text_has_the_form_only_if_it_is_what_a_time_is_written_as(
    form: str, time: datetime, at: int, length: int, piece: str
) -> None:
    written = time.strftime(form)
    text = written[:at] + piece + written[at + length :]
    is_exact = pl.col("text").str.contains(rf"\A(?:{exact_form(form)})\z")
    parsed = pl.col("text").str.to_datetime(form, strict=False)
    value = pl.DataFrame({"text": [text]}).select(pl.when(is_exact).then(parsed)).item()
    try:
        is_canonical = datetime.strptime(text, form).strftime(form) == text
    except ValueError:
        is_canonical = False
    assert value == (datetime.strptime(text, form) if is_canonical else None)


@pytest.mark.parametrize(
    "text", ["20111-12-01 00:00:00", "+20111-12-01 00:00:00", "-123456-12-01 00:00:00"]
)
def test_a_year_with_too_many_digits_is_told_apart(text: str) -> None:
    assert re.fullmatch(overlong_form(FORMATS[0]), text)
    assert not re.fullmatch(exact_form(FORMATS[0]), text)


def test_a_format_is_shown_as_people_write_it() -> None:
    assert [shown_form(form) for form in FORMATS] == [
        "YYYY-MM-DD hh:mm:ss",
        "YYYYMMDD",
        "YYYY-MM-DDThh:mm:ssZ",
        "DD/MM/YYYY",
        "100% YYYY.MM",
    ]


@pytest.mark.parametrize("form", ["%y-%m-%d", "%d %b %Y", "%Y-%m-%d %I:%M %p", "%Y-%m-%d %", "%f"])
def test_a_format_of_other_than_numbers_of_fixed_width_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="fixed width"):
        exact_form(form)
