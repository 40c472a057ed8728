"""Logger, metrics and tracer, made once from Powertools' own environment variables.

POWERTOOLS_SERVICE_NAME and POWERTOOLS_METRICS_NAMESPACE come from the catalogue, so no function
names itself in code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambda_app.containment import contained

Handler: TypeAlias = Callable[[dict[str, Any], LambdaContext], Any]

logger = Logger()
metrics = Metrics()
tracer = Tracer(patch_modules=["botocore"])


def observed(handler: Handler) -> Handler:
    """Decorate a Lambda handler: logs with the request's context, metrics flushed, a trace.

    A panic of a Rust library fails the invocation with a PanicError.
    """
    traced = tracer.capture_lambda_handler(contained()(handler), capture_response=False)
    measured = metrics.log_metrics(traced)
    logged: Handler = logger.inject_lambda_context(measured)
    return logged


def count(name: str, value: float = 1) -> None:
    """Add to a metric of this invocation, by service."""
    metrics.add_metric(name, MetricUnit.Count, value)


def count_failures(context: LambdaContext, **counts: int) -> None:
    """Emit those counts that are not 0, by service and by service and function version.

    Lambda counts an invocation that answers with failed messages, or with an HTTP error, as a
    success. So the function's alarm reads these metrics by service, and a release reads them by
    version.
    """
    counts = {name: value for name, value in counts.items() if value}
    if not counts:
        return
    # Apart from `metrics`, whose values would otherwise all be stored by version too.
    failures = EphemeralMetrics()
    failures.add_dimensions(service=logger.service, function_version=context.function_version)
    for name, value in counts.items():
        failures.add_metric(name, MetricUnit.Count, value)
    failures.flush_metrics()
