# Where alarms go, one dashboard, and a budget.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:CloudWatch and Budgets cannot publish under the key alias/aws/sns; messages name alarms only
  name = "${var.name}-alarms"
}

data "aws_iam_policy_document" "alarms" {
  statement {
    sid       = "AlarmsAndBudgets"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms.json
}

resource "aws_sns_topic_subscription" "mail" {
  for_each = toset(var.alarm_emails)

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_budgets_budget" "this" {
  count = var.budget != null ? 1 : 0

  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.budget.usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "TagKeyValue"
    values = ["user:${var.budget.tag}"]
  }

  dynamic "notification" {
    for_each = { FORECASTED = 100, ACTUAL = 80 }

    content {
      notification_type         = notification.key
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
    }
  }

  depends_on = [aws_sns_topic_policy.alarms]
}

locals {
  of_functions = {
    for metric, statistic in {
      Invocations          = "Sum"
      Errors               = "Sum"
      Throttles            = "Sum"
      Duration             = "p99"
      ConcurrentExecutions = "Maximum"
      } : "Functions: ${metric} (${statistic})" => {
      stat    = statistic
      metrics = [for function in var.functions : ["AWS/Lambda", metric, "FunctionName", function]]
    }
  }
  of_queues = {
    "Queues: age of the oldest message (s)" = {
      stat    = "Maximum"
      metrics = [for queue in var.queues : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue]]
    }
    "Queues: messages that wait" = {
      stat    = "Maximum"
      metrics = [for queue in var.queues : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]]
    }
    "Dead-letter queues: messages" = {
      stat    = "Maximum"
      metrics = [for queue in var.dead_letters : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]]
    }
  }
  of_api = {
    "HTTP API: requests and errors" = {
      stat    = "Sum"
      metrics = [for pair in setproduct(var.api_ids, ["Count", "4xx", "5xx"]) : ["AWS/ApiGateway", pair[1], "ApiId", pair[0]]]
    }
    "HTTP API: latency (p99, ms)" = {
      stat    = "p99"
      metrics = [for id in var.api_ids : ["AWS/ApiGateway", "Latency", "ApiId", id]]
    }
  }
  charts = merge(
    local.of_functions,
    { for title, chart in local.of_queues : title => chart if length(chart.metrics) > 0 },
    { for title, chart in local.of_api : title => chart if length(var.api_ids) > 0 },
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [
      for index, title in keys(local.charts) : {
        type   = "metric"
        x      = index % 2 * 12
        y      = floor(index / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = title
          region  = data.aws_region.current.region
          stat    = local.charts[title].stat
          period  = 300
          metrics = local.charts[title].metrics
        }
      }
    ]
  })
}
