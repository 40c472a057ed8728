"""Containers limited as Lambda limits an execution environment.

Read-only root, /tmp of the catalogued size, an arbitrary user without capabilities, the memory,
and the CPU share that Lambda gives for it. /dev/shm exists, as Docker makes one, but nothing can
be written to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from fleet.catalogue import Catalogue, Function, derive
from fleet.emulation import REGION, names

# "At 1,769 MB, a function has the equivalent of one vCPU" (AWS Lambda developer guide).
MB_PER_VCPU = 1769
# An arbitrary user, as Lambda's own is: known to no passwd file.
USER = "993:990"
# Where nothing answers: RFC 2606 keeps .invalid from ever being a name.
NOWHERE = "https://aws.invalid"


def options(
    function: Function, network: str, environment: Mapping[str, str], cpus: int
) -> list[str]:
    """Options of `docker run` for a container of `function`.

    `cpus` is how many the engine has: a share above it cannot be given.
    """
    memory = f"{function.memory_mb}m"
    share = min(function.memory_mb / MB_PER_VCPU, cpus)
    given = [
        "--read-only",
        f"--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,size={function.ephemeral_storage_mb}m",
        "--tmpfs=/dev/shm:ro,size=4k",
        f"--user={USER}",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        f"--memory={memory}",
        f"--memory-swap={memory}",
        f"--cpus={share:.2f}",
        "--pids-limit=1024",
        f"--network={network}",
    ]
    return [*given, *(f"--env={key}={value}" for key, value in environment.items())]


def command(catalogue: Catalogue, name: str) -> list[str]:
    """What replaces the image's CMD: nothing for the owner, whose handler it names."""
    function = catalogue.functions[name]
    return [function.handler] if function.image else []


def environment(
    catalogue: Catalogue, name: str, environment_name: str, endpoint: str | None = None
) -> dict[str, str]:
    """What Lambda sets, and what follows from the catalogue, with the names of `environment_name`.

    `endpoint` is where the SDK finds emulated AWS, whose credentials these are.
    """
    function = catalogue.functions[name]
    return {
        **({"AWS_ENDPOINT_URL": endpoint} if endpoint else {}),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_s),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "TZ": ":UTC",
        **derive.variables(
            catalogue, name, names(catalogue, environment_name, endpoint or NOWHERE)
        ),
    }
