terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # environments/<environment>.s3.tfbackend says where; S3 itself locks the state.
  backend "s3" {}
}
