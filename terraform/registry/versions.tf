terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # registry.s3.tfbackend says where; docs/terraform.md how the first apply does without.
  backend "s3" {}
}
