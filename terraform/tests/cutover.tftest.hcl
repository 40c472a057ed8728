# A function moves from a zip file to an image and back: beside each other first, then its triggers.

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


run "zip_serves" {
  assert {
    condition     = output.functions.sweep.name == "shop-dev-sweep-zip"
    error_message = "The zip function must serve."
  }
}

run "image_beside_it" {
  variables {
    parallel_packages = { sweep = "image" }
    images = merge(var.images, {
      sweep = "0123456789abcdef-x86_64@sha256:4444444444444444444444444444444444444444444444444444444444444444"
    })
  }

  assert {
    condition     = output.functions.sweep.name == "shop-dev-sweep-zip" && output.parallel_functions == { sweep = "shop-dev-sweep", sweep-nightly = "shop-dev-sweep-nightly" }
    error_message = "The image functions must exist, all of the image together, and the zip functions still serve."
  }
}
