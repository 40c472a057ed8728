# The most that any role of a function or state machine may be allowed. CI makes roles only under this boundary, so
# that nobody gains more through CI than the functions themselves may ever have.

data "aws_iam_policy_document" "boundary" {
  #checkov:skip=CKV_AWS_111:X-Ray, log delivery and network interfaces have no resource to name; all else is the project's own
  #checkov:skip=CKV_AWS_356:X-Ray, log delivery and network interfaces have no resource to name; all else is the project's own
  #checkov:skip=CKV_AWS_108:A boundary grants nothing; secrets and objects are the project's own
  statement {
    sid = "OwnResources"
    actions = [
      "s3:ListBucket", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload",
      "s3:ListMultipartUploadParts", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetBucketVersioning",
      "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes", "sqs:SendMessage",
      "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
      "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem",
      "lambda:InvokeFunction", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters",
      "states:StartExecution", "states:DescribeExecution", "states:StopExecution", "states:RedriveExecution", "logs:CreateLogStream", "logs:PutLogEvents",
    ]
    resources = [
      "${local.aws}:s3:::${local.project}-*",
      "${local.aws}:sqs:${local.place}:${local.project}-*",
      "${local.aws}:dynamodb:${local.place}:table/${local.project}-*",
      "${local.aws}:lambda:${local.place}:function:${local.project}-*",
      "${local.aws}:secretsmanager:${local.place}:secret:${local.project}-*",
      "${local.aws}:ssm:${local.place}:parameter/${local.project}/*",
      "${local.aws}:states:${local.place}:*:${local.project}-*",
      "${local.aws}:logs:${local.place}:log-group:/aws/lambda/${local.project}-*",
    ]
  }

  # State and release records are CI's, not the functions'.
  statement {
    sid       = "NotTheRelease"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [module.state.arn, "${module.state.arn}/*", module.releases.arn, "${module.releases.arn}/*"]
  }

  statement {
    sid = "WithoutResource"
    actions = [
      "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
      "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
      "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
      "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "${local.project}-boundary"
  description = "The most that any role of ${local.project} may be allowed"
  policy      = data.aws_iam_policy_document.boundary.json
}
