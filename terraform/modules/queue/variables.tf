variable "name" {
  description = "Name of the queue."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,80}$", var.name))
    error_message = "\"${var.name}\" is too long or holds other characters: SQS takes 80 letters, digits, - and _. Shorten the project's, the environment's, the function's or the queue's name."
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

variable "redrive" {
  description = "Dead-letter queue, and deliveries of a message before it goes there; null for a queue without consumer."
  type = object({
    dead_letter_arn   = string
    max_receive_count = number
  })
  default = null

  validation {
    condition     = var.redrive == null || (try(var.redrive.max_receive_count, 1) >= 1 && try(var.redrive.max_receive_count, 1) <= 1000)
    error_message = "${var.name}: max_receive_count ${try(var.redrive.max_receive_count, "")} must be between 1 and 1000."
  }
}

variable "rule_arn" {
  description = "EventBridge rule that may send to the queue; null for none."
  type        = string
  default     = null
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
