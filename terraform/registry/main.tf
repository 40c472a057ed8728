# What must exist before anything is deployed: a repository for each image, the bucket of
# Terraform's state, the bucket of releases, and what CI may do.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  catalogue = yamldecode(file(var.catalogue))
  project   = local.catalogue.project
  # Functions that name another's image have none of their own.
  images  = toset([for name, function in local.catalogue.functions : name if try(function.image, null) == null])
  account = data.aws_caller_identity.current.account_id
  aws     = "arn:${data.aws_partition.current.partition}"
  place   = "${var.region}:${local.account}"
}

resource "terraform_data" "preflight" {
  lifecycle {
    precondition {
      condition     = var.account_id == null || var.account_id == local.account
      error_message = "The credentials lead to account ${local.account}, the registry belongs to ${coalesce(var.account_id, "any")}: choose the right AWS_PROFILE."
    }
  }
}

# ECR and S3 refuse to delete what holds images or objects; nothing here overrides that.
resource "aws_ecr_repository" "this" {
  for_each = local.images

  name                 = "${local.project}/${each.key}"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
  }
}

# A later rule never removes what an earlier one has matched, so that released images are counted
# apart. Every digest that is deployed gets a tag release-… before users reach it.
data "aws_ecr_lifecycle_policy_document" "this" {
  rule {
    priority    = 1
    description = "Keep what was released; make prune-images removes what no environment uses"

    selection {
      tag_status       = "tagged"
      tag_pattern_list = ["release-*"]
      count_type       = "imageCountMoreThan"
      count_number     = 10000
    }
  }

  rule {
    priority    = 2
    description = "Keep the newest builds"

    selection {
      tag_status   = "any"
      count_type   = "imageCountMoreThan"
      count_number = var.kept_builds
    }
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = aws_ecr_repository.this

  repository = each.value.name
  policy     = data.aws_ecr_lifecycle_policy_document.this.json
}

data "aws_iam_policy_document" "pull" {
  statement {
    sid     = "LambdaPulls"
    actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["${local.aws}:lambda:${local.place}:function:${local.project}-*"]
    }
  }
}

resource "aws_ecr_repository_policy" "this" {
  for_each = aws_ecr_repository.this

  repository = each.value.name
  policy     = data.aws_iam_policy_document.pull.json
}

module "state" {
  source = "../modules/bucket"

  name                    = "${local.project}-terraform-state-${local.account}"
  noncurrent_version_days = var.noncurrent_version_days
}

module "releases" {
  source = "../modules/bucket"

  name                    = "${local.project}-releases-${local.account}"
  noncurrent_version_days = var.noncurrent_version_days
}
