"""The function on a storage in memory, and prod tables beside their computation in SQL."""

from __future__ import annotations

from types import ModuleType

import pytest

import functions
from curated_to_prod.settings import Settings
from data_plane import data_sets, made_up
from data_plane.sql import Second, published


@pytest.fixture
def settings() -> Settings:
    return Settings.from_environment(functions.environment("curated-to-prod"))


@pytest.fixture
def handler_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return functions.load_in_environment("curated-to-prod", monkeypatch)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Second:
    return Second(published(made_up.shop()), tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def payments(tmp_path_factory: pytest.TempPathFactory) -> Second:
    return Second(published(made_up.payments()), tmp_path_factory.mktemp("payments"))


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Second:
    return Second(published(made_up.market()), tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="session")
def countries(tmp_path_factory: pytest.TempPathFactory) -> Second:
    return Second(published(made_up.countries()), tmp_path_factory.mktemp("countries"))


@pytest.fixture(scope="session")
def online_retail(tmp_path_factory: pytest.TempPathFactory) -> Second:
    tables = data_sets.online_retail()
    return Second(published([tables]), tmp_path_factory.mktemp("online-retail"))


@pytest.fixture(scope="session")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Second:
    tables = data_sets.card_transactions()
    return Second(published([tables]), tmp_path_factory.mktemp("cards"))
