"""The environments of the functions of demand-insights-engine."""

import pytest

from datalake.s3 import S3Storage
from demand_insights_engine import adapter
from functions import environment
from lambda_app.settings import InvalidSettingsError


@pytest.fixture(autouse=True)
def _forget():
    caches = (adapter.api_settings, adapter.batch_settings, adapter.storage)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def test_the_catalogue_sets_what_each_function_reads(monkeypatch):
    names = ("", "-batch", "-days", "-customers")
    for name in (f"demand-insights-engine{suffix}" for suffix in names):
        for variable, value in environment(name).items():
            monkeypatch.setenv(variable, value)

        assert adapter.api_settings().insights_bucket == "insights"
        assert isinstance(adapter.storage(), S3Storage)
    assert adapter.batch_settings().prod_bucket == "prod"


def test_a_missing_variable_is_named(monkeypatch):
    monkeypatch.delenv("PROD_BUCKET", raising=False)

    with pytest.raises(InvalidSettingsError, match="PROD_BUCKET is not set"):
        adapter.batch_settings()
