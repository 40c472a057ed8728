variable "name" {
  description = "Name of the API."
  type        = string
}

variable "routes" {
  description = "Routes by key, such as \"GET /orders/{id}\": the function that answers, and whether the authorizer guards it."
  type = map(object({
    function   = string
    authorized = bool
  }))

  validation {
    condition     = alltrue([for key in keys(var.routes) : can(regex("^(GET|POST|PUT|PATCH|DELETE) /", key))])
    error_message = "A route is a method and a path, such as \"GET /orders/{id}\"; found ${join(", ", [for key in keys(var.routes) : "\"${key}\"" if !can(regex("^(GET|POST|PUT|PATCH|DELETE) /", key))])}."
  }
}

variable "invoke_arns" {
  description = "By function: the ARN by which API Gateway invokes it."
  type        = map(string)
}

variable "authorizer" {
  description = "The function that guards authorized routes; it must be in invoke_arns. Null for none."
  type        = string
  default     = null
}

variable "throttling" {
  description = "Requests per second, and at once, above which API Gateway answers 429."
  type = object({
    rate_limit  = number
    burst_limit = number
  })

  validation {
    condition     = var.throttling.rate_limit > 0 && var.throttling.burst_limit > 0
    error_message = "throttling.rate_limit and throttling.burst_limit must be above 0: with 0 every request is answered 429."
  }
}

variable "cors" {
  description = "Origins whose pages may call the API from a browser; null for none."
  type = object({
    allow_origins     = list(string)
    allow_credentials = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.cors == null || alltrue([for origin in try(var.cors.allow_origins, []) : origin == "*" || can(regex("^https?://[^/]+$", origin))])
    error_message = "cors.allow_origins takes origins without a path, such as https://shop.example, or *; wrong: ${join(", ", [for origin in try(var.cors.allow_origins, []) : origin if origin != "*" && !can(regex("^https?://[^/]+$", origin))])}."
  }

  validation {
    condition     = var.cors == null || !(try(var.cors.allow_credentials, false) && contains(try(var.cors.allow_origins, []), "*"))
    error_message = "Browsers refuse cors.allow_credentials together with the origin *: name the origins."
  }
}

variable "log_retention_days" {
  description = "Days for which access logs are kept."
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
