from __future__ import annotations

import pytest

from terraform.offline import Project, copy_project, require_offline_providers


@pytest.fixture(scope="module")
def offline_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project, for plans and applies that reach no AWS account."""
    require_offline_providers()
    return copy_project(tmp_path_factory.mktemp("terraform") / "project")
