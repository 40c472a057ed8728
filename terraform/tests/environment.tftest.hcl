# An environment made from the fixture catalogue: what is said once for all modules. That every
# trigger, permission and variable is the catalogue's is compared in tests/terraform.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  catalogue               = "tests/fixtures/functions.yaml"
  environment             = "dev"
  region                  = "eu-central-1"
  log_retention_days      = 14
  noncurrent_version_days = 7
  images = {
    refine  = "0123456789abcdef-x86_64@sha256:1111111111111111111111111111111111111111111111111111111111111111"
    decide  = "0123456789abcdef-arm64@sha256:2222222222222222222222222222222222222222222222222222222222222222"
    doorman = "0123456789abcdef-x86_64@sha256:3333333333333333333333333333333333333333333333333333333333333333"
  }
  zips = {
    sweep = {
      bucket           = "shop-packages"
      key              = "sweep/1.zip"
      source_code_hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    }
  }
}

run "environment" {
  assert {
    condition     = { for name, function in output.functions : name => function.name } == { refine = "shop-dev-refine", decide = "shop-dev-decide", doorman = "shop-dev-doorman", decide-batch = "shop-dev-decide-batch", sweep = "shop-dev-sweep-zip", sweep-nightly = "shop-dev-sweep-nightly-zip" }
    error_message = "Every function of the catalogue must be deployed under the environment's name."
  }
  assert {
    condition     = output.buckets == { raw = "shop-dev-raw-123456789012", prod = "shop-dev-prod-123456789012" }
    error_message = "Bucket names must hold environment and account."
  }
  assert {
    condition     = local.tags == { Project = "shop", Environment = "dev", Stack = "shop-dev", ManagedBy = "terraform" }
    error_message = "Everything must be tagged."
  }
  assert {
    condition     = data.aws_ecr_image.this["decide"].repository_name == "shop/decide" && data.aws_ecr_image.this["decide"].image_tag == "0123456789abcdef-arm64" && startswith(data.aws_ecr_image.this["decide"].image_digest, "sha256:2")
    error_message = "The registry must be asked for tag and digest together."
  }
  assert {
    condition     = length(module.network) == 0 && output.parallel_functions == {}
    error_message = "No VPC and no parallel function unless asked for."
  }
  assert {
    condition     = { for queue, mapping in aws_lambda_event_source_mapping.this : queue => try(mapping.scaling_config[0].maximum_concurrency, null) } == { refine-s3-1 = 2, refine-s3-2 = 3, orders = 4, decide-batch-s3-1 = 10, decide-batch-s3-2 = 10 }
    error_message = "Every consumer must be limited."
  }
  assert {
    condition     = keys(data.aws_ecr_image.this) == ["decide", "doorman", "refine"]
    error_message = "The registry must be asked for each image once."
  }
  assert {
    condition     = { for bucket, notification in aws_s3_bucket_notification.this : bucket => notification.eventbridge } == { raw = true, prod = true }
    error_message = "Buckets that triggers name must send their events to EventBridge."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["refine-s3-2"].event_pattern).detail.object.key == [{ wildcard = "odd\\*\\\\name/*" }]
    error_message = "Prefix and suffix must be one wildcard in which they stand for themselves."
  }
  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.this : target.retry_policy[0].maximum_retry_attempts == 185 && target.dead_letter_config[0].arn == module.undelivered_events[0].arn])
    error_message = "What a target does not take must be tried again, then be kept."
  }
  assert {
    condition     = keys(module.dead_letters) == ["decide", "decide-batch", "refine"] && length(module.undelivered_events) == 1
    error_message = "Every consumer must have one dead-letter queue, all rules together one more."
  }
}

run "catalogue_without_triggers_and_data" {
  command = plan

  variables {
    catalogue = "tests/fixtures/least.yaml"
    images    = { decide = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  assert {
    condition     = output.api_url == null && length(aws_lambda_event_source_mapping.this) == 0 && output.buckets == {} && output.queue_urls == {}
    error_message = "A catalogue may have functions alone."
  }
}

run "network" {
  command = plan

  variables {
    vpc = { cidr = "10.20.0.0/20" }
  }

  assert {
    condition     = length(module.network[0].subnet_ids) == 2
    error_message = "Functions must run in two zones."
  }
}
