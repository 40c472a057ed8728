variable "name" {
  description = "Name of the queue."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,80}$", var.name))
    error_message = "\"${var.name}\" is too long or holds other characters: SQS takes 80 letters, digits, - and _. Shorten the project's, the environment's or the function's name."
  }
}

variable "source_queue_arns" {
  description = "Queues that may dead-letter here; they need not exist yet."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.source_queue_arns) <= 10
    error_message = "${var.name}: ${length(var.source_queue_arns)} source queues, but SQS allows 10 for one dead-letter queue: give the function fewer triggers."
  }
}

variable "rule_arns" {
  description = "EventBridge rules that may send their undelivered events here."
  type        = list(string)
  default     = []
}

variable "advice" {
  description = "Text of the alarm: the cause, and the remedy."
  type        = string
}

variable "alarm_topic_arn" {
  description = "SNS topic that alarms are sent to."
  type        = string
}
