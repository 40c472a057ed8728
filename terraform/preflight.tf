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
      queue = flatten([for f in local.functions : [
        [for queue in concat(f.reads.queues, f.writes.queues) : trimsuffix(queue, "-dlq")],
        [for t in f.triggers : t.queue if contains(["s3", "queue"], t.type)],
      ]])
      table     = flatten([for f in local.functions : [f.reads.tables, f.writes.tables]])
      secret    = flatten(values(local.functions)[*].secrets)
      parameter = flatten(values(local.functions)[*].parameters)
      function  = concat(flatten([values(local.functions)[*].calls, [for machine in local.state_machines : [machine.invokes, machine.started_by]]]), compact([local.authorizer]))
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
    for queue, triggers in local.consumers_of : "${queue} (${join(", ", distinct(triggers[*].function))})" if length(distinct(triggers[*].function)) > 1
  ]
  shared_routes = [
    for route, triggers in local.routes_of : "${route} (${join(", ", triggers[*].function)})" if length(triggers) > 1
  ]
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
      condition     = length(local.shared_routes) == 0
      error_message = "A route has one function: ${join("; ", local.shared_routes)}. Change one of the routes."
    }

    precondition {
      condition     = !anytrue([for name in keys(local.functions) : endswith(name, "-zip")])
      error_message = "A name that ends in -zip is kept for a function's zip package: rename ${join(", ", [for name in keys(local.functions) : name if endswith(name, "-zip")])}."
    }

    precondition {
      condition     = length(setsubtract(keys(var.images), keys(local.functions))) == 0
      error_message = "images names functions that are not in the catalogue: ${join(", ", setsubtract(keys(var.images), keys(local.functions)))}. Correct the name, or add the function to the catalogue."
    }

    precondition {
      condition     = length(setsubtract(keys(var.zips), keys(local.functions))) == 0
      error_message = "zips names functions that are not in the catalogue: ${join(", ", setsubtract(keys(var.zips), keys(local.functions)))}. Correct the name, or add the function to the catalogue."
    }

    precondition {
      condition     = length(setsubtract(keys(var.parallel_packages), keys(local.functions))) == 0
      error_message = "parallel_packages names functions that are not in the catalogue: ${join(", ", setsubtract(keys(var.parallel_packages), keys(local.functions)))}. Correct the name, or add the function to the catalogue."
    }

    precondition {
      condition     = alltrue([for name, package_type in var.parallel_packages : try(local.functions[name].package_type, null) != package_type])
      error_message = "parallel_packages names the package type that the catalogue has already: ${join(", ", [for name, package_type in var.parallel_packages : "${name} is ${package_type}" if try(local.functions[name].package_type, null) == package_type])}. Name the other type, or remove the entry."
    }
  }
}
