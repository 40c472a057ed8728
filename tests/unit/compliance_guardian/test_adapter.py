"""The environment, and the key for hashes."""

import pytest
from aws_lambda_powertools.utilities import parameters

from compliance_guardian import adapter
from compliance_guardian.adapter import BatchSettings, InboxSettings
from lambda_app.settings import InvalidSettingsError


def test_both_buckets_are_needed():
    with pytest.raises(InvalidSettingsError, match="RAW_BUCKET is not set"):
        BatchSettings.from_environment({"INSIGHTS_BUCKET": "b"})


def test_the_inbox_needs_a_bucket_to_release_to_and_a_key():
    with pytest.raises(InvalidSettingsError, match=r"PAN_HASH_KEY_SECRET_ID.*RAW_BUCKET"):
        InboxSettings.from_environment({"INBOX_BUCKET": "b"})


@pytest.mark.parametrize("secret", ["a key", b"a key"])
def test_the_key_is_bytes_however_it_is_stored(monkeypatch, secret):
    monkeypatch.setattr(parameters, "get_secret", lambda name, max_age: secret)

    assert adapter.hash_key("name") == b"a key"
