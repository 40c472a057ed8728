"""No number reaches the log."""

import json

from compliance_guardian import private_logs

NUMBER = "4539578763621486"


def test_every_member_of_a_line_is_redacted():
    line = {
        "message": f"card {NUMBER}",
        "extra": {NUMBER: [int(NUMBER)]},
        "error": ValueError(NUMBER),
    }

    written = private_logs._serialised(line)

    assert NUMBER not in written
    assert json.loads(written)["message"] == "card 453957******1486"


def test_it_is_installed_in_the_logger():
    from lambda_app.observability import logger

    private_logs.install()

    assert logger.registered_formatter.json_serializer is private_logs._serialised
