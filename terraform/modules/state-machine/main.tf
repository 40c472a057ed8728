# A state machine that invokes functions, over the objects of a bucket if need be (Distributed Map).

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  states = "arn:${data.aws_partition.current.partition}:states:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"

  statements = {
    InvokeFunctions = {
      actions   = ["lambda:InvokeFunction"]
      resources = var.function_arns
    }
    ListBuckets = {
      actions   = ["s3:ListBucket"]
      resources = var.read_bucket_arns
    }
    ReadObjects = {
      actions   = ["s3:GetObject"]
      resources = [for arn in var.read_bucket_arns : "${arn}/*"]
    }
    WriteResults = {
      # Results are written in parts, and read again where an execution goes on after a failure.
      actions   = ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]
      resources = [for arn in var.write_bucket_arns : "${arn}/*"]
    }
    # A Distributed Map runs each item, or batch of items, as an execution of its own.
    StartChildren = {
      actions   = ["states:StartExecution"]
      resources = ["${local.states}:stateMachine:${var.name}"]
    }
    ControlChildren = {
      actions   = ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"]
      resources = ["${local.states}:execution:${var.name}:*", "${local.states}:execution:${var.name}/*"]
    }
    WithoutResource = {
      # Log delivery and X-Ray have no resource-level permissions.
      actions = [
        "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
        "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
        "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
      ]
      resources = ["*"]
    }
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-states"
  description          = "What the state machine ${var.name} may do"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_111:Only log delivery and X-Ray, which have no resource to name, are allowed for *
  #checkov:skip=CKV_AWS_356:Only log delivery and X-Ray, which have no resource to name, are allowed for *
  dynamic "statement" {
    for_each = { for sid, statement in local.statements : sid => statement if length(statement.resources) > 0 }

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

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with its own key; no data of executions is logged
  #checkov:skip=CKV_AWS_338:The environment says how long logs are kept
  name              = "/aws/vendedlogs/states/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_285:Failures are logged; the rule also wants the data of executions, which stays out of logs
  name       = var.name
  type       = "STANDARD"
  role_arn   = aws_iam_role.this.arn
  definition = var.definition

  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
    level                  = "ERROR"
    include_execution_data = false
  }

  tracing_configuration {
    enabled = true
  }

  # Step Functions checks at creation whether it may log.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_metric_alarm" "failed" {
  alarm_name          = "${var.name}-states-failed"
  alarm_description   = "An execution of ${var.name} failed: its page in the console names the state; mend the cause, then redrive it."
  namespace           = "AWS/States"
  metric_name         = "ExecutionsFailed"
  dimensions          = { StateMachineArn = aws_sfn_state_machine.this.arn }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
