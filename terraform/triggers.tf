# What starts the functions. Everything goes to the alias `live` of the function that serves, so that
# a function which moves between zip and image keeps its triggers, which are updated in place.

locals {
  # One EventBridge rule for each trigger, so that any number of functions can read one prefix.
  rules = merge(
    {
      for name, trigger in local.s3_triggers : name => {
        description         = "Sends events of objects created in ${trigger.bucket} to the queue of ${trigger.function}"
        schedule_expression = null
        event_pattern = jsonencode({
          source      = ["aws.s3"]
          detail-type = ["Object Created"]
          detail = merge(
            { bucket = { name = [module.bucket[trigger.bucket].name] } },
            # Prefix and suffix in one wildcard: EventBridge matches a key that meets either of two conditions.
            {
              for key in ["${local.literals[trigger.prefix]}*${local.literals[trigger.suffix]}"] :
              "object" => { key = [{ wildcard = key }] } if key != "*"
            },
          )
        })
      }
    },
    {
      for name, schedule in local.schedules : name => {
        description         = "Invokes ${schedule.function}"
        schedule_expression = schedule.expression
        event_pattern       = null
      }
    },
  )
  targets = merge(
    { for name in keys(local.s3_triggers) : name => { id = "queue", arn = module.queue[name].arn, max_age_s = 86400 } },
    # A scheduled run that is an hour late is of no use.
    { for name, schedule in local.schedules : name => { id = "function", arn = module.function[local.serving[schedule.function]].alias_arn, max_age_s = 3600 } },
  )
  # Prefixes and suffixes, escaped so that a wildcard matches them literally.
  literals = {
    for part in distinct(flatten([for trigger in local.s3_triggers : [trigger.prefix, trigger.suffix]])) :
    part => replace(part, "/([\\\\*])/", "\\$1")
  }
  # EventBridge counts failed deliveries and, separately, events that reached no dead-letter queue either.
  rule_alarms = {
    failed = { metric = "FailedInvocations", advice = "the target accepted no events; ${local.prefix}-${local.undelivered_events} keeps them with the error" }
    lost   = { metric = "InvocationsFailedToBeSentToDlq", advice = "events were lost, because ${local.prefix}-${local.undelivered_events} refused them too; check its policy" }
  }
}

# S3 sends all events of a bucket to EventBridge; the rules select.
resource "aws_s3_bucket_notification" "this" {
  for_each = toset([for trigger in local.s3_triggers : trigger.bucket])

  bucket      = module.bucket[each.key].name
  eventbridge = true
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name                = "${local.prefix}-${each.key}"
  description         = each.value.description
  event_pattern       = each.value.event_pattern
  schedule_expression = each.value.schedule_expression
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.targets

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = each.value.id
  arn       = each.value.arn

  retry_policy {
    maximum_event_age_in_seconds = each.value.max_age_s
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = module.undelivered_events[0].arn
  }
}

resource "aws_cloudwatch_metric_alarm" "rule" {
  for_each = { for pair in setproduct(keys(local.rules), keys(local.rule_alarms)) : join("-", pair) => { rule = pair[0], kind = pair[1] } }

  alarm_name          = "${local.prefix}-${each.key}"
  alarm_description   = "Rule ${local.prefix}-${each.value.rule}: ${local.rule_alarms[each.value.kind].advice}."
  namespace           = "AWS/Events"
  metric_name         = local.rule_alarms[each.value.kind].metric
  dimensions          = { RuleName = aws_cloudwatch_event_rule.this[each.value.rule].name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.observability.topic_arn]
  ok_actions          = [module.observability.topic_arn]
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = local.consumers

  event_source_arn                   = module.queue[each.key].arn
  function_name                      = module.function[local.serving[each.value.function]].alias_arn
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.batch_window_s
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = each.value.max_concurrency
  }

  lifecycle {
    precondition {
      condition     = each.value.batch_size <= 10 || each.value.batch_window_s >= 1
      error_message = "Queue ${each.key} of ${each.value.function} has batch_size ${each.value.batch_size}: a batch of more than 10 needs time to fill. Set batch_window_s to 1 or more."
    }
  }
}

module "http_api" {
  source = "./modules/http-api"
  count  = length(local.routes) > 0 ? 1 : 0

  name       = local.prefix
  routes     = { for route, trigger in local.routes : route => { function = trigger.function, authorized = trigger.open != true } }
  authorizer = try(contains(keys(local.functions), local.authorizer), false) ? local.authorizer : null
  invoke_arns = {
    for name in keys(local.functions) : name => module.function[local.serving[name]].alias_invoke_arn
  }
  throttling         = { rate_limit = var.http_api.rate_limit, burst_limit = var.http_api.burst_limit }
  cors               = var.http_api.cors
  log_retention_days = var.log_retention_days
  alarm_topic_arn    = module.observability.topic_arn
}
