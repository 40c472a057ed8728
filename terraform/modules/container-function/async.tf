# A queue keeps asynchronous invocations (schedules) that still fail after their retries.

resource "aws_sqs_queue" "failures" {
  count = var.async != null ? 1 : 0

  name                      = "${var.name}-failures"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_lambda_function_event_invoke_config" "live" {
  count = var.async != null ? 1 : 0

  function_name                = aws_lambda_function.this.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_retry_attempts       = var.async.retries
  maximum_event_age_in_seconds = var.async.max_age_s

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures[0].arn
    }
  }
}
