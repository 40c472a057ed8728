variable "name" {
  description = "Name of the queue; its dead-letter queue is `<name>-dlq`."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,76}$", var.name))
    error_message = "\"${var.name}\" is too long or holds other characters: with -dlq SQS takes 80 letters, digits, - and _. Shorten the project's, the environment's or the queue's name."
  }
}

variable "visibility_timeout_s" {
  description = "Seconds for which a message that was received is hidden."
  type        = number

  validation {
    condition     = var.visibility_timeout_s >= 0 && var.visibility_timeout_s <= 43200
    error_message = "${var.name}: visibility_timeout_s ${var.visibility_timeout_s} must be between 0 and 43200 (12 hours)."
  }
}

variable "max_receive_count" {
  description = "Deliveries before a message is dead-lettered."
  type        = number

  validation {
    condition     = var.max_receive_count >= 1 && var.max_receive_count <= 1000
    error_message = "${var.name}: max_receive_count ${var.max_receive_count} must be between 1 and 1000."
  }
}

variable "source_bucket_arns" {
  description = "Buckets whose notifications the queue takes."
  type        = list(string)
  default     = []
}

variable "max_age_s" {
  description = "Age of the oldest message, in seconds, from which on an alarm tells that the consumer is behind."
  type        = number
  default     = 3600
}

variable "alarm_topic_arn" {
  description = "SNS topic that alarms are sent to."
  type        = string
}
