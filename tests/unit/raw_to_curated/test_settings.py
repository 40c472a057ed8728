from __future__ import annotations

import pytest

from lambda_app.settings import InvalidSettingsError
from raw_to_curated.settings import Settings


def test_a_missing_variable_is_named() -> None:
    environment = {"RAW_BUCKET": "r", "CURATED_BUCKET": "c"}
    with pytest.raises(InvalidSettingsError, match="QUARANTINE_BUCKET"):
        Settings.from_environment(environment)
