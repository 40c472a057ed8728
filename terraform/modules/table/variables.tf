variable "name" {
  description = "Name of the table."
  type        = string
}

variable "partition_key" {
  description = "Attribute that is the partition key; a string."
  type        = string
}

variable "sort_key" {
  description = "Attribute that is the sort key, a string; null for none."
  type        = string
  default     = null
}

variable "ttl_attribute" {
  description = "Attribute that holds the second since 1970 after which an item is deleted; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.ttl_attribute == null || !contains([var.partition_key, coalesce(var.sort_key, "-")], coalesce(var.ttl_attribute, "?"))
    error_message = "ttl_attribute must be a number, but keys are strings: name an attribute that is not a key."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the table."
  type        = bool
}
