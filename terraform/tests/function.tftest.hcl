# modules/container-function: what it makes.

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

run "image" {
  module {
    source = "./modules/container-function"
  }

  assert {
    condition     = aws_lambda_function.this.package_type == "Image" && endswith(aws_lambda_function.this.image_uri, "@sha256:${join("", [for _ in range(64) : "1"])}")
    error_message = "The image must be deployed by its digest."
  }
  assert {
    condition = aws_lambda_function.this.image_config[0] == {
      command           = tolist(["handler.lambda_handler"])
      entry_point       = tolist(["/lambda-entrypoint.sh"])
      working_directory = "/var/task"
    }
    error_message = "Entry point, command and working directory must be explicit."
  }
  assert {
    condition     = aws_lambda_function.this.handler == null && aws_lambda_function.this.runtime == null
    error_message = "An image brings handler and runtime."
  }
  assert {
    condition     = aws_lambda_function.this.architectures[0] == "arm64" && aws_lambda_function.this.memory_size == 512 && aws_lambda_function.this.timeout == 20
    error_message = "Architecture, memory and timeout must be those of the catalogue."
  }
  assert {
    condition     = aws_lambda_function.this.ephemeral_storage[0].size == 512 && aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "Defaults: 512 MB of /tmp, no reserved concurrency."
  }
  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.name == "live" && aws_lambda_alias.live.function_version == "1"
    error_message = "A version must be published behind the alias live."
  }
  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_format == "JSON" && aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/shop-dev-decide" && aws_cloudwatch_log_group.this.retention_in_days == 14
    error_message = "Logs must be JSON, in a group with retention."
  }
  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active"
    error_message = "Tracing must be on."
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/shop-boundary"
    error_message = "The role must be under the boundary."
  }
  assert {
    condition     = keys(local.used) == ["WriteLogs", "WriteTraces"]
    error_message = "A function that uses nothing may write its logs and traces only, but has ${join(", ", keys(local.used))}."
  }
  assert {
    condition     = { for kind, alarm in aws_cloudwatch_metric_alarm.this : kind => alarm.threshold } == { errors = 2, throttles = 3, duration = 10000 }
    error_message = "Alarms must tell of errors, throttles, and half of 20 s."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["errors"].dimensions.Resource == "shop-dev-decide:live"
    error_message = "The alarm must watch the alias."
  }
  assert {
    condition     = length(aws_lambda_function.this.snap_start) == 0 && length(aws_lambda_provisioned_concurrency_config.live) == 0 && length(aws_lambda_function_event_invoke_config.live) == 0 && length(aws_lambda_function.this.vpc_config) == 0
    error_message = "SnapStart, provisioned concurrency, asynchronous settings and VPC must be off unless asked for."
  }
}

run "options" {
  variables {
    ephemeral_storage_mb    = 2048
    reserved_concurrency    = 5
    provisioned_concurrency = 2
    environment             = { LEVEL = "3" }
    async                   = { retries = 1 }
    log_level               = "DEBUG"
    vpc                     = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
    invokers = {
      schedule-1 = { principal = "events.amazonaws.com", source_arn = "arn:aws:events:eu-central-1:123456789012:rule/any" }
    }
    access = {
      read_buckets    = ["arn:aws:s3:::in"]
      inspect_buckets = ["arn:aws:s3:::out"]
      write_buckets   = ["arn:aws:s3:::in", "arn:aws:s3:::out"]
      receive_queues  = ["arn:aws:sqs:eu-central-1:123456789012:in"]
      send_queues     = ["arn:aws:sqs:eu-central-1:123456789012:out"]
      read_tables     = ["arn:aws:dynamodb:eu-central-1:123456789012:table/t"]
      write_tables    = ["arn:aws:dynamodb:eu-central-1:123456789012:table/t"]
      functions       = ["arn:aws:lambda:eu-central-1:123456789012:function:f:live"]
      state_machines  = ["arn:aws:states:eu-central-1:123456789012:stateMachine:m"]
      secrets         = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:s-abcdef"]
      parameters      = ["arn:aws:ssm:eu-central-1:123456789012:parameter/p"]
    }
  }

  module {
    source = "./modules/container-function"
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == 5 && aws_lambda_function.this.ephemeral_storage[0].size == 2048 && aws_lambda_function.this.environment[0].variables == tomap({ LEVEL = "3" })
    error_message = "Reserved concurrency, /tmp and environment must be as asked for."
  }
  assert {
    condition     = aws_lambda_provisioned_concurrency_config.live[0].provisioned_concurrent_executions == 2 && aws_lambda_provisioned_concurrency_config.live[0].qualifier == "live"
    error_message = "The alias must have provisioned concurrency."
  }
  assert {
    condition     = aws_lambda_function_event_invoke_config.live[0].maximum_retry_attempts == 1 && aws_lambda_function_event_invoke_config.live[0].qualifier == "live" && aws_lambda_function_event_invoke_config.live[0].destination_config[0].on_failure[0].destination == aws_sqs_queue.failures[0].arn
    error_message = "Failed asynchronous invocations must be kept in a queue."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.failures[0].dimensions.QueueName == "shop-dev-decide-failures"
    error_message = "An alarm must tell of kept failures."
  }
  assert {
    condition     = aws_lambda_permission.this["schedule-1"].qualifier == "live" && aws_lambda_permission.this["schedule-1"].principal == "events.amazonaws.com"
    error_message = "Invokers must be allowed to invoke the alias."
  }
  assert {
    condition     = length(local.used) == 15
    error_message = "Every kind of access must have its statement."
  }
  assert {
    condition     = jsonencode(local.used.ListBuckets.resources) == jsonencode(["arn:aws:s3:::in", "arn:aws:s3:::out"]) && jsonencode(local.used.ReadObjects.resources) == jsonencode(["arn:aws:s3:::in/*"])
    error_message = "Buckets that are written are listed, but not read."
  }
  assert {
    condition     = contains(local.used.SendMessages.resources, aws_sqs_queue.failures[0].arn)
    error_message = "Lambda sends failures with the function's role."
  }
  assert {
    condition     = contains(aws_lambda_function.this.vpc_config[0].subnet_ids, "subnet-1")
    error_message = "The function must run in the VPC."
  }
}

run "failures" {
  variables {
    failure_metrics = { namespace = "shop-dev", names = ["MessagesFailed", "RequestsFailed"] }
  }

  module {
    source = "./modules/container-function"
  }

  assert {
    condition = alltrue([
      for key, metric in { failed-messages = "MessagesFailed", failed-requests = "RequestsFailed" } :
      [for part in ["namespace", "metric_name", "statistic", "threshold"] : aws_cloudwatch_metric_alarm.this[key][part]] == ["shop-dev", metric, "Sum", 2] && aws_cloudwatch_metric_alarm.this[key].dimensions == tomap({ service = "shop-dev-decide" })
    ])
    error_message = "An alarm must tell of failed messages and one of failed requests, which fail no invocation."
  }
  assert {
    condition     = length(setsubtract(["shop-dev-decide-failed-messages", "shop-dev-decide-failed-requests"], output.alarm_names)) == 0
    error_message = "A release must watch failed messages and requests."
  }
  assert {
    condition     = output.failure_metrics == { namespace = "shop-dev", names = toset(["MessagesFailed", "RequestsFailed"]), threshold = 2 }
    error_message = "A release must learn the metrics that it watches by version."
  }
}

run "snapstart" {
  variables {
    snapstart = true
  }

  module {
    source = "./modules/container-function"
  }

  assert {
    condition     = aws_lambda_function.this.snap_start[0].apply_on == "PublishedVersions"
    error_message = "Published versions must start from a snapshot."
  }
}

run "zip" {
  variables {
    package_type = "zip"
    image        = null
    tracing      = "PassThrough"
    zip = {
      bucket           = "packages"
      key              = "decide/1.zip"
      source_code_hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    }
  }

  module {
    source = "./modules/container-function"
  }

  assert {
    condition     = aws_lambda_function.this.package_type == "Zip" && aws_lambda_function.this.handler == "handler.lambda_handler" && aws_lambda_function.this.runtime == "python3.13" && aws_lambda_function.this.s3_key == "decide/1.zip"
    error_message = "A zip function has handler, runtime and package."
  }
  assert {
    condition     = length(aws_lambda_function.this.image_config) == 0 && aws_lambda_function.this.image_uri == null
    error_message = "A zip function has no image."
  }
  assert {
    condition     = keys(local.used) == ["WriteLogs"]
    error_message = "Without active tracing the function needs no right to write traces."
  }
}
