# What an environment refuses before anything is made.

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

run "refuses_another_account" {
  command = plan

  variables {
    account_id = "999999999999"
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_undeclared_names" {
  command = plan

  variables {
    catalogue = "tests/fixtures/wrong/undeclared.yaml"
    images    = { decide = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_an_undeclared_authorizer" {
  command = plan

  variables {
    catalogue = "tests/fixtures/wrong/undeclared-authorizer.yaml"
    images    = { decide = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_an_unknown_trigger" {
  command = plan

  variables {
    catalogue = "tests/fixtures/wrong/unknown-trigger.yaml"
    images    = { decide = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_a_shared_queue" {
  command = plan

  variables {
    catalogue = "tests/fixtures/wrong/shared-queue.yaml"
    images    = { judge = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222", decide = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_a_shared_route" {
  command = plan

  variables {
    catalogue = "tests/fixtures/wrong/shared-route.yaml"
    images    = { judge = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222", decide = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_a_kept_name" {
  command = plan

  variables {
    catalogue = "tests/fixtures/wrong/kept-name.yaml"
    images    = { decide-zip = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_a_guarded_route_without_authorizer" {
  command = plan

  variables {
    catalogue = "tests/fixtures/wrong/unguarded.yaml"
    images    = { decide = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_a_large_batch_without_window" {
  command = plan

  variables {
    catalogue = "tests/fixtures/wrong/unfilled-batch.yaml"
    images    = { decide = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  expect_failures = [aws_lambda_event_source_mapping.this["orders"]]
}

run "refuses_a_throttled_queue" {
  command = plan

  variables {
    catalogue = "tests/fixtures/wrong/throttled-queue.yaml"
    images    = { decide = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222" }
    zips      = {}
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_an_image_of_nobody" {
  command = plan

  variables {
    images = {
      refine  = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222"
      decide  = "0123456789abcdef-arm64@sha256:2222222222222222222222222222222222222222222222222222222222222222"
      doorman = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222"
      dorman  = "0123456789abcdef-x86_64@sha256:2222222222222222222222222222222222222222222222222222222222222222"
    }
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_an_image_of_a_function_without_folder" {
  command = plan

  variables {
    images = merge(var.images, {
      decide-batch = "0123456789abcdef-arm64@sha256:2222222222222222222222222222222222222222222222222222222222222222"
    })
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_a_zip_of_nobody" {
  command = plan

  variables {
    zips = {
      sweep = { bucket = "b", key = "k", source_code_hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
      swep  = { bucket = "b", key = "k", source_code_hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
    }
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_a_parallel_nobody" {
  command = plan

  variables {
    parallel_packages = { swep = "image" }
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_a_parallel_function_of_the_same_type" {
  command = plan

  variables {
    parallel_packages = { sweep = "zip" }
  }

  expect_failures = [terraform_data.preflight]
}

run "refuses_an_unknown_parallel_type" {
  command = plan

  variables {
    parallel_packages = { sweep = "tar" }
  }

  expect_failures = [var.parallel_packages]
}

run "refuses_an_image_by_tag" {
  command = plan

  variables {
    images = { decide = "latest" }
  }

  expect_failures = [var.images]
}

run "refuses_an_image_by_digest_alone" {
  command = plan

  variables {
    images = { decide = "sha256:2222222222222222222222222222222222222222222222222222222222222222" }
  }

  expect_failures = [var.images]
}

run "refuses_a_zip_with_a_hex_hash" {
  command = plan

  variables {
    zips = { sweep = { bucket = "b", key = "k", source_code_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" } }
  }

  expect_failures = [var.zips]
}

run "refuses_the_local_cloud_as_environment" {
  command = plan

  variables {
    environment = "local"
  }

  expect_failures = [var.environment]
}

run "refuses_an_environment_with_hyphens" {
  command = plan

  variables {
    environment = "my-dev"
  }

  expect_failures = [var.environment]
}

run "refuses_a_wrong_region" {
  command = plan

  variables {
    region = "europe"
  }

  expect_failures = [var.region]
}

run "refuses_a_short_account" {
  command = plan

  variables {
    account_id = "1234"
  }

  expect_failures = [var.account_id]
}

run "refuses_a_missing_catalogue" {
  command = plan

  variables {
    catalogue = "tests/fixtures/missing.yaml"
  }

  expect_failures = [var.catalogue]
}

run "refuses_a_disposable_production" {
  command = plan

  variables {
    environment = "prod"
    disposable  = true
  }

  expect_failures = [var.disposable]
}

run "refuses_an_unknown_retention" {
  command = plan

  variables {
    log_retention_days = 15
  }

  expect_failures = [var.log_retention_days]
}
