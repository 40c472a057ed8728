variable "name" {
  description = "Name of topic, dashboard and budget."
  type        = string
}

variable "alarm_emails" {
  description = "Addresses that get alarms; each must confirm the subscription that AWS mails to it."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alarm_emails takes mail addresses; wrong: ${join(", ", [for address in var.alarm_emails : address if !can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])}."
  }
}

variable "budget" {
  description = "US dollars a month that the resources with this tag (key$value) may cost; null for no budget."
  type = object({
    usd = number
    tag = string
  })
  default = null

  validation {
    condition     = var.budget == null || try(var.budget.usd, 0) > 0
    error_message = "The budget must be above 0 US dollars a month; leave it out for none."
  }
}

variable "functions" {
  description = "Functions that the dashboard shows, by name."
  type        = list(string)
}

variable "queues" {
  description = "Queues that the dashboard shows, by name."
  type        = list(string)
}

variable "dead_letters" {
  description = "Dead-letter queues that the dashboard shows, by name."
  type        = list(string)
  default     = []
}

variable "api_ids" {
  description = "HTTP APIs that the dashboard shows."
  type        = list(string)
  default     = []
}
