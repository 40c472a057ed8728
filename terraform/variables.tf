variable "environment" {
  description = "Name of the environment; part of every resource's name, so that several share an account."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment)) && !contains(["ci", "local", "registry", "releases", "terraform"], var.environment)
    error_message = "environment \"${var.environment}\" must be 2 to 12 lower-case letters and digits, the first a letter, other than ci, local, registry, releases and terraform, which name other things."
  }
}

variable "region" {
  description = "AWS region of the environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region \"${var.region}\" is not an AWS region: write it as AWS does, such as eu-central-1."
  }
}

variable "account_id" {
  description = "Account that the environment belongs to; the plan stops in any other. Null to take what the credentials lead to."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the 12 digits of an AWS account, in quotes; `aws sts get-caller-identity` tells yours."
  }
}

variable "catalogue" {
  description = "Path of the catalogue."
  type        = string
  default     = "../functions.yaml"

  validation {
    condition     = can(yamldecode(file(var.catalogue)).functions)
    error_message = "catalogue \"${var.catalogue}\" is not a readable catalogue; run `make check`, which names the line."
  }
}

variable "schema" {
  description = "Path of the catalogue's JSON Schema, whose defaults hold for what the catalogue leaves out."
  type        = string
  default     = "../functions.schema.json"
}

variable "images" {
  description = "By function that has a folder: tag and digest of the image to deploy, such as \"0f3a9c2d4b5e6f70-x86_64@sha256:…\". The tag is that of the build, and says the architecture."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for image in values(var.images) : can(regex("^[0-9a-f]{16}-(x86_64|arm64)@sha256:[0-9a-f]{64}$", image))])
    error_message = "images takes tag@digest, such as 0f3a9c2d4b5e6f70-x86_64@sha256:<64 hex digits>, as the push prints them; wrong: ${join(", ", [for name, image in var.images : "${name} = ${image}" if !can(regex("^[0-9a-f]{16}-(x86_64|arm64)@sha256:[0-9a-f]{64}$", image))])}."
  }
}

variable "zips" {
  description = "By function that has a folder: the package to deploy where its image's functions run from a zip file: bucket, key, and the file's SHA-256 in base64."
  type = map(object({
    bucket           = string
    key              = string
    source_code_hash = string
  }))
  default = {}

  validation {
    condition     = alltrue([for zip in values(var.zips) : can(regex("^[A-Za-z0-9+/]{43}=$", zip.source_code_hash))])
    error_message = "source_code_hash in zips must be the file's SHA-256 in base64: openssl dgst -sha256 -binary FILE | base64."
  }
}

variable "parallel_packages" {
  description = "By function that has a folder: the other package type (image or zip), whose functions run beside those that get events, while the image's functions move from one to the other."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for package_type in values(var.parallel_packages) : contains(["image", "zip"], package_type)])
    error_message = "parallel_packages takes image or zip for each function; wrong: ${join(", ", [for name, package_type in var.parallel_packages : "${name} = ${package_type}" if !contains(["image", "zip"], package_type)])}."
  }
}

variable "zip_runtime" {
  description = "Lambda runtime of functions from zip files."
  type        = string
  default     = "python3.13"
}

variable "log_level" {
  description = "Lowest level of the functions' own log lines that is kept."
  type        = string
  default     = "INFO"
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days ${var.log_retention_days} must be a number that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "noncurrent_version_days" {
  description = "Days after which a version of an object that was overwritten or deleted is removed."
  type        = number
}

variable "disposable" {
  description = "Whether `terraform destroy` deletes the environment with its data. Never true where data matters."
  type        = bool
  default     = false

  validation {
    condition     = !(var.disposable && startswith(var.environment, "prod"))
    error_message = "An environment named prod… holds data that matters and cannot be disposable: remove `disposable`, or rename the environment."
  }
}

variable "alarm_emails" {
  description = "Addresses that get alarms; each must confirm the subscription that AWS mails to it."
  type        = list(string)
  default     = []
}

variable "monthly_budget_usd" {
  description = "US dollars a month above which the budget sends a mail; null for no budget."
  type        = number
  default     = null
}

variable "http_api" {
  description = "Of the HTTP API: requests per second and at once above which it answers 429, and the origins whose pages may call it."
  type = object({
    rate_limit  = optional(number, 50)
    burst_limit = optional(number, 100)
    cors = optional(object({
      allow_origins     = list(string)
      allow_credentials = optional(bool, false)
    }))
  })
  default = {}
}

variable "vpc" {
  description = "A VPC without internet for the functions: its addresses and number of zones. Null to run in Lambda's own network, which is faster to create and costs nothing."
  type = object({
    cidr  = string
    zones = optional(number, 2)
  })
  default = null
}
