# modules/container-function: everything it refuses.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                     = "shop-dev-decide"
  description              = "Decides"
  handler                  = "handler.lambda_handler"
  architecture             = "arm64"
  memory_mb                = 512
  timeout_s                = 20
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/shop-boundary"
  alarm_topic_arn          = "arn:aws:sns:eu-central-1:123456789012:shop-dev-alarms"
  log_retention_days       = 14
  alarms                   = { errors = 2, throttles = 3, duration_percent = 50 }
  failure_metrics          = { namespace = "shop-dev", names = [] }
  image = {
    uri          = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/decide@sha256:1111111111111111111111111111111111111111111111111111111111111111"
    architecture = "arm64"
  }
}

run "refuses_image_missing" {
  command = plan

  variables {
    image = null
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_image_by_tag" {
  command = plan

  variables {
    image = {
      uri          = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/decide:latest"
      architecture = "arm64"
    }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_image_with_a_short_digest" {
  command = plan

  variables {
    image = {
      uri          = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/decide@sha256:1111"
      architecture = "arm64"
    }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_image_for_another_architecture" {
  command = plan

  variables {
    architecture = "x86_64"
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_zip_missing" {
  command = plan

  variables {
    package_type = "zip"
    image        = null
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_zip_with_an_image" {
  command = plan

  variables {
    package_type = "zip"
    zip          = { bucket = "b", key = "k", source_code_hash = "h" }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_image_with_a_zip" {
  command = plan

  variables {
    zip = { bucket = "b", key = "k", source_code_hash = "h" }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_snapstart_with_storage" {
  command = plan

  variables {
    snapstart            = true
    ephemeral_storage_mb = 513
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_snapstart_with_provisioned_concurrency" {
  command = plan

  variables {
    snapstart               = true
    provisioned_concurrency = 1
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_provisioned_above_reserved" {
  command = plan

  variables {
    reserved_concurrency    = 1
    provisioned_concurrency = 2
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_large_environment" {
  command = plan

  variables {
    environment = { A = format("%4096s", "x") }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [aws_lambda_function.this]
}

run "refuses_long_name" {
  command = plan

  variables {
    name = "a123456789-123456789-123456789-123456789-123456789-123456789-1234"
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.name]
}

run "refuses_unknown_package_type" {
  command = plan

  variables {
    package_type = "tar"
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.package_type]
}

run "refuses_unknown_runtime" {
  command = plan

  variables {
    runtime = "nodejs22.x"
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.runtime]
}

run "refuses_handler_without_function" {
  command = plan

  variables {
    handler = "handler"
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.handler]
}

run "refuses_unknown_architecture" {
  command = plan

  variables {
    architecture = "riscv64"
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.architecture]
}

run "refuses_little_memory" {
  command = plan

  variables {
    memory_mb = 127
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.memory_mb]
}

run "refuses_much_memory" {
  command = plan

  variables {
    memory_mb = 10241
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.memory_mb]
}

run "refuses_no_time" {
  command = plan

  variables {
    timeout_s = 0
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.timeout_s]
}

run "refuses_much_time" {
  command = plan

  variables {
    timeout_s = 901
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.timeout_s]
}

run "refuses_little_storage" {
  command = plan

  variables {
    ephemeral_storage_mb = 511
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.ephemeral_storage_mb]
}

run "refuses_much_storage" {
  command = plan

  variables {
    ephemeral_storage_mb = 10241
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.ephemeral_storage_mb]
}

run "refuses_reserved_nothing" {
  command = plan

  variables {
    reserved_concurrency = 0
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.reserved_concurrency]
}

run "refuses_negative_provision" {
  command = plan

  variables {
    provisioned_concurrency = -1
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.provisioned_concurrency]
}

run "refuses_three_retries" {
  command = plan

  variables {
    async = { retries = 3 }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.async]
}

run "refuses_async_age" {
  command = plan

  variables {
    async = { max_age_s = 59 }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.async]
}

run "refuses_access_to_everything" {
  command = plan

  variables {
    access = { read_buckets = ["arn:aws:s3:::*"] }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.access]
}

run "refuses_unknown_tracing" {
  command = plan

  variables {
    tracing = "Off"
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.tracing]
}

run "refuses_unknown_log_level" {
  command = plan

  variables {
    log_level = "LOUD"
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.log_level]
}

run "refuses_logs_for_ever" {
  command = plan

  variables {
    log_retention_days = 0
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_alarm_without_errors" {
  command = plan

  variables {
    alarms = { errors = 0, throttles = 1, duration_percent = 80 }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.alarms]
}

run "refuses_unknown_failure_metrics" {
  command = plan

  variables {
    failure_metrics = { namespace = "shop-dev", names = ["OrdersFailed"] }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.failure_metrics]
}

run "refuses_alarm_beyond_the_timeout" {
  command = plan

  variables {
    alarms = { errors = 1, throttles = 1, duration_percent = 101 }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.alarms]
}

run "refuses_vpc_without_subnets" {
  command = plan

  variables {
    vpc = { subnet_ids = [], security_group_ids = ["sg-1"] }
  }

  module {
    source = "./modules/container-function"
  }

  expect_failures = [var.vpc]
}
