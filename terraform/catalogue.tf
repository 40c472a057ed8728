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
  entries = {
    for name, entry in local.catalogue.functions : name => merge(local.defaults.Function, entry, {
      reads    = merge(local.defaults.Access, try(entry.reads, {}))
      writes   = merge(local.defaults.Access, try(entry.writes, {}))
      inspects = merge(local.defaults.BucketAccess, try(entry.inspects, {}))
      alarms   = merge(local.defaults.Alarms, try(entry.alarms, {}))
    })
  }
  # The function whose folder the image is built from; only its entry describes the image.
  owners = { for name, entry in local.entries : name => coalesce(entry.image, name) }
  functions = {
    for name, entry in local.entries : name => merge(entry, {
      architecture = try(local.entries[local.owners[name]].architecture, entry.architecture)
      package_type = try(local.entries[local.owners[name]].package_type, entry.package_type)
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
  s3_triggers = {
    for trigger in local.triggers : "${trigger.function}-s3-${trigger.number}" => trigger
    if try(contains(keys(local.buckets), trigger.bucket), false)
  }
  schedules  = { for trigger in local.triggers : "${trigger.function}-schedule-${trigger.number}" => trigger if trigger.type == "schedule" }
  routes_of  = { for trigger in local.triggers : trigger.route => trigger... if trigger.type == "http" }
  routes     = { for route, triggers in local.routes_of : route => triggers[0] }
  readers_of = { for trigger in local.triggers : trigger.queue => trigger... if trigger.type == "queue" }

  # By queue, of an s3 trigger (named as its rule) or declared: its consumer and how that is fed.
  consumers = merge(
    {
      for queue, trigger in local.s3_triggers : queue => {
        function          = trigger.function
        batch_size        = trigger.batch_size
        batch_window_s    = trigger.batch_window_s
        max_concurrency   = trigger.max_concurrency
        max_receive_count = local.defaults.Queue.max_receive_count
      }
    },
    {
      for queue, triggers in local.readers_of : queue => {
        function          = triggers[0].function
        batch_size        = triggers[0].batch_size
        batch_window_s    = triggers[0].batch_window_s
        max_concurrency   = local.queues[queue].max_concurrency
        max_receive_count = local.queues[queue].max_receive_count
      } if contains(keys(local.queues), queue)
    },
  )
  # Events that no target of a rule accepted.
  undelivered_events = "undelivered-events"
  # By consumer: its queues, which share one dead-letter queue.
  queues_of = { for queue, consumer in local.consumers : consumer.function => queue... }
  # By function: the metrics in which it counts failures that fail no invocation.
  failure_metrics = {
    for name, function in local.functions : name => concat(
      contains(keys(local.queues_of), name) ? ["MessagesFailed"] : [],
      contains(function.triggers[*].type, "http") ? ["RequestsFailed"] : [],
    )
  }

  # Deployed functions: one of the image's package type, which gets events, and while the image moves
  # also one of the other type.
  suffixes = { image = "", zip = "-zip" }
  serving  = { for name, function in local.functions : name => "${name}${local.suffixes[function.package_type]}" }
  deployments = merge(
    { for name, function in local.functions : local.serving[name] => { function = name, package_type = function.package_type } },
    {
      for name, owner in local.owners :
      "${name}${local.suffixes[var.parallel_packages[owner]]}" => { function = name, package_type = var.parallel_packages[owner] } if contains(keys(var.parallel_packages), owner)
    },
  )

  # By function: what it may use, as far as declared.
  uses = {
    for name, function in local.functions : name => {
      read_buckets    = [for bucket in function.reads.buckets : bucket if contains(keys(local.buckets), bucket)]
      inspect_buckets = [for bucket in function.inspects.buckets : bucket if contains(keys(local.buckets), bucket)]
      write_buckets   = [for bucket in function.writes.buckets : bucket if contains(keys(local.buckets), bucket)]
      receive_queues  = [for queue in function.reads.queues : queue if contains(keys(local.queues), queue)]
      send_queues     = [for queue in function.writes.queues : queue if contains(keys(local.queues), queue)]
      consumed        = lookup(local.queues_of, name, [])
      read_tables     = [for table in function.reads.tables : table if contains(keys(local.tables), table)]
      write_tables    = [for table in function.writes.tables : table if contains(keys(local.tables), table)]
      state_machines  = [for machine, what in local.state_machines : machine if contains(what.started_by, name)]
      functions       = [for called in function.calls : called if contains(keys(local.functions), called)]
      secrets         = [for secret in function.secrets : secret if contains(keys(local.secrets), secret)]
      parameters      = [for parameter in function.parameters : parameter if contains(keys(local.parameters), parameter)]
    }
  }
}
