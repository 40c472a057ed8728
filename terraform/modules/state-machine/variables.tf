variable "name" {
  description = "Name of the state machine."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,57}$", var.name))
    error_message = "\"${var.name}\" is too long or holds other characters: with -states, IAM takes 64 letters, digits, - and _. Shorten the project's, the environment's or the state machine's name."
  }
}

variable "definition" {
  description = "Definition in Amazon States Language, with names and ARNs filled in."
  type        = string

  validation {
    condition     = can(jsondecode(var.definition).StartAt)
    error_message = "The definition of ${var.name} is not the JSON of a state machine: write StartAt and States, without trailing commas."
  }
}

variable "function_arns" {
  description = "Aliases of functions that its tasks invoke."
  type        = list(string)
  default     = []
}

variable "read_bucket_arns" {
  description = "Buckets that it lists and reads."
  type        = list(string)
  default     = []
}

variable "write_bucket_arns" {
  description = "Buckets that it writes results to."
  type        = list(string)
  default     = []
}

variable "permissions_boundary_arn" {
  description = "Policy that limits what any role of the project may be allowed; the registry root makes it."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number

  validation {
    condition     = var.log_retention_days >= 1
    error_message = "log_retention_days must be 1 or more: 0 would keep logs, and bill for them, without end."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that alarms are sent to."
  type        = string
}
