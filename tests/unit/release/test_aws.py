"""What is asked of AWS, and what is made of its answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.stub import Stubber

from fleet.errors import FleetError
from fleet.release.aws import Aws
from fleet.release.cloud import FailureMetric

MESSAGES = FailureMetric("shop-dev", "MessagesFailed", "shop-dev-first", "7")
REQUESTS = FailureMetric("shop-dev", "RequestsFailed", "shop-dev-first", "7")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    return Aws("us-east-1")


def test_totals_add_up_minutes_and_pages(aws: Aws) -> None:
    asked = {
        "StartTime": datetime(2026, 1, 1, tzinfo=UTC),
        "EndTime": datetime(2026, 1, 1, 0, 5, tzinfo=UTC),
        "MetricDataQueries": [
            {
                "Id": f"m{index}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "shop-dev",
                        "MetricName": name,
                        "Dimensions": [
                            {"Name": "service", "Value": "shop-dev-first"},
                            {"Name": "function_version", "Value": "7"},
                        ],
                    },
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
            for index, name in enumerate(("MessagesFailed", "RequestsFailed"))
        ],
    }
    with Stubber(aws._cloudwatch) as stub:
        first = {"MetricDataResults": [{"Id": "m0", "Values": [1.0, 2.0]}], "NextToken": "more"}
        last = {"MetricDataResults": [{"Id": "m0", "Values": [4.0]}, {"Id": "m1", "Values": []}]}
        stub.add_response("get_metric_data", first, asked)
        stub.add_response("get_metric_data", last, {**asked, "NextToken": "more"})

        totals = aws.totals([MESSAGES, REQUESTS], 1_767_225_600, 1_767_225_900)

    assert totals == {MESSAGES: 7.0, REQUESTS: 0.0}


def test_a_refusal_is_a_message(aws: Aws) -> None:
    with Stubber(aws._cloudwatch) as stub:
        stub.add_client_error("get_metric_data", "AccessDenied", "not authorized")
        with pytest.raises(FleetError, match="not authorized"):
            aws.totals([MESSAGES], 0, 60)
