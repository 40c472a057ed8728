# The role allows only what the catalogue names and the function's own logs and traces.

locals {
  statements = {
    ListBuckets = {
      # Without it S3 answers 403, not 404, for an object that does not exist.
      actions   = ["s3:ListBucket"]
      resources = distinct(concat(var.access.read_buckets, var.access.write_buckets))
    }
    ReadObjects = {
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = [for arn in var.access.read_buckets : "${arn}/*"]
    }
    InspectBuckets = {
      actions   = ["s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetBucketVersioning"]
      resources = var.access.inspect_buckets
    }
    WriteObjects = {
      actions   = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      resources = [for arn in var.access.write_buckets : "${arn}/*"]
    }
    ReceiveMessages = {
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
      resources = var.access.receive_queues
    }
    SendMessages = {
      actions   = ["sqs:SendMessage"]
      resources = concat(var.access.send_queues, aws_sqs_queue.failures[*].arn)
    }
    ReadItems = {
      actions   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"]
      resources = var.access.read_tables
    }
    WriteItems = {
      actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem"]
      resources = var.access.write_tables
    }
    InvokeFunctions = {
      actions   = ["lambda:InvokeFunction"]
      resources = var.access.functions
    }
    StartStateMachines = {
      actions   = ["states:StartExecution"]
      resources = var.access.state_machines
    }
    ReadSecrets = {
      actions   = ["secretsmanager:GetSecretValue"]
      resources = var.access.secrets
    }
    ReadParameters = {
      actions   = ["ssm:GetParameter", "ssm:GetParameters"]
      resources = var.access.parameters
    }
    WriteLogs = {
      actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
    }
    WriteTraces = {
      # X-Ray has no resource-level permissions.
      actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      resources = var.tracing == "Active" ? ["*"] : []
    }
    UseNetwork = {
      # The interfaces have no name before Lambda makes them.
      actions = [
        "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
      ]
      resources = var.vpc != null ? ["*"] : []
    }
  }
  used = { for sid, statement in local.statements : sid => statement if length(statement.resources) > 0 }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "What ${var.name} may do"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_111:Only X-Ray and network interfaces, which have no resource to name, are allowed for *
  #checkov:skip=CKV_AWS_356:Only X-Ray and network interfaces, which have no resource to name, are allowed for *
  dynamic "statement" {
    for_each = local.used

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "access"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}
