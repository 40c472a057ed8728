# What follows from the catalogue. The same rules are in scripts/fleet/catalogue/derive.py;
# tests/terraform compares the two. Names that the catalogue does not declare are left out here and
# refused in preflight.tf, so that the message says what to do.

locals {
  catalogue = yamldecode(file(var.catalogue))
  schema    = jsondecode(file(var.schema))["$defs"]

  project = local.catalogue.project
  prefix  = "${local.project}-${var.environment}"
  tags = {
    Project     = local.project
    Environment = var.environment
    Stack       = local.prefix
    ManagedBy   = "terraform"
  }

  # By entry of the schema: the values of keys that may be left out.
  defaults = {
    for entry, definition in local.schema : entry => {
      for key, property in try(definition.properties, {}) : key => property.default if can(property.default)
    }
  }

  buckets     = try(local.catalogue.buckets, {})
  expire_days = try(local.catalogue.expire_days, {})
  secrets     = try(local.catalogue.secrets, {})
  parameters  = try(local.catalogue.parameters, {})
  authorizer  = try(local.catalogue.authorizer, null)
  queues      = { for name, entry in try(local.catalogue.queues, {}) : name => merge(local.defaults.Queue, entry) }
  tables      = { for name, entry in try(local.catalogue.tables, {}) : name => merge(local.defaults.Table, entry) }
  state_machines = {
    for name, entry in try(local.catalogue.state_machines, {}) : name => merge(local.defaults.StateMachine, entry, {
      reads  = merge(local.defaults.BucketAccess, try(entry.reads, {}))
      writes = merge(local.defaults.BucketAccess, try(entry.writes, {}))
    })
  }
  functions = {
    for name, entry in local.catalogue.functions : name => merge(local.defaults.Function, entry, {
      reads  = merge(local.defaults.Access, try(entry.reads, {}))
      writes = merge(local.defaults.Access, try(entry.writes, {}))
      alarms = merge(local.defaults.Alarms, try(entry.alarms, {}))
    })
  }

  # Triggers of every function in one list, each with its function and its number among those of
  # its type.
  trigger_entries = {
    for type, reference in local.schema.Function.properties.triggers.items.discriminator.mapping :
    type => trimprefix(reference, "#/$defs/")
  }
  triggers = flatten([
    for name, function in local.functions : [
      for type, entry in local.trigger_entries : [
        for number, trigger in [for trigger in function.triggers : trigger if trigger.type == type] :
        merge(local.defaults[entry], trigger, { function = name, number = number + 1 })
      ]
    ]
  ])
  notifications = [for trigger in local.triggers : trigger if trigger.type == "s3"]
  schedules     = { for trigger in local.triggers : "${trigger.function}-${trigger.number}" => trigger if trigger.type == "schedule" }
  routes_of     = { for trigger in local.triggers : trigger.route => trigger... if trigger.type == "http" }
  routes        = { for route, triggers in local.routes_of : route => triggers[0] }
  consumers_of  = { for trigger in local.triggers : trigger.queue => trigger... if contains(["s3", "queue"], trigger.type) }
  consumers     = { for queue, triggers in local.consumers_of : queue => triggers[0] if contains(keys(local.queues), queue) }

  # Deployed functions: one of the catalogue's package type, which gets events, and during a move also
  # one of the other type.
  suffixes = { image = "", zip = "-zip" }
  serving  = { for name, function in local.functions : name => "${name}${local.suffixes[function.package_type]}" }
  deployments = merge(
    { for name, function in local.functions : local.serving[name] => { function = name, package_type = function.package_type } },
    {
      for name, package_type in var.parallel_packages :
      "${name}${local.suffixes[package_type]}" => { function = name, package_type = package_type } if contains(keys(local.functions), name)
    },
  )

  # By function: what it may use, as far as declared.
  uses = {
    for name, function in local.functions : name => {
      read_buckets   = [for bucket in function.reads.buckets : bucket if contains(keys(local.buckets), bucket)]
      write_buckets  = [for bucket in function.writes.buckets : bucket if contains(keys(local.buckets), bucket)]
      receive_queues = [for queue in function.reads.queues : queue if contains(local.queue_names, queue)]
      send_queues    = [for queue in function.writes.queues : queue if contains(local.queue_names, queue)]
      consumed       = [for queue, consumer in local.consumers : queue if consumer.function == name]
      read_tables    = [for table in function.reads.tables : table if contains(keys(local.tables), table)]
      write_tables   = [for table in function.writes.tables : table if contains(keys(local.tables), table)]
      state_machines = [for machine, what in local.state_machines : machine if contains(what.started_by, name)]
      functions      = [for called in function.calls : called if contains(keys(local.functions), called)]
      secrets        = [for secret in function.secrets : secret if contains(keys(local.secrets), secret)]
      parameters     = [for parameter in function.parameters : parameter if contains(keys(local.parameters), parameter)]
    }
  }
  queue_names = concat(keys(local.queues), [for queue in keys(local.queues) : "${queue}-dlq"])
}
