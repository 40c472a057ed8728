"""The environment of compliance-guardian-batch."""

import pytest

from compliance_guardian.adapter import BatchSettings
from lambda_app.settings import InvalidSettingsError


def test_both_buckets_are_needed():
    with pytest.raises(InvalidSettingsError, match="RAW_BUCKET is not set"):
        BatchSettings.from_environment({"INSIGHTS_BUCKET": "b"})
