from __future__ import annotations

import pytest

from curated_to_prod.settings import Settings
from lambda_app.settings import InvalidSettingsError


def test_a_missing_variable_is_named() -> None:
    environment = {"CURATED_BUCKET": "c"}
    with pytest.raises(InvalidSettingsError, match="PROD_BUCKET"):
        Settings.from_environment(environment)
