from __future__ import annotations

from pathlib import Path

import pytest

from terraform.offline import Project, copy_project, require_offline_providers, require_terraform


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the project, with or without providers that make nothing."""
    require_terraform()
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="module")
def offline_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project, for plans and applies that reach no AWS account."""
    require_offline_providers()
    return copy_project(tmp_path_factory.mktemp("terraform") / "project")
