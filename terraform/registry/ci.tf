# What GitHub Actions may do, without keys: one role to plan, for pull requests, and one for each
# environment to deploy, for jobs that GitHub let into the environment of the same name.

locals {
  with_ci  = var.github_repository != null
  github   = "token.actions.githubusercontent.com"
  provider = local.with_ci ? (var.github_provider_exists ? data.aws_iam_openid_connect_provider.github[0].arn : aws_iam_openid_connect_provider.github[0].arn) : null

  roles = local.with_ci ? merge(
    { plan = "repo:${var.github_repository}:pull_request" },
    { for environment in var.environments : "deploy-${environment}" => "repo:${var.github_repository}:environment:${environment}" },
  ) : {}
  deployed = local.with_ci ? var.environments : []
}

data "aws_iam_openid_connect_provider" "github" {
  count = local.with_ci && var.github_provider_exists ? 1 : 0

  url = "https://${local.github}"
}

resource "aws_iam_openid_connect_provider" "github" {
  count = local.with_ci && !var.github_provider_exists ? 1 : 0

  url            = "https://${local.github}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
  for_each = local.roles

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.provider]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github}:sub"
      values   = [each.value]
    }
  }
}

resource "aws_iam_role" "ci" {
  for_each = local.roles

  name               = "${local.project}-ci-${each.key}"
  description        = "GitHub Actions: ${each.key} of ${local.project}"
  assume_role_policy = data.aws_iam_policy_document.trust[each.key].json
}

# To plan is to read every setting, but no data.
resource "aws_iam_role_policy_attachment" "plan" {
  count = local.with_ci ? 1 : 0

  role       = aws_iam_role.ci["plan"].name
  policy_arn = "${local.aws}:iam::aws:policy/ReadOnlyAccess"
}

data "aws_iam_policy_document" "plan" {
  # The provider has definitions checked when it plans, as those of no state machine.
  statement {
    sid       = "CheckDefinitions"
    actions   = ["states:ValidateStateMachineDefinition"]
    resources = ["*"]
  }

  statement {
    sid    = "NoData"
    effect = "Deny"
    actions = [
      "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan",
      "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetQueryResults", "logs:StartQuery",
      "secretsmanager:GetSecretValue", "sqs:ReceiveMessage", "ssm:GetParameter*",
    ]
    resources = ["*"]
  }

  statement {
    sid           = "NoObjectsButState"
    effect        = "Deny"
    actions       = ["s3:GetObject", "s3:GetObjectVersion"]
    not_resources = ["${module.state.arn}/*"]
  }
}

resource "aws_iam_role_policy" "plan" {
  count = local.with_ci ? 1 : 0

  name   = "no-data"
  role   = aws_iam_role.ci["plan"].id
  policy = data.aws_iam_policy_document.plan.json
}

data "aws_iam_policy_document" "deploy" {
  #checkov:skip=CKV_AWS_108:Values of secrets are not among the actions; configuration of the own environment is
  #checkov:skip=CKV_AWS_109:Roles are made under the boundary only, and their policies are the environment's own
  #checkov:skip=CKV_AWS_110:Roles are made under the boundary only, see RolesUnderTheBoundary
  #checkov:skip=CKV_AWS_111:These actions have no resource to name before it exists
  #checkov:skip=CKV_AWS_356:These actions have no resource to name before it exists
  for_each = local.deployed

  statement {
    sid     = "Push"
    actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer", "ecr:GetRepositoryPolicy", "ecr:InitiateLayerUpload", "ecr:ListImages", "ecr:PutImage", "ecr:UploadLayerPart"]
    resources = [
      for repository in aws_ecr_repository.this : repository.arn
    ]
  }

  statement {
    sid       = "State"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.state.arn}/${each.key}/*"]
  }

  statement {
    sid       = "Lock"
    actions   = ["s3:DeleteObject"]
    resources = ["${module.state.arn}/${each.key}/*.tflock"]
  }

  statement {
    sid       = "ReleaseRecords"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.releases.arn}/${each.key}/*"]
  }

  # A promotion reads what was released where it comes from.
  statement {
    sid       = "RecordsOfOthers"
    actions   = ["s3:GetObject"]
    resources = ["${module.releases.arn}/*/releases/*", "${module.releases.arn}/*/packages/*"]
  }

  statement {
    sid       = "ListStateAndReleases"
    actions   = ["s3:ListBucket"]
    resources = [module.state.arn, module.releases.arn]
  }

  statement {
    sid = "OwnResources"
    actions = [
      "budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource", "budgets:ViewBudget", "budgets:ListTagsForResource",
      "cloudwatch:*", "dynamodb:CreateTable", "dynamodb:DeleteTable", "dynamodb:Describe*", "dynamodb:ListTagsOfResource",
      "dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable",
      "dynamodb:UpdateTimeToLive", "events:*", "lambda:*", "logs:*", "s3:*", "secretsmanager:DescribeSecret",
      "secretsmanager:GetResourcePolicy", "sns:*", "sqs:*", "states:*",
    ]
    resources = [
      "${local.aws}:budgets::${local.account}:budget/${local.project}-${each.key}",
      "${local.aws}:cloudwatch:${local.place}:alarm:${local.project}-${each.key}-*",
      "${local.aws}:cloudwatch::${local.account}:dashboard/${local.project}-${each.key}",
      "${local.aws}:dynamodb:${local.place}:table/${local.project}-${each.key}-*",
      "${local.aws}:events:${local.place}:rule/${local.project}-${each.key}-*",
      "${local.aws}:lambda:${local.place}:function:${local.project}-${each.key}-*",
      "${local.aws}:logs:${local.place}:log-group:/aws/lambda/${local.project}-${each.key}-*",
      "${local.aws}:logs:${local.place}:log-group:/aws/vendedlogs/http-api/${local.project}-${each.key}",
      "${local.aws}:logs:${local.place}:log-group:/aws/vendedlogs/http-api/${local.project}-${each.key}:*",
      "${local.aws}:logs:${local.place}:log-group:/aws/vendedlogs/states/${local.project}-${each.key}-*",
      "${local.aws}:s3:::${local.project}-${each.key}-*",
      "${local.aws}:secretsmanager:${local.place}:secret:${local.project}-${each.key}-*",
      "${local.aws}:sns:${local.place}:${local.project}-${each.key}-*",
      "${local.aws}:sqs:${local.place}:${local.project}-${each.key}-*",
      "${local.aws}:states:${local.place}:stateMachine:${local.project}-${each.key}-*",
    ]
  }

  statement {
    sid       = "RolesUnderTheBoundary"
    actions   = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    resources = ["${local.aws}:iam::${local.account}:role/${local.project}-${each.key}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }

  statement {
    sid       = "OwnRoles"
    actions   = ["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRoleDescription"]
    resources = ["${local.aws}:iam::${local.account}:role/${local.project}-${each.key}-*"]
  }

  statement {
    sid       = "RolesOfFunctions"
    actions   = ["iam:PassRole"]
    resources = ["${local.aws}:iam::${local.account}:role/${local.project}-${each.key}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["lambda.amazonaws.com", "states.amazonaws.com"]
    }
  }

  # APIs and event source mappings have random ids; a network is made of parts without names.
  statement {
    sid = "WithoutName"
    actions = [
      "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData",
      "apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT", "apigateway:TagResource",
      "ec2:*SecurityGroup*", "ec2:*Subnet*", "ec2:*Vpc*", "ec2:*RouteTable*", "ec2:*Route", "ec2:CreateTags", "ec2:DeleteTags", "ec2:Describe*",
      "ecr:GetAuthorizationToken", "lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:GetAccountSettings",
      "lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings", "lambda:ListTags", "lambda:TagResource", "lambda:UpdateEventSourceMapping",
      "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery",
      "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
      "states:ValidateStateMachineDefinition",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "deploy" {
  for_each = local.deployed

  name   = "deploy"
  role   = aws_iam_role.ci["deploy-${each.key}"].id
  policy = data.aws_iam_policy_document.deploy[each.key].json
}
