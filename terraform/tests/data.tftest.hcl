# modules/bucket, modules/queue, modules/dead-letter-queue and modules/table.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "bucket" {
  variables {
    name                    = "shop-dev-raw-123456789012"
    noncurrent_version_days = 7
  }

  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Objects must be encrypted."
  }
  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    error_message = "Nothing may become public."
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Objects must have versions."
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[0].noncurrent_version_expiration[0].noncurrent_days == 7 && aws_s3_bucket_lifecycle_configuration.this.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    error_message = "Old versions and abandoned uploads must go."
  }
  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this.rule) == 1
    error_message = "Objects must stay unless they are asked to expire."
  }
  assert {
    condition     = data.aws_iam_policy_document.this.statement[0].effect == "Deny" && one(data.aws_iam_policy_document.this.statement[0].condition).variable == "aws:SecureTransport"
    error_message = "Requests without TLS must be refused."
  }
  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "A bucket with objects must not be deleted unless asked for."
  }
}

run "bucket_whose_objects_expire" {
  variables {
    name                    = "shop-dev-raw-123456789012"
    noncurrent_version_days = 30
    expire_days             = { "staging/" = 7, "" = 90 }
  }

  module {
    source = "./modules/bucket"
  }

  assert {
    condition     = { for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.filter[0].prefix => rule.expiration[0].days if startswith(rule.id, "expire-") } == { "staging/" = 7, "" = 90 }
    error_message = "Objects must expire where that is asked for, and there alone."
  }
  assert {
    condition     = { for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id => rule.noncurrent_version_expiration[0].noncurrent_days } == { remove-what-nobody-sees = 30, "expire-staging/" = 7, expire- = 30 }
    error_message = "What expires must not be kept for longer as an old version."
  }
}

run "refuses_objects_that_expire_at_once" {
  command = plan

  variables {
    name                    = "shop-dev-raw-123456789012"
    noncurrent_version_days = 7
    expire_days             = { "staging/" = 0.5 }
  }

  module {
    source = "./modules/bucket"
  }

  expect_failures = [var.expire_days]
}

run "refuses_a_long_bucket_name" {
  command = plan

  variables {
    name                    = "a123456789-123456789-123456789-123456789-123456789-1-123456789012"
    noncurrent_version_days = 7
  }

  module {
    source = "./modules/bucket"
  }

  expect_failures = [var.name]
}

run "refuses_versions_that_expire_at_once" {
  command = plan

  variables {
    name                    = "shop-dev-raw-123456789012"
    noncurrent_version_days = 0
  }

  module {
    source = "./modules/bucket"
  }

  expect_failures = [var.noncurrent_version_days]
}

run "queue_without_rule_and_consumer" {
  variables {
    name                 = "shop-dev-orders"
    visibility_timeout_s = 120
    alarm_topic_arn      = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  module {
    source = "./modules/queue"
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == ["TlsOnly"]
    error_message = "No service may send."
  }
}

run "queue" {
  variables {
    name                 = "shop-dev-refine-s3-1"
    visibility_timeout_s = 120
    redrive              = { dead_letter_arn = "arn:aws:sqs:eu-central-1:123456789012:shop-dev-refine-dlq", max_receive_count = 3 }
    rule_arn             = "arn:aws:events:eu-central-1:123456789012:rule/shop-dev-refine-s3-1"
    alarm_topic_arn      = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  module {
    source = "./modules/queue"
  }

  assert {
    condition     = aws_sqs_queue.this.visibility_timeout_seconds == 120 && jsondecode(aws_sqs_queue.this.redrive_policy) == { deadLetterTargetArn = "arn:aws:sqs:eu-central-1:123456789012:shop-dev-refine-dlq", maxReceiveCount = 3 }
    error_message = "The third failed delivery must dead-letter the message."
  }
  assert {
    condition     = aws_sqs_queue.this.sqs_managed_sse_enabled
    error_message = "Messages must be encrypted."
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : "${coalesce(statement.effect, "Allow")} ${one(statement.principals).type} ${one(one(statement.principals).identifiers)}"] == ["Deny * *", "Allow Service events.amazonaws.com"]
    error_message = "Nobody but EventBridge may send."
  }
  assert {
    condition     = one(data.aws_iam_policy_document.this.statement[1].condition) == { test = "ArnEquals", variable = "aws:SourceArn", values = tolist(["arn:aws:events:eu-central-1:123456789012:rule/shop-dev-refine-s3-1"]) }
    error_message = "EventBridge may send for the queue's rule only."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.age.threshold == 3600 && aws_cloudwatch_metric_alarm.age.dimensions.QueueName == "shop-dev-refine-s3-1"
    error_message = "An alarm must tell of a consumer that is behind."
  }
}

run "dead_letter_queue" {
  variables {
    name              = "shop-dev-refine-dlq"
    source_queue_arns = ["arn:aws:sqs:eu-central-1:123456789012:shop-dev-refine-s3-1", "arn:aws:sqs:eu-central-1:123456789012:shop-dev-refine-s3-2"]
    advice            = "Redrive them."
    alarm_topic_arn   = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  module {
    source = "./modules/dead-letter-queue"
  }

  assert {
    condition     = aws_sqs_queue.this.message_retention_seconds == 1209600 && aws_sqs_queue.this.sqs_managed_sse_enabled
    error_message = "Dead letters must be kept for 14 days, encrypted."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.this.redrive_allow_policy) == jsondecode(jsonencode({ redrivePermission = "byQueue", sourceQueueArns = var.source_queue_arns }))
    error_message = "Only the function's own queues may dead-letter."
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.this.statement : statement.sid] == ["TlsOnly"]
    error_message = "No service may send."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.depth.threshold == 0 && aws_cloudwatch_metric_alarm.depth.comparison_operator == "GreaterThanThreshold" && aws_cloudwatch_metric_alarm.depth.dimensions.QueueName == "shop-dev-refine-dlq" && endswith(aws_cloudwatch_metric_alarm.depth.alarm_description, "Redrive them.")
    error_message = "An alarm must tell of the first dead letter, and what to do."
  }
}

run "queue_for_undelivered_events" {
  variables {
    name            = "shop-dev-undelivered-events"
    rule_arns       = ["arn:aws:events:eu-central-1:123456789012:rule/a", "arn:aws:events:eu-central-1:123456789012:rule/b"]
    advice          = "Send them again."
    alarm_topic_arn = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  module {
    source = "./modules/dead-letter-queue"
  }

  assert {
    condition     = toset(one(data.aws_iam_policy_document.this.statement[1].condition).values) == toset(var.rule_arns) && one(data.aws_iam_policy_document.this.statement[1].condition).test == "ArnEquals" && one(one(data.aws_iam_policy_document.this.statement[1].principals).identifiers) == "events.amazonaws.com"
    error_message = "EventBridge may send for the rules only."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.this.redrive_allow_policy) == { redrivePermission = "denyAll" }
    error_message = "No queue may dead-letter here."
  }
}

run "refuses_eleven_queues_of_one_function" {
  command = plan

  variables {
    name              = "shop-dev-refine-dlq"
    source_queue_arns = [for number in range(11) : "arn:aws:sqs:eu-central-1:123456789012:shop-dev-refine-s3-${number}"]
    advice            = "Redrive them."
    alarm_topic_arn   = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  module {
    source = "./modules/dead-letter-queue"
  }

  expect_failures = [var.source_queue_arns]
}

run "refuses_a_long_dead_letter_queue_name" {
  command = plan

  variables {
    name            = format("%081d", 0)
    advice          = "Redrive them."
    alarm_topic_arn = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  module {
    source = "./modules/dead-letter-queue"
  }

  expect_failures = [var.name]
}

run "refuses_a_long_queue_name" {
  command = plan

  variables {
    name                 = format("%081d", 0)
    visibility_timeout_s = 120
    alarm_topic_arn      = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  module {
    source = "./modules/queue"
  }

  expect_failures = [var.name]
}

run "refuses_long_visibility_and_no_delivery" {
  command = plan

  variables {
    name                 = "shop-dev-orders"
    visibility_timeout_s = 43201
    redrive              = { dead_letter_arn = "arn:aws:sqs:eu-central-1:123456789012:any", max_receive_count = 0 }
    alarm_topic_arn      = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  module {
    source = "./modules/queue"
  }

  expect_failures = [var.visibility_timeout_s, var.redrive]
}

run "table" {
  variables {
    name                = "shop-dev-baskets"
    partition_key       = "customer"
    sort_key            = "opened_at"
    ttl_attribute       = "expires_at"
    deletion_protection = true
  }

  module {
    source = "./modules/table"
  }

  assert {
    condition     = aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST" && aws_dynamodb_table.this.deletion_protection_enabled && aws_dynamodb_table.this.point_in_time_recovery[0].enabled
    error_message = "The table must be on demand, recoverable and protected."
  }
  assert {
    condition     = aws_dynamodb_table.this.hash_key == "customer" && aws_dynamodb_table.this.range_key == "opened_at" && toset([for a in aws_dynamodb_table.this.attribute : a.name]) == toset(["customer", "opened_at"])
    error_message = "Both keys must be declared."
  }
  assert {
    condition     = aws_dynamodb_table.this.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.this.ttl[0].enabled
    error_message = "Items must expire."
  }
}

run "table_with_one_key" {
  variables {
    name                = "shop-dev-seen"
    partition_key       = "id"
    deletion_protection = false
  }

  module {
    source = "./modules/table"
  }

  assert {
    condition     = length(aws_dynamodb_table.this.attribute) == 1 && length(aws_dynamodb_table.this.ttl) == 0 && aws_dynamodb_table.this.range_key == null
    error_message = "No sort key and no expiry unless asked for."
  }
}

run "refuses_a_key_that_expires" {
  command = plan

  variables {
    name                = "shop-dev-seen"
    partition_key       = "id"
    ttl_attribute       = "id"
    deletion_protection = false
  }

  module {
    source = "./modules/table"
  }

  expect_failures = [var.ttl_attribute]
}
