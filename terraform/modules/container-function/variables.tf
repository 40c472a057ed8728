variable "name" {
  description = "Name of the function, its role and its log group."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "\"${var.name}\" is too long or holds other characters: Lambda and IAM take 64 letters, digits, - and _. Shorten the project's, the environment's or the function's name."
  }
}

variable "description" {
  description = "What the function does, in one sentence."
  type        = string
}

variable "package_type" {
  description = "image or zip. AWS cannot change it: a function of the other type is a new function with a name of its own."
  type        = string
  default     = "image"

  validation {
    condition     = contains(["image", "zip"], var.package_type)
    error_message = "${var.name}: package_type \"${var.package_type}\" is unknown: use \"image\" or \"zip\"."
  }
}

variable "image" {
  description = "Image of an image function: its URI by digest, and the architecture it was built for."
  type = object({
    uri          = string
    architecture = string
  })
  default = null
}

variable "zip" {
  description = "Package of a zip function: where it is in S3, and the base64 SHA-256 of the file."
  type = object({
    bucket           = string
    key              = string
    source_code_hash = string
  })
  default = null
}

variable "runtime" {
  description = "Runtime of a zip function; an image brings its own."
  type        = string
  default     = "python3.13"

  validation {
    condition     = can(regex("^python3\\.[0-9]+$", var.runtime))
    error_message = "${var.name}: runtime \"${var.runtime}\" must be one of Lambda's Python runtimes, such as python3.13."
  }
}

variable "entry_point" {
  description = "Program that an image starts."
  type        = list(string)
  default     = ["/lambda-entrypoint.sh"]
}

variable "working_directory" {
  description = "Folder in which an image's program starts."
  type        = string
  default     = "/var/task"
}

variable "handler" {
  description = "Handler as module.function."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_./]+\\.[A-Za-z0-9_]+$", var.handler))
    error_message = "${var.name}: handler \"${var.handler}\" must be module.function, such as handler.lambda_handler."
  }
}

variable "architecture" {
  description = "x86_64 or arm64."
  type        = string

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "${var.name}: architecture \"${var.architecture}\" is unknown to Lambda: use x86_64 or arm64."
  }
}

variable "memory_mb" {
  description = "Memory in MB; the share of CPU follows from it."
  type        = number

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "${var.name}: memory_mb ${var.memory_mb} must be between 128 and 10240."
  }
}

variable "timeout_s" {
  description = "Seconds after which Lambda stops an invocation."
  type        = number

  validation {
    condition     = var.timeout_s >= 1 && var.timeout_s <= 900
    error_message = "${var.name}: timeout_s ${var.timeout_s} must be between 1 and 900; split longer work."
  }
}

variable "ephemeral_storage_mb" {
  description = "Size of /tmp in MB."
  type        = number
  default     = 512

  validation {
    condition     = var.ephemeral_storage_mb >= 512 && var.ephemeral_storage_mb <= 10240
    error_message = "${var.name}: ephemeral_storage_mb ${var.ephemeral_storage_mb} must be between 512 and 10240."
  }
}

variable "environment" {
  description = "Environment variables. Never secrets: everyone who may read the function sees them."
  type        = map(string)
  default     = {}
}

variable "snapstart" {
  description = "Whether published versions start from a snapshot."
  type        = bool
  default     = false
}

variable "reserved_concurrency" {
  description = "Invocations at a time that are kept for the function and limit it; null for the account's common pool."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || coalesce(var.reserved_concurrency, 0) >= 1
    error_message = "${var.name}: reserved_concurrency must be 1 or more: 0 would refuse every invocation. Leave it out for no limit."
  }
}

variable "provisioned_concurrency" {
  description = "Execution environments of the alias that are always initialised, and always billed."
  type        = number
  default     = 0

  validation {
    condition     = var.provisioned_concurrency >= 0
    error_message = "${var.name}: provisioned_concurrency must be 0 or more; 0 is none."
  }
}

variable "async" {
  description = "How asynchronous invocations that fail are handled: retries, and the queue that keeps what still fails. Null where nothing invokes the function so."
  type = object({
    retries   = optional(number, 2)
    max_age_s = optional(number, 3600)
  })
  default = null

  validation {
    condition     = var.async == null || contains([0, 1, 2], try(var.async.retries, -1))
    error_message = "${var.name}: async.retries must be 0, 1 or 2, which is all that Lambda does."
  }

  validation {
    condition     = var.async == null || (try(var.async.max_age_s, 0) >= 60 && try(var.async.max_age_s, 0) <= 21600)
    error_message = "${var.name}: async.max_age_s must be between 60 and 21600 (6 hours)."
  }
}

variable "access" {
  description = "ARNs of all that the function may use."
  type = object({
    read_buckets    = optional(list(string), [])
    inspect_buckets = optional(list(string), [])
    write_buckets   = optional(list(string), [])
    receive_queues  = optional(list(string), [])
    send_queues     = optional(list(string), [])
    read_tables     = optional(list(string), [])
    write_tables    = optional(list(string), [])
    functions       = optional(list(string), [])
    state_machines  = optional(list(string), [])
    secrets         = optional(list(string), [])
    parameters      = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for arns in values(var.access) : alltrue([for arn in arns : can(regex("^arn:[^*]+$", arn))])])
    error_message = "${var.name}: access takes full ARNs without *: name each resource."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that limits what any role of the project may be allowed; the registry root makes it."
  type        = string
}

variable "invokers" {
  description = "Services that may invoke the alias, by statement id: their principal, and the ARN they call for."
  type = map(object({
    principal  = string
    source_arn = string
  }))
  default = {}
}

variable "tracing" {
  description = "Active traces a sample of all invocations, PassThrough only what the caller traces."
  type        = string
  default     = "Active"

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing)
    error_message = "tracing \"${var.tracing}\" is unknown to Lambda: use Active or PassThrough."
  }
}

variable "log_level" {
  description = "Lowest level of the function's own log lines that is kept."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"], var.log_level)
    error_message = "log_level \"${var.log_level}\" is unknown to Lambda: use TRACE, DEBUG, INFO, WARN, ERROR or FATAL."
  }
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number

  validation {
    condition     = var.log_retention_days >= 1
    error_message = "log_retention_days must be 1 or more: 0 would keep logs, and bill for them, without end."
  }
}

variable "alarms" {
  description = "From where on an alarm tells: errors (failed invocations or messages) and throttles in 5 minutes, and the slowest invocation in percent of the timeout."
  type = object({
    errors           = number
    throttles        = number
    duration_percent = number
  })

  validation {
    condition     = var.alarms.errors >= 1 && var.alarms.throttles >= 1
    error_message = "${var.name}: alarms.errors and alarms.throttles must be 1 or more: below, they always tell."
  }

  validation {
    condition     = var.alarms.duration_percent >= 1 && var.alarms.duration_percent <= 100
    error_message = "${var.name}: alarms.duration_percent must be between 1 and 100: nothing runs longer than its timeout."
  }
}

variable "failure_metrics" {
  description = "Metrics of failures that the function counts itself, by service (its name): MessagesFailed if it consumes a queue, RequestsFailed if it serves routes."
  type = object({
    namespace = string
    names     = set(string)
  })

  validation {
    condition     = length(setsubtract(var.failure_metrics.names, ["MessagesFailed", "RequestsFailed"])) == 0
    error_message = "${var.name}: failure_metrics.names takes MessagesFailed and RequestsFailed."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that alarms are sent to."
  type        = string
}

variable "vpc" {
  description = "Subnets and security groups to run in; null for Lambda's own network."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = var.vpc == null || (length(try(var.vpc.subnet_ids, [])) > 0 && length(try(var.vpc.security_group_ids, [])) > 0)
    error_message = "${var.name}: vpc needs at least one subnet and one security group."
  }
}
