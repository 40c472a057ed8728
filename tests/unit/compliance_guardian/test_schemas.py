"""What requests may hold."""

import pytest
from pydantic import ValidationError

from compliance_guardian.schemas import MAX_TEXT, MAX_TEXTS, ScanRequest


@pytest.mark.parametrize(
    "request_",
    [
        {"text": ""},
        {"texts": ["a", "b"]},
        {"text": "a", "kinds": ["email"]},
        {"text": "a" * MAX_TEXT},
    ],
)
def test_good_requests(request_):
    ScanRequest(**request_)


@pytest.mark.parametrize(
    ("request_", "place"),
    [
        ({}, ()),
        ({"text": "a", "texts": ["a"]}, ()),
        ({"text": 1}, ("text",)),
        ({"text": "a" * (MAX_TEXT + 1)}, ("text",)),
        ({"texts": []}, ("texts",)),
        ({"texts": ["a"] * (MAX_TEXTS + 1)}, ("texts",)),
        ({"texts": ["a", 2]}, ("texts", 1)),
        ({"text": "a", "kinds": ["shoe_size"]}, ("kinds", 0)),
        ({"text": "a", "more": 1}, ("more",)),
    ],
)
def test_bad_requests_name_the_field(request_, place):
    with pytest.raises(ValidationError) as error:
        ScanRequest(**request_)

    assert error.value.errors()[0]["loc"] == place
