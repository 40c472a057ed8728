output "functions" {
  description = "By function of the catalogue: what a release needs of the one that gets events."
  value = {
    for name, deployment in local.serving : name => {
      name              = module.function[deployment].name
      alias             = module.function[deployment].alias
      published_version = module.function[deployment].published_version
      image_uri         = module.function[deployment].image_uri
      log_group         = module.function[deployment].log_group
      alarm_names       = module.function[deployment].alarm_names
      failure_metrics   = module.function[deployment].failure_metrics
    }
  }
}

output "parallel_functions" {
  description = "By function that moves between zip and image: the name of the one that gets no events."
  value       = { for deployment, what in local.deployments : what.function => module.function[deployment].name if local.serving[what.function] != deployment }
}

output "parallel_versions" {
  description = "By function that moves between zip and image: the newest version of the one that gets no events."
  value       = { for deployment, what in local.deployments : what.function => module.function[deployment].published_version if local.serving[what.function] != deployment }
}

output "buckets" {
  description = "Names of the buckets."
  value       = { for name in keys(local.buckets) : name => module.bucket[name].name }
}

output "queue_urls" {
  description = "URLs of the queues, dead-letter queues included."
  value = merge(
    { for name, queue in module.queue : name => queue.url },
    { for name, queue in module.dead_letters : "${name}-dlq" => queue.url },
    { for queue in module.undelivered_events : (local.undelivered_events) => queue.url },
  )
}

output "tables" {
  description = "Names of the tables."
  value       = { for name in keys(local.tables) : name => module.table[name].name }
}

output "state_machines" {
  description = "ARNs of the state machines."
  value       = { for name in keys(local.state_machines) : name => module.state_machine[name].arn }
}

output "api_url" {
  description = "Where the HTTP API answers; null where no function has a route."
  value       = one(module.http_api[*].url)
}

output "dashboard" {
  description = "Name of the dashboard."
  value       = module.observability.dashboard
}
