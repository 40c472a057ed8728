# Every function with its environment and permissions.

# Checks in ECR that the image exists, and that tag and digest belong together.
data "aws_ecr_image" "this" {
  for_each = toset([
    for what in local.deployments : local.owners[what.function]
    if what.package_type == "image" && contains(keys(var.images), local.owners[what.function])
  ])

  repository_name = "${local.project}/${each.key}"
  image_tag       = split("@", var.images[each.key])[0]
  image_digest    = split("@", var.images[each.key])[1]
}

locals {
  arn_start = "arn:${data.aws_partition.current.partition}"
  arn_place = "${var.region}:${data.aws_caller_identity.current.account_id}"

  state_machine_arns = {
    for machine in keys(local.state_machines) : machine => "${local.arn_start}:states:${local.arn_place}:stateMachine:${local.prefix}-${machine}"
  }
  boundary_arn = "${local.arn_start}:iam::${data.aws_caller_identity.current.account_id}:policy/${local.project}-boundary"

  environments = {
    for name, uses in local.uses : name => merge(
      { POWERTOOLS_METRICS_NAMESPACE = local.prefix },
      local.functions[name].environment,
      { for consumer in keys(local.queues_of) : "DEAD_LETTER_QUEUE_URL" => module.dead_letters[consumer].url if consumer == name },
      { for consumer, queues in local.queues_of : "MAX_RECEIVES" => tostring(min([for queue in queues : local.consumers[queue].max_receive_count]...)) if consumer == name },
      { for bucket in distinct(concat(uses.read_buckets, uses.write_buckets, uses.inspect_buckets)) : "${upper(replace(bucket, "-", "_"))}_BUCKET" => module.bucket[bucket].name },
      { for queue in distinct(concat(uses.receive_queues, uses.send_queues)) : "${upper(replace(queue, "-", "_"))}_QUEUE_URL" => module.queue[queue].url },
      { for table in distinct(concat(uses.read_tables, uses.write_tables)) : "${upper(replace(table, "-", "_"))}_TABLE" => module.table[table].name },
      { for secret in uses.secrets : "${upper(replace(secret, "-", "_"))}_SECRET_ID" => "${local.prefix}-${secret}" },
      { for parameter in uses.parameters : "${upper(replace(parameter, "-", "_"))}_PARAMETER" => "/${local.project}/${var.environment}/${parameter}" },
      { for machine in uses.state_machines : "${upper(replace(machine, "-", "_"))}_STATE_MACHINE_ARN" => local.state_machine_arns[machine] },
      { for called in uses.functions : "${upper(replace(called, "-", "_"))}_FUNCTION" => "${local.prefix}-${local.serving[called]}:live" },
    )
  }

  invokers = {
    for name, function in local.functions : name => merge(
      {
        for rule, trigger in local.schedules : "schedule-${trigger.number}" => {
          principal  = "events.amazonaws.com"
          source_arn = aws_cloudwatch_event_rule.this[rule].arn
        } if trigger.function == name
      },
      {
        for use in ["http-api"] : use => {
          principal  = "apigateway.amazonaws.com"
          source_arn = "${module.http_api[0].execution_arn}/*"
        } if length(local.routes) > 0 && contains(concat(values(local.routes)[*].function, [local.authorizer]), name)
      },
    )
  }
}

module "function" {
  source   = "./modules/container-function"
  for_each = local.deployments

  name         = "${local.prefix}-${each.key}"
  description  = local.functions[each.value.function].description
  package_type = each.value.package_type
  image = each.value.package_type == "image" && contains(keys(var.images), local.owners[each.value.function]) ? {
    uri          = data.aws_ecr_image.this[local.owners[each.value.function]].image_uri
    architecture = regex("-(x86_64|arm64)@", var.images[local.owners[each.value.function]])[0]
  } : null
  zip     = each.value.package_type == "zip" ? lookup(var.zips, local.owners[each.value.function], null) : null
  runtime = var.zip_runtime
  handler = local.functions[each.value.function].handler

  architecture            = local.functions[each.value.function].architecture
  memory_mb               = local.functions[each.value.function].memory_mb
  timeout_s               = local.functions[each.value.function].timeout_s
  ephemeral_storage_mb    = local.functions[each.value.function].ephemeral_storage_mb
  snapstart               = local.functions[each.value.function].snapstart
  reserved_concurrency    = local.functions[each.value.function].reserved_concurrency
  provisioned_concurrency = local.functions[each.value.function].provisioned_concurrency
  environment             = merge({ POWERTOOLS_SERVICE_NAME = "${local.prefix}-${each.key}" }, local.environments[each.value.function])

  async = anytrue([for trigger in values(local.schedules) : trigger.function == each.value.function]) ? {
    retries = local.functions[each.value.function].async_retries
  } : null

  access = {
    read_buckets    = [for bucket in local.uses[each.value.function].read_buckets : module.bucket[bucket].arn]
    inspect_buckets = [for bucket in local.uses[each.value.function].inspect_buckets : module.bucket[bucket].arn]
    write_buckets   = [for bucket in local.uses[each.value.function].write_buckets : module.bucket[bucket].arn]
    receive_queues  = [for queue in distinct(concat(local.uses[each.value.function].receive_queues, local.uses[each.value.function].consumed)) : module.queue[queue].arn]
    send_queues = concat(
      [for queue in local.uses[each.value.function].send_queues : module.queue[queue].arn],
      [for consumer in keys(local.queues_of) : module.dead_letters[consumer].arn if consumer == each.value.function],
    )
    read_tables  = [for table in local.uses[each.value.function].read_tables : module.table[table].arn]
    write_tables = [for table in local.uses[each.value.function].write_tables : module.table[table].arn]
    # Of a function that moves, both: versions that are live still call the one they know.
    functions      = [for deployment, what in local.deployments : "${local.arn_start}:lambda:${local.arn_place}:function:${local.prefix}-${deployment}:live" if contains(local.uses[each.value.function].functions, what.function)]
    state_machines = [for machine in local.uses[each.value.function].state_machines : local.state_machine_arns[machine]]
    secrets        = [for secret in local.uses[each.value.function].secrets : data.aws_secretsmanager_secret.this[secret].arn]
    parameters     = [for parameter in local.uses[each.value.function].parameters : "${local.arn_start}:ssm:${local.arn_place}:parameter/${local.project}/${var.environment}/${parameter}"]
  }
  permissions_boundary_arn = local.boundary_arn
  invokers                 = local.invokers[each.value.function]

  log_level          = var.log_level
  log_retention_days = var.log_retention_days
  alarms             = local.functions[each.value.function].alarms
  alarm_topic_arn    = module.observability.topic_arn
  failure_metrics = {
    namespace = local.prefix
    names     = local.failure_metrics[each.value.function]
  }

  vpc = var.vpc == null ? null : {
    subnet_ids         = module.network[0].subnet_ids
    security_group_ids = [module.network[0].function_security_group_id]
  }
}
