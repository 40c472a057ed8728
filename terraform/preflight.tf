# What no single resource can tell: refused before anything is made.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # Names that the catalogue uses and does not declare.
  undeclared = {
    for kind, names in {
      bucket = flatten([
        [for f in local.functions : [f.reads.buckets, f.writes.buckets, [for t in f.triggers : t.bucket if t.type == "s3"]]],
        [for machine in local.state_machines : [machine.reads.buckets, machine.writes.buckets]],
        keys(local.expire_days),
      ])
      queue     = flatten([for f in local.functions : [f.reads.queues, f.writes.queues, [for t in f.triggers : t.queue if t.type == "queue"]]])
      table     = flatten([for f in local.functions : [f.reads.tables, f.writes.tables]])
      secret    = flatten(values(local.functions)[*].secrets)
      parameter = flatten(values(local.functions)[*].parameters)
      function  = concat(values(local.owners), flatten([values(local.functions)[*].calls, [for machine in local.state_machines : [machine.invokes, machine.started_by]]]), compact([local.authorizer]))
    } : kind => sort(setsubtract(names, keys(local.declared[kind])))
  }
  declared = {
    bucket    = local.buckets
    queue     = local.queues
    table     = local.tables
    secret    = local.secrets
    parameter = local.parameters
    function  = local.functions
  }
  unwired = distinct(flatten([for f in local.functions : [for t in f.triggers : t.type if !contains(["s3", "queue", "schedule", "http"], t.type)]]))
  shared_queues = [
    for queue, triggers in local.readers_of : "${queue} (${join(", ", distinct(triggers[*].function))})" if length(distinct(triggers[*].function)) > 1
  ]
  shared_routes = [
    for route, triggers in local.routes_of : "${route} (${join(", ", triggers[*].function)})" if length(triggers) > 1
  ]
  guarded_routes = [for route, trigger in local.routes : route if trigger.open != true]
  # Names that are derived from a function's name.
  kept_names = [
    for name in concat(keys(local.functions), keys(local.queues)) : name
    if can(regex("^(.*-(dlq|zip|s3-[0-9]+)|${local.undelivered_events})$", name))
  ]
  # The policy of undelivered-events names every rule; SQS takes 8,192 bytes, its other words 700.
  bytes_of_rules = sum(concat([0], [
    for rule in keys(local.rules) : length("${local.arn_start}:events:${local.arn_place}:rule/${local.prefix}-${rule}") + 3
  ]))
  # Consumers whose queues together may invoke them more often at a time than reserved.
  throttled = [
    for name, queues in local.queues_of :
    "${name} has reserved_concurrency ${local.functions[name].reserved_concurrency}, its queues (${join(", ", queues)}) max_concurrency ${sum([for queue in queues : local.consumers[queue].max_concurrency])} in all"
    if sum([for queue in queues : local.consumers[queue].max_concurrency]) > coalesce(local.functions[name].reserved_concurrency, 10000)
  ]
  # Functions that own an image.
  images = distinct(values(local.owners))
}

resource "terraform_data" "preflight" {
  lifecycle {
    precondition {
      condition     = var.account_id == null || var.account_id == data.aws_caller_identity.current.account_id
      error_message = "The credentials lead to account ${data.aws_caller_identity.current.account_id}, ${var.environment} belongs to ${coalesce(var.account_id, "any")}: choose the right AWS_PROFILE."
    }

    precondition {
      condition     = alltrue([for names in values(local.undeclared) : length(names) == 0])
      error_message = "The catalogue uses what it does not declare: ${join("; ", [for kind, names in local.undeclared : "${kind} ${join(", ", names)}" if length(names) > 0])}. Declare it there, or correct the name."
    }

    precondition {
      condition     = length(local.unwired) == 0
      error_message = "Nothing here wires triggers of type ${join(", ", local.unwired)}: use s3, queue, schedule or http, or add the type to triggers.tf."
    }

    precondition {
      condition     = length(local.shared_queues) == 0
      error_message = "A queue has one consumer, two would each see a random half of its messages: ${join("; ", local.shared_queues)}. Give each function a queue of its own."
    }

    precondition {
      condition     = length(local.throttled) == 0
      error_message = "${join("; ", local.throttled)}: Lambda would throttle messages into the dead-letter queue. Raise the first or lower the second."
    }

    precondition {
      condition     = length(local.shared_routes) == 0
      error_message = "A route has one function: ${join("; ", local.shared_routes)}. Change one of the routes."
    }

    precondition {
      condition     = length(local.guarded_routes) == 0 || local.authorizer != null
      error_message = "The catalogue has no authorizer for the authorized routes ${join(", ", local.guarded_routes)}: name a function as `authorizer:` at its top, or write open: true for a route that anyone may call."
    }

    precondition {
      condition     = length(local.kept_names) == 0
      error_message = "Names that end in -dlq, -zip or -s3-<number>, and ${local.undelivered_events}, are reserved: rename ${join(", ", local.kept_names)}."
    }

    precondition {
      condition     = local.bytes_of_rules <= 7400
      error_message = "The ${length(local.rules)} triggers of types s3 and schedule do not fit into the policy of ${local.undelivered_events}, which may have 8,192 bytes: use fewer or wider prefixes."
    }

    precondition {
      condition     = length(setsubtract(keys(var.images), local.images)) == 0
      error_message = "images names functions that own no image: ${join(", ", setsubtract(keys(var.images), local.images))}. Name the function that has the folder, or correct the name."
    }

    precondition {
      condition     = length(setsubtract(keys(var.zips), local.images)) == 0
      error_message = "zips names functions that own no image: ${join(", ", setsubtract(keys(var.zips), local.images))}. Name the function that has the folder, or correct the name."
    }

    precondition {
      condition     = length(setsubtract(keys(var.parallel_packages), local.images)) == 0
      error_message = "parallel_packages names functions that own no image: ${join(", ", setsubtract(keys(var.parallel_packages), local.images))}. Name the function that has the folder, or correct the name."
    }

    precondition {
      condition     = alltrue([for name, package_type in var.parallel_packages : try(local.functions[name].package_type, null) != package_type])
      error_message = "parallel_packages names the package type that the catalogue has already: ${join(", ", [for name, package_type in var.parallel_packages : "${name} is ${package_type}" if try(local.functions[name].package_type, null) == package_type])}. Name the other type, or remove the entry."
    }
  }
}
