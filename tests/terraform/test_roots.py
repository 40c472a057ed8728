"""Format, validity and Terraform's own tests of both roots."""

from __future__ import annotations

import pytest

from terraform.offline import Project

SCRIPT = "terraform fmt -check -diff -recursive && terraform validate -no-color && {test}"


@pytest.mark.parametrize("root", ["terraform", "terraform/registry"])
def test_root(project: Project, root: str) -> None:
    done = project.run(root, SCRIPT.format(test="terraform test -no-color"))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Success!" in done.stdout
    assert " 0 failed" in done.stdout
