"""The texts that compliance-guardian is evaluated on."""

import pytest


def test_spans_are_where_the_numbers_are(data):
    documents = [*data.cards(3, 50), *data.obfuscated(3, 3)]

    for document in documents:
        for span in document.spans:
            assert (
                document.text[span.start : span.end].strip() == document.text[span.start : span.end]
            )
    assert list(data.cards(3, 50)) == documents[:100]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no documents"),
        ("{}", "data.jsonl:1: KeyError"),
        ('{"text": "a", "spans": [{"kind": "email"}]}', "data.jsonl:1: KeyError"),
        ("a", "data.jsonl:1: JSONDecodeError"),
    ],
)
def test_bad_data_is_named(data, tmp_path, content, message):
    file = tmp_path / "data.jsonl"
    file.write_text(content)

    with pytest.raises(data.DataError, match=message):
        data.read(file)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("card_number", "card_number"),
        ("CREDIT_CARD", "card_number"),
        ("creditCardNumber", "card_number"),
        ("IBAN_CODE", "iban"),
        ("US_SSN", "us_ssn"),
        ("Email Address", "email"),
        ("phone-number", "phone"),
    ],
)
def test_kinds_have_the_names_of_other_tools_too(data, name, kind):
    assert data.kind_named(name) == kind


def test_a_kind_that_the_scan_does_not_know_is_kept(data, tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "a", "spans": [{"kind": "PERSON", "start": 0, "end": 1}]}\n')

    assert data.read(file)[0].spans == (data.Span("person", 0, 1),)


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (0, 3), (1, 1), (2, 1)])
def test_a_span_outside_of_its_text_is_refused(data, tmp_path, start, end):
    file = tmp_path / "texts.jsonl"
    span = f'{{"kind": "card", "start": {start}, "end": {end}}}'
    file.write_text(f'{{"text": "ab", "spans": [{span}]}}\n')

    with pytest.raises(data.DataError, match=r"jsonl:1: .*which has 2 characters"):
        data.read(file)


def test_texts_without_a_label_can_be_read(data, tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "nothing", "spans": []}\n')

    assert [document.spans for document in data.read(file)] == [()]


def test_a_file_may_begin_with_a_byte_order_mark_and_end_lines_as_windows_does(data, tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "a", "spans": []}\r\n{"text": "b", "spans": []}\r\n')

    assert [one.text for one in data.read(path)] == ["a", "b"]
