# What starts the functions. Everything goes to the alias `live` of the function that serves, so that
# a function which moves between zip and image takes its triggers along by an update in place.

resource "aws_s3_bucket_notification" "this" {
  for_each = { for trigger in local.notifications : trigger.bucket => trigger... if contains(keys(local.buckets), trigger.bucket) }

  bucket = module.bucket[each.key].name

  dynamic "queue" {
    for_each = [for trigger in each.value : trigger if contains(keys(local.queues), trigger.queue)]

    content {
      id            = "${queue.value.queue}:${queue.value.prefix}*${queue.value.suffix}"
      queue_arn     = module.queue[queue.value.queue].arn
      events        = ["s3:ObjectCreated:*"]
      filter_prefix = queue.value.prefix
      filter_suffix = queue.value.suffix
    }
  }
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = local.consumers

  event_source_arn        = module.queue[each.key].arn
  function_name           = module.function[local.serving[each.value.function]].alias_arn
  batch_size              = each.value.batch_size
  function_response_types = ["ReportBatchItemFailures"]

  dynamic "scaling_config" {
    for_each = local.queues[each.key].max_concurrency[*]

    content {
      maximum_concurrency = scaling_config.value
    }
  }

  lifecycle {
    precondition {
      condition     = coalesce(local.queues[each.key].max_concurrency, 0) <= coalesce(local.functions[each.value.function].reserved_concurrency, 1000)
      error_message = "Queue ${each.key} has max_concurrency ${coalesce(local.queues[each.key].max_concurrency, 0)}, its consumer ${each.value.function} reserved_concurrency ${coalesce(local.functions[each.value.function].reserved_concurrency, 1000)}: what is above would be throttled into the dead-letter queue. Lower the first or raise the second."
    }
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.schedules

  name                = "${local.prefix}-${each.key}"
  description         = "Invokes ${each.value.function}"
  schedule_expression = each.value.expression
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.schedules

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "function"
  arn       = module.function[local.serving[each.value.function]].alias_arn
}

module "http_api" {
  source = "./modules/http-api"
  count  = length(local.routes) > 0 ? 1 : 0

  name       = local.prefix
  routes     = { for route, trigger in local.routes : route => { function = trigger.function, authorized = trigger.authorized } }
  authorizer = try(contains(keys(local.functions), local.authorizer), false) ? local.authorizer : null
  invoke_arns = {
    for name in keys(local.functions) : name => module.function[local.serving[name]].alias_invoke_arn
  }
  throttling         = { rate_limit = var.http_api.rate_limit, burst_limit = var.http_api.burst_limit }
  cors               = var.http_api.cors
  log_retention_days = var.log_retention_days
  alarm_topic_arn    = module.observability.topic_arn
}
