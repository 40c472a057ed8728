variable "name" {
  description = "First part of every name."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC."
  type        = string

  validation {
    condition     = can(cidrsubnet(var.cidr, 4, 15)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24, false)
    error_message = "cidr \"${var.cidr}\" must be an IPv4 range from /16 to /24, such as 10.20.0.0/20."
  }
}

variable "zones" {
  description = "Number of availability zones with a subnet."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones must be 2 or 3: one zone alone fails with it."
  }
}

variable "interface_endpoints" {
  description = "AWS services that are reached by an interface endpoint, such as sqs; each costs by the hour and zone."
  type        = set(string)
}
