# A function from an image or a zip file, published as versions behind the alias `live`.
#
# Terraform publishes; it moves the alias only when it makes it. Moving users to a version, in steps
# and back, is the release's work, so that neither an apply nor a rollback undoes the other.

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:Tracing is on by default; checkov does not follow the variable
  #checkov:skip=CKV_AWS_115:Reserved concurrency takes from the account's pool; the catalogue says who needs it
  #checkov:skip=CKV_AWS_116:Queues dead-letter by themselves; asynchronous failures go to the on-failure destination
  #checkov:skip=CKV_AWS_117:A VPC is an option of the environment; nothing here needs one
  #checkov:skip=CKV_AWS_173:The environment holds names only; secrets are read from Secrets Manager
  #checkov:skip=CKV_AWS_272:Lambda verifies signatures of zip files only; images are bound by digest
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn
  publish       = true

  package_type     = var.package_type == "image" ? "Image" : "Zip"
  image_uri        = try(var.image.uri, null)
  s3_bucket        = try(var.zip.bucket, null)
  s3_key           = try(var.zip.key, null)
  source_code_hash = try(var.zip.source_code_hash, null)
  runtime          = var.package_type == "zip" ? var.runtime : null
  handler          = var.package_type == "zip" ? var.handler : null

  architectures                  = [var.architecture]
  memory_size                    = var.memory_mb
  timeout                        = var.timeout_s
  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)

  dynamic "image_config" {
    for_each = var.package_type == "image" ? [true] : []

    content {
      entry_point       = var.entry_point
      command           = [var.handler]
      working_directory = var.working_directory
    }
  }

  ephemeral_storage {
    size = var.ephemeral_storage_mb
  }

  dynamic "environment" {
    for_each = length(var.environment) > 0 ? [var.environment] : []

    content {
      variables = environment.value
    }
  }

  dynamic "snap_start" {
    for_each = var.snapstart ? [true] : []

    content {
      apply_on = "PublishedVersions"
    }
  }

  logging_config {
    log_group             = aws_cloudwatch_log_group.this.name
    log_format            = "JSON"
    application_log_level = var.log_level
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = var.tracing
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # Lambda checks at creation what the role may do, in a VPC and with a snapshot.
  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    precondition {
      condition     = var.package_type == "zip" || var.image != null
      error_message = "${var.name} has no image: build and push it, then name it in `images` (make deploy does both)."
    }

    precondition {
      condition     = var.package_type == "image" || var.zip != null
      error_message = "${var.name} is a zip function without a package: upload one, then name it in `zips`, or set package_type: image in the catalogue."
    }

    precondition {
      condition     = var.image == null || var.package_type == "image"
      error_message = "${var.name} is a zip function, but was given an image: remove it from `images`, or set package_type: image in the catalogue."
    }

    precondition {
      condition     = var.zip == null || var.package_type == "zip"
      error_message = "${var.name} is an image function, but was given a zip file: remove it from `zips`, or set package_type: zip in the catalogue."
    }

    precondition {
      condition     = var.image == null || can(regex("^[^@]+@sha256:[0-9a-f]{64}$", var.image.uri))
      error_message = "The image of ${var.name} must be named by digest (repository@sha256:…), not by tag: a tag may name another image tomorrow."
    }

    precondition {
      condition     = var.image == null || try(var.image.architecture, null) == var.architecture
      error_message = "The image of ${var.name} is built for ${coalesce(try(var.image.architecture, null), "an unknown architecture")}, the function runs on ${var.architecture}: build it with ARCH=${var.architecture}, or change architecture in the catalogue."
    }

    precondition {
      condition     = !var.snapstart || var.ephemeral_storage_mb == 512
      error_message = "${var.name}: SnapStart works with 512 MB of ephemeral storage only. Set ephemeral_storage_mb: 512 or snapstart: false in the catalogue."
    }

    precondition {
      condition     = !var.snapstart || var.provisioned_concurrency == 0
      error_message = "${var.name}: SnapStart and provisioned concurrency exclude each other; keep one of the two in the catalogue."
    }

    precondition {
      condition     = var.provisioned_concurrency <= coalesce(var.reserved_concurrency, var.provisioned_concurrency)
      error_message = "${var.name}: provisioned_concurrency ${var.provisioned_concurrency} is above reserved_concurrency ${coalesce(var.reserved_concurrency, 0)}; raise the second or lower the first."
    }

    precondition {
      condition     = length(join("", flatten([for key, value in var.environment : [key, value]]))) <= 4096
      error_message = "${var.name}: its environment variables have more than the 4096 bytes that Lambda allows; put long values into a parameter."
    }
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that events and requests reach"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  count = var.provisioned_concurrency > 0 ? 1 : 0

  function_name                     = aws_lambda_function.this.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = var.provisioned_concurrency
}

resource "aws_lambda_permission" "this" {
  for_each = var.invokers

  statement_id  = each.key
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = each.value.principal
  source_arn    = each.value.source_arn
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with its own key; what is secret is not logged
  #checkov:skip=CKV_AWS_338:The environment says how long logs are kept
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}
