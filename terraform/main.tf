# One environment of the project, made from the catalogue.

module "bucket" {
  source   = "./modules/bucket"
  for_each = local.buckets

  # Bucket names are shared by all AWS accounts.
  name                    = "${local.prefix}-${each.key}-${data.aws_caller_identity.current.account_id}"
  noncurrent_version_days = var.noncurrent_version_days
  expire_days             = lookup(local.expire_days, each.key, {})
  force_destroy           = var.disposable
}

module "dead_letters" {
  source   = "./modules/dead-letter-queue"
  for_each = local.queues_of

  name = "${local.prefix}-${each.key}-dlq"
  # By name: SQS checks this list when it makes the source queues.
  source_queue_arns = [for queue in each.value : "${local.arn_start}:sqs:${local.arn_place}:${local.prefix}-${queue}"]
  advice            = "${each.key} could not process them: read their ErrorMessage, fix the cause, then redrive them."
  alarm_topic_arn   = module.observability.topic_arn
}

module "undelivered_events" {
  source = "./modules/dead-letter-queue"
  count  = length(local.rules) > 0 ? 1 : 0

  name            = "${local.prefix}-${local.undelivered_events}"
  rule_arns       = [for rule in aws_cloudwatch_event_rule.this : rule.arn]
  advice          = "EventBridge could not deliver them: read RULE_ARN and ERROR_MESSAGE of each, fix the cause, then send its body to TARGET_ARN."
  alarm_topic_arn = module.observability.topic_arn
}

module "queue" {
  source   = "./modules/queue"
  for_each = toset(concat(keys(local.queues), keys(local.s3_triggers)))

  name = "${local.prefix}-${each.key}"
  # AWS recommends six times the consumer's timeout plus the batching window, as room for throttled retries.
  visibility_timeout_s = contains(keys(local.consumers), each.key) ? 6 * local.functions[local.consumers[each.key].function].timeout_s + local.consumers[each.key].batch_window_s : 30
  redrive = contains(keys(local.consumers), each.key) ? {
    dead_letter_arn   = module.dead_letters[local.consumers[each.key].function].arn
    max_receive_count = local.consumers[each.key].max_receive_count
  } : null
  rule_arn        = contains(keys(local.s3_triggers), each.key) ? aws_cloudwatch_event_rule.this[each.key].arn : null
  alarm_topic_arn = module.observability.topic_arn
}

module "table" {
  source   = "./modules/table"
  for_each = local.tables

  name                = "${local.prefix}-${each.key}"
  partition_key       = each.value.partition_key
  sort_key            = each.value.sort_key
  ttl_attribute       = each.value.ttl_attribute
  deletion_protection = !var.disposable
}

# Secrets and parameters are made by hand, so that no value of theirs is in a file or in the state.
data "aws_secretsmanager_secret" "this" {
  for_each = local.secrets

  name = "${local.prefix}-${each.key}"
}

module "state_machine" {
  source   = "./modules/state-machine"
  for_each = local.state_machines

  name = "${local.prefix}-${each.key}"
  definition = templatefile("${dirname(var.catalogue)}/${each.value.definition}", merge(
    {
      for name in each.value.invokes :
      "${replace(name, "-", "_")}_arn" => contains(keys(local.functions), name) ? module.function[local.serving[name]].alias_arn : "undeclared"
    },
    {
      for name in distinct(concat(each.value.reads.buckets, each.value.writes.buckets)) :
      "${replace(name, "-", "_")}_bucket" => contains(keys(local.buckets), name) ? module.bucket[name].name : "undeclared"
    },
  ))
  # Of a function that moves, both: executions that run still invoke the one they know.
  function_arns            = [for deployment, what in local.deployments : module.function[deployment].alias_arn if contains(each.value.invokes, what.function)]
  read_bucket_arns         = [for name in each.value.reads.buckets : module.bucket[name].arn if contains(keys(local.buckets), name)]
  write_bucket_arns        = [for name in each.value.writes.buckets : module.bucket[name].arn if contains(keys(local.buckets), name)]
  permissions_boundary_arn = local.boundary_arn
  log_retention_days       = var.log_retention_days
  alarm_topic_arn          = module.observability.topic_arn
}

module "network" {
  source = "./modules/network"
  count  = var.vpc != null ? 1 : 0

  name  = local.prefix
  cidr  = var.vpc.cidr
  zones = var.vpc.zones
  interface_endpoints = toset([
    for service, needed in {
      xray           = true
      sqs            = length(local.queues) + length(local.s3_triggers) > 0
      states         = length(flatten([for uses in local.uses : uses.state_machines])) > 0
      lambda         = length(flatten(values(local.functions)[*].calls)) > 0
      secretsmanager = length(local.secrets) > 0
      ssm            = length(local.parameters) > 0
    } : service if needed
  ])
}

module "observability" {
  source = "./modules/observability"

  name         = local.prefix
  alarm_emails = var.alarm_emails
  budget       = var.monthly_budget_usd == null ? null : { usd = var.monthly_budget_usd, tag = format("Stack$%s", local.prefix) }
  functions    = [for deployment in keys(local.deployments) : "${local.prefix}-${deployment}"]
  queues       = values(module.queue)[*].name
  dead_letters = concat(values(module.dead_letters)[*].name, module.undelivered_events[*].name)
  api_ids      = module.http_api[*].id
}
