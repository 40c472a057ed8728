"""Smoke tests fail for the right reason: every bad handler is told apart."""

import json

import pytest

from fleet.errors import FleetError
from fleet.images.events import Event
from fleet.images.smoke import smoke

pytestmark = pytest.mark.docker

OK = {"response": {"ok": True}}


def run(make_image, body, expect=OK, event=None, **limits):
    catalogue, image = make_image(body, **limits)
    sample = Event.model_validate({"description": "test", "event": event or {}, "expect": expect})
    return smoke(catalogue, image, image.name, "test", sample, None)


def handler(*lines: str, before: str = "") -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f"{before}\ndef lambda_handler(event, context):\n{body}\n    return {{'ok': True}}\n"


def test_a_good_handler_passes_and_is_measured(make_image):
    outcome = run(make_image, handler("pass"))

    assert outcome.failures == []
    assert outcome.init_ms > 0
    assert outcome.duration_ms > 0
    assert outcome.peak_mb > 1


BAD = {
    "broken": (handler(before="import does_not_exist"), {},
               "Runtime.ImportModuleError: Unable to import module"),
    "raising": (handler("raise ValueError('boom')"), {}, "the handler failed: ValueError: boom"),
    "wrong answer": (handler("return {'ok': False}"), {}, "response.ok is False, expected True"),
    "slow": (handler("import time; time.sleep(60)"), {"timeout_s": 1},
             "Task timed out after 1.00 seconds: timeout_s = 1"),
    "tmp filling": (handler("open('/tmp/a', 'wb').write(bytes(600_000_000))"),
                    {"memory_mb": 2048}, "No space left on device (the disk is full; raise"),
    "root writing": (handler("open('/var/task/a', 'w')"), {},
                     "(in Lambda only /tmp can be written to)"),
    "out of memory": (handler("held = bytearray(400_000_000)"), {"memory_mb": 256},
                      "out of memory: killed at memory_mb = 256"),
    "slow to initialise": (handler(before="import time; time.sleep(0.3)"),
                           {"budgets": {"image_mb": 1000, "init_ms": 200}},
                           "over its budget of 200 ms"),
    "large answer": (handler("return {'ok': True, 'x': 'x' * 7_000_000}"), {},
                     "Function.ResponseSizeTooLarge"),
    "not JSON": (handler("return {1, 2}"), {}, "Runtime.MarshalError"),
    "shared memory": (handler("import multiprocessing; multiprocessing.Queue()"), {},
                      "the handler failed: "),
    "exiting": (handler("import os; os._exit(3)"), {}, "Runtime.ExitError"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_handler_fails_with_its_reason(make_image, case):
    body, limits, message = BAD[case]

    outcome = run(make_image, body, **limits)

    assert len(outcome.failures) == 1
    assert message in outcome.failures[0]


def test_a_large_event_is_refused_before_it_is_cut(make_image):
    outcome = run(make_image, handler("pass"), event={"x": "x" * 7_000_000})

    assert "Lambda takes 6,291,456" in outcome.failures[0]


def test_an_unknown_placeholder_is_refused(make_image):
    with pytest.raises(FleetError, match=r"\$\{NO_SUCH\} is not in the function's environment"):
        run(make_image, handler("pass"), event={"bucket": "${NO_SUCH}"})


def test_runs_limited_as_lambda_limits(make_image):
    body = """
import os, socket

def status(name):
    with open("/proc/self/status") as file:
        return next(line.split()[1] for line in file if line.startswith(name + ":"))

def lambda_handler(event, context):
    tmp = os.statvfs("/tmp")
    return {
        "uid_is_root": os.getuid() == 0,
        "capabilities": int(status("CapEff"), 16),
        "no_new_privileges": status("NoNewPrivs"),
        "interfaces": [name for _, name in socket.if_nameindex() if name == "lo"],
        "tmp_mb": tmp.f_blocks * tmp.f_frsize // 2**20,
        "memory": os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        "remaining_ms": context.get_remaining_time_in_millis() <= 20_000,
    }
"""
    expected = {
        "uid_is_root": False,
        "capabilities": 0,
        "no_new_privileges": "1",
        "interfaces": ["lo"],
        "tmp_mb": 600,
        "memory": "1024",
        "remaining_ms": True,
    }

    outcome = run(make_image, body, {"response": expected}, ephemeral_storage_mb=600)

    assert outcome.failures == []


def test_the_event_arrives_unchanged(make_image):
    event = {"text": "ünïcødé ✓", "nested": [1, 2.5, None, {"a": True}]}
    body = "def lambda_handler(event, context):\n    return event\n"

    outcome = run(make_image, body, {"response": json.loads(json.dumps(event))}, event)

    assert outcome.failures == []
