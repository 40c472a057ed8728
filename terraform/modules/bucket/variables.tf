variable "name" {
  description = "Name of the bucket, unique among all AWS accounts."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "\"${var.name}\" is not a bucket name: S3 takes 3 to 63 lower-case letters, digits and hyphens. Shorten the project's, the environment's or the bucket's name."
  }
}

variable "noncurrent_version_days" {
  description = "Days after which a version that was overwritten or deleted is removed."
  type        = number

  validation {
    condition     = var.noncurrent_version_days >= 1
    error_message = "noncurrent_version_days must be 1 or more: a version cannot expire before it is a day old."
  }
}

variable "expire_days" {
  description = "By prefix: days after which objects under it are removed; \"\" is every object."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for days in values(var.expire_days) : days >= 1 && floor(days) == days])
    error_message = "expire_days takes whole days from 1 on; wrong: ${join(", ", [for prefix, days in var.expire_days : "\"${prefix}\" = ${days}" if days < 1 || floor(days) != days])}. Leave a prefix out to keep its objects."
  }
}

variable "force_destroy" {
  description = "Whether `terraform destroy` deletes the bucket with the objects in it."
  type        = bool
  default     = false
}
