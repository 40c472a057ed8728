"""The registry root: what must exist before the first deployment of an account.

Its state is kept in a bucket that it makes itself, so the first apply keeps the state in a file
and moves it there at once. An interrupted first apply leaves the file, and is taken up where it
stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fleet.errors import FleetError
from fleet.release.infrastructure import REGISTRY_FOLDER, terraform

# Terraform merges files of such a name over the others.
OVERRIDE = "first_apply_override.tf"
LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
STATE = "terraform.tfstate"


def apply(
    state_bucket: str,
    *,
    bucket_exists: bool,
    confirm: Callable[[str], bool],
    folder: Path = REGISTRY_FOLDER,
) -> None:
    """Plan the registry root, ask, and apply it. Raises FleetError if that is refused."""
    override = folder / OVERRIDE
    local = not bucket_exists or (folder / STATE).exists()
    backend = ["-backend-config=registry.s3.tfbackend", f"-backend-config=bucket={state_bucket}"]
    plan = folder / ".terraform" / "release.plan"
    try:
        if local:
            override.write_text(LOCAL_BACKEND)
        terraform(folder, "init", "-input=false", "-reconfigure", *([] if local else backend))
        terraform(folder, "plan", "-input=false", "-var-file=registry.tfvars", f"-out={plan}")
        if not confirm("Apply this plan to the registry?"):
            raise FleetError("not confirmed; nothing was changed")
        terraform(folder, "apply", "-input=false", str(plan))
    finally:
        override.unlink(missing_ok=True)
        plan.unlink(missing_ok=True)
    if local:
        terraform(folder, "init", "-input=false", "-migrate-state", "-force-copy", *backend)
        (folder / STATE).unlink(missing_ok=True)
        (folder / f"{STATE}.backup").unlink(missing_ok=True)
