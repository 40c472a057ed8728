# The registry root: what it makes, and everything it refuses.

mock_provider "aws" {
  source = "../tests/mocks"
}

variables {
  region    = "eu-central-1"
  catalogue = "../tests/fixtures/functions.yaml"
}

run "registry" {
  assert {
    condition     = { for name, repository in aws_ecr_repository.this : name => repository.name } == { refine = "shop/refine", decide = "shop/decide", doorman = "shop/doorman", sweep = "shop/sweep" }
    error_message = "Every image of the catalogue must have a repository."
  }
  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && repository.encryption_configuration[0].encryption_type == "KMS" && repository.force_delete != true])
    error_message = "Repositories must be immutable, scanned, encrypted, and not be deleted with images in them."
  }
  assert {
    condition     = data.aws_ecr_lifecycle_policy_document.this.rule[0].selection[0].tag_pattern_list == tolist(["release-*"]) && data.aws_ecr_lifecycle_policy_document.this.rule[1].selection[0].count_number == 20
    error_message = "Released images must be counted apart from builds."
  }
  assert {
    condition     = one(data.aws_iam_policy_document.pull.statement[0].principals).identifiers == toset(["lambda.amazonaws.com"]) && one(one(data.aws_iam_policy_document.pull.statement[0].condition).values) == "arn:aws:lambda:eu-central-1:123456789012:function:shop-*"
    error_message = "Lambda must be able to pull, for the project's functions."
  }
  assert {
    condition     = output.state_bucket == "shop-terraform-state-123456789012" && output.releases_bucket == "shop-releases-123456789012"
    error_message = "State and releases must have their buckets."
  }
  assert {
    condition     = output.ci_role_arns == {} && length(aws_iam_openid_connect_provider.github) == 0
    error_message = "No roles for CI unless a repository is named."
  }
}

run "ci" {
  variables {
    github_repository = "owner/shop"
    environments      = ["dev", "prod"]
  }

  assert {
    condition     = keys(aws_iam_role.ci) == ["deploy-dev", "deploy-prod", "plan"] && length(aws_iam_openid_connect_provider.github) == 1
    error_message = "There must be a role to plan and one for each environment."
  }
  assert {
    condition = { for role, trust in data.aws_iam_policy_document.trust : role => sort(flatten([for c in trust.statement[0].condition : tolist(c.values)]))[0] } == {
      deploy-dev  = "repo:owner/shop:environment:dev"
      deploy-prod = "repo:owner/shop:environment:prod"
      plan        = "repo:owner/shop:pull_request"
    }
    error_message = "Each role must trust exactly its kind of job."
  }
  assert {
    condition     = alltrue([for condition in data.aws_iam_policy_document.trust["deploy-prod"].statement[0].condition : condition.test == "StringEquals"])
    error_message = "Trust must be exact, without wildcards."
  }
  assert {
    condition     = alltrue([for policy in [data.aws_iam_policy_document.plan, data.aws_iam_policy_document.deploy["dev"]] : contains(one([for statement in policy.statement : statement.resources if contains(statement.actions, "states:ValidateStateMachineDefinition")]), "*")])
    error_message = "To plan a state machine, the provider has its definition checked, as that of no machine."
  }
  assert {
    condition     = alltrue(flatten([for statement in data.aws_iam_policy_document.deploy["dev"].statement : [for resource in statement.resources : !strcontains(resource, "shop-prod") && !strcontains(resource, "/prod/")]]))
    error_message = "The role of dev must not reach prod."
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.deploy["dev"].statement : one(one(statement.condition).values) if statement.sid == "RolesUnderTheBoundary"]) == aws_iam_policy.boundary.arn
    error_message = "CI must make roles under the boundary only."
  }
}

run "ci_of_a_repository_with_ids" {
  variables {
    github_repository = "owner@123/shop@456"
  }

  assert {
    condition     = contains(flatten([for c in data.aws_iam_policy_document.trust["plan"].statement[0].condition : tolist(c.values)]), "repo:owner@123/shop@456:pull_request")
    error_message = "The role must trust the repository as its tokens name it."
  }
}

run "ci_with_an_existing_provider" {
  variables {
    github_repository      = "owner/shop"
    github_provider_exists = true
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && one(one(data.aws_iam_policy_document.trust["plan"].statement[0].principals).identifiers) == "arn:aws:iam::123456789012:oidc-provider/existing"
    error_message = "The account's provider must be used."
  }
}

run "refuses_another_account" {
  command = plan

  variables {
    account_id = "999999999999"
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_a_short_account" {
  command = plan

  variables {
    account_id = "1234"
  }

  expect_failures = [var.account_id]
}

run "refuses_a_wrong_region" {
  command = plan

  variables {
    region = "europe"
  }

  expect_failures = [var.region]
}

run "refuses_a_missing_catalogue" {
  command = plan

  variables {
    catalogue = "missing.yaml"
  }

  expect_failures = [var.catalogue]
}

run "refuses_to_keep_one_build" {
  command = plan

  variables {
    kept_builds = 1
  }

  expect_failures = [var.kept_builds]
}

run "refuses_a_repository_with_wildcards" {
  command = plan

  variables {
    github_repository = "owner/*"
  }

  expect_failures = [var.github_repository]
}

run "refuses_a_repository_with_one_id" {
  command = plan

  variables {
    github_repository = "owner@123/shop"
  }

  expect_failures = [var.github_repository]
}

run "refuses_an_environment_that_names_other_things" {
  command = plan

  variables {
    environments = ["releases"]
  }

  expect_failures = [var.environments]
}
