variable "region" {
  description = "AWS region of the registry; images are pulled from the environments' own region, so it is theirs."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region \"${var.region}\" is not an AWS region: write it as AWS does, such as eu-central-1."
  }
}

variable "account_id" {
  description = "Account that the registry belongs to; the plan stops in any other. Null to take what the credentials lead to."
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
  default     = "../../functions.yaml"

  validation {
    condition     = can(yamldecode(file(var.catalogue)).functions)
    error_message = "catalogue \"${var.catalogue}\" is not a readable catalogue; run `make check`, which names the line."
  }
}

variable "kept_builds" {
  description = "Images of a function that are kept besides the released ones, newest first."
  type        = number
  default     = 20

  validation {
    condition     = var.kept_builds >= 2 && floor(var.kept_builds) == var.kept_builds
    error_message = "kept_builds must be a whole number of 2 or more: the next build must not remove an image that is being deployed."
  }
}

variable "noncurrent_version_days" {
  description = "Days for which older versions of the state are kept."
  type        = number
  default     = 90
}

variable "environments" {
  description = "Environments of this account that GitHub Actions may deploy; each has a GitHub environment of the same name."
  type        = set(string)
  default     = ["dev", "prod"]

  validation {
    condition     = alltrue([for environment in var.environments : can(regex("^[a-z][a-z0-9]{1,11}$", environment)) && !contains(["ci", "local", "registry", "releases", "terraform"], environment)])
    error_message = "environments takes names of 2 to 12 lower-case letters and digits, the first a letter, other than ci, local, registry, releases and terraform, which name other things."
  }
}

variable "github_repository" {
  description = "Repository whose workflows may deploy, as GitHub names it in its tokens: owner@id/name@id, or owner/name for older repositories. Null for no roles for CI."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+|@[0-9]+/[A-Za-z0-9._-]+@[0-9]+)$", var.github_repository))
    error_message = "github_repository must be owner@id/name@id, or owner/name for a repository whose tokens name no ids, without wildcards: every repository that matches can deploy. docs/terraform.md has the command that prints it."
  }
}

variable "github_provider_exists" {
  description = "Whether the account has GitHub's OIDC provider already; there can be only one."
  type        = bool
  default     = false
}
