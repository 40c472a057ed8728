# Errors and duration are those of the alias: they measure what users experience, and a release watches
# them while it moves the alias. The function itself counts failed messages and requests, because an
# invocation that reports them succeeds. The queue's module has the alarm on waiting messages; no function
# reads a stream, so no alarm on iterator age is needed.

locals {
  of_alias = {
    FunctionName = aws_lambda_function.this.function_name
    Resource     = "${aws_lambda_function.this.function_name}:${aws_lambda_alias.live.name}"
  }
  of_function = { FunctionName = aws_lambda_function.this.function_name }

  alarms = merge(local.invocation_alarms, { for key, alarm in local.failure_alarms : key => alarm if contains(var.failure_metrics.names, alarm.metric) })
  invocation_alarms = {
    errors = {
      namespace  = "AWS/Lambda"
      metric     = "Errors"
      statistic  = "Sum"
      threshold  = var.alarms.errors
      dimensions = local.of_alias
      advice     = "Invocations fail: read /aws/lambda/${var.name}; `make rollback` goes back to the version before."
    }
    throttles = {
      namespace  = "AWS/Lambda"
      metric     = "Throttles"
      statistic  = "Sum"
      threshold  = var.alarms.throttles
      dimensions = local.of_function
      advice     = "Invocations are refused: raise reserved_concurrency, or the account's quota."
    }
    duration = {
      namespace  = "AWS/Lambda"
      metric     = "Duration"
      statistic  = "Maximum"
      threshold  = var.timeout_s * 1000 * var.alarms.duration_percent / 100
      dimensions = local.of_alias
      advice     = "An invocation took more than ${var.alarms.duration_percent} % of its ${var.timeout_s} s: find what grew, or raise timeout_s or memory_mb."
    }
  }
  failure_alarms = {
    failed-messages = {
      namespace  = var.failure_metrics.namespace
      metric     = "MessagesFailed"
      statistic  = "Sum"
      threshold  = var.alarms.errors
      dimensions = { service = aws_lambda_function.this.function_name }
      advice     = "Messages fail, and are dead-lettered after their last delivery: read /aws/lambda/${var.name}; `make rollback` goes back to the version before."
    }
    failed-requests = {
      namespace  = var.failure_metrics.namespace
      metric     = "RequestsFailed"
      statistic  = "Sum"
      threshold  = var.alarms.errors
      dimensions = { service = aws_lambda_function.this.function_name }
      advice     = "Requests are answered with status 500: read /aws/lambda/${var.name}; `make rollback` goes back to the version before."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.advice
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "failures" {
  count = var.async != null ? 1 : 0

  alarm_name          = "${var.name}-failures-depth"
  alarm_description   = "Scheduled invocations failed after their retries; ${var.name}-failures holds them with the error."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.failures[0].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
