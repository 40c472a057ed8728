provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project   = local.project
      Stack     = "${local.project}-registry"
      ManagedBy = "terraform"
    }
  }
}
