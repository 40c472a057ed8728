from __future__ import annotations

import io

import pytest

from data_plane.curation import curate
from data_plane.sources import CARD, CUSTOMERS, card_frame, only
from raw_to_curated.json_lines import Float, JsonLinesParser, code_of, parse_object
from raw_to_curated.lines import LineChunk


def test_json_lines_give_what_parquet_gives() -> None:
    text = card_frame().head(2).write_ndjson().replace("T00:01:11.000000", " 00:01:11")
    text = text.replace("T00:00:00.000000", " 00:00:00")
    body = io.BytesIO()
    card_frame().head(2).write_parquet(body)
    assert only(curate(CARD, "card-transactions/a.jsonl", text.encode())).equals(
        only(curate(CARD, "card-transactions/a.parquet", body.getvalue()))
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not JSON", "malformed_json"),
        ("[1]", "malformed_json"),
        ("[" * 100_000, "malformed_json"),
        ('{"customer_id": "1", "customer_id": "2"}', "malformed_json"),
        ('{"customer_id": "\\ud800"}', "malformed_json"),
        ('{"customer_id": {"a": 1}}', "nested_value"),
        ('{"customer_id": "1", "later": 1}', "unknown_member"),
        ('{"country": "UK"}', "missing_required"),
        ('{"customer_id": ' + "[" * 100_000 + "]" * 100_000 + "}", "malformed_json"),
        ('{"a": ' * 100_000 + "1" + "}" * 100_000, "malformed_json"),
        ('{"customer_id": "1", "' + "k" * 100_000 + '": 1}', "unknown_member"),
        ("\ufeff" + '{"customer_id": "1", "country": "UK"}', "byte_order_mark"),
        ('{"customer_id": "\ufeff1", "country": "UK"}', "byte_order_mark"),
        ('{"customer_id": "\\uFEFF1", "country": "UK"}', "byte_order_mark"),
        ("x\x01", "malformed_json"),
        ("x^{}", "malformed_json"),
        ('{"customer_id": "1", "registered_at": "yesterday"}', "unparseable_date"),
    ],
)
def test_a_bad_json_line_is_quarantined_whole(line: str, reason: str) -> None:
    good = '{"customer_id": 17850, "country": "UK"}\n'
    text = good * 2_000 + "\n" + line + "\n"
    curated = curate(CUSTOMERS, "customer-master/a.jsonl", text.encode())
    (bad,) = curated.quarantine.rows(named=True)
    assert (bad["reasons"], bad["line_number"], bad["raw_text"]) == ([reason], 2_002, line)
    assert (curated.blank_lines, curated.exact_duplicates) == (1, 1_999)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("852", "852"),
        ("852.0", "852"),
        ("8.52e2", "852"),
        ("1E3", "1000"),
        ("-0.0", "-0"),
        ("9007199254740991.0", "9007199254740991"),
        ("12345678901234567890", "12345678901234567890"),
        ('"0852"', "0852"),
        ("NaN", None),
        ("null", None),
    ],
)
def test_codes_that_came_as_numbers(number: str, code: str | None) -> None:
    line = f'{{"customer_id": 1, "country": {number}}}\n'
    assert only(curate(CUSTOMERS, "c/a.jsonl", line.encode()))["country"].to_list() == [code]


@pytest.mark.parametrize(
    "number",
    [
        "852.5",
        "9007199254740992.0",
        "1e16",
        "1e999999999",
        "-1e-999999999",
        "9007199254740993.0",
        "Infinity",
        "-Infinity",
        "1e" + "9" * 30,
    ],
)
def test_numbers_that_no_code_can_be_made_of(number: str) -> None:
    parser = JsonLinesParser(CUSTOMERS)
    rows = parser.parse(LineChunk(f'{{"customer_id": {number}}}'.encode(), 1)).rows
    assert rows["customer_id"].to_list() == [number]


@pytest.mark.parametrize("number", ["9" * 400 + ".0", "0." + "0" * 400 + "1"])
def test_numbers_of_many_digits(number: str) -> None:
    assert code_of(Float(number)) == number


def test_digits_of_any_number_reach_the_rules() -> None:
    huge = "9" * 5_000
    text = f'{{"customer_id": {huge}, "country": "UK"}}\n'
    records = JsonLinesParser(CUSTOMERS).parse(LineChunk(text.encode(), 1))
    assert records.rows["customer_id"].to_list() == [huge]
    assert parse_object('{"a": 1e999999, "b": -0.0, "c": NaN}') == {
        "a": "1e999999",
        "b": "-0.0",
        "c": "NaN",
    }
