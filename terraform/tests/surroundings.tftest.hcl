# modules/http-api, modules/observability and modules/network.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name               = "shop-dev"
  throttling         = { rate_limit = 50, burst_limit = 100 }
  log_retention_days = 14
  alarm_topic_arn    = "arn:aws:sns:eu-central-1:123456789012:alarms"
  routes = {
    "GET /orders/{id}" = { function = "decide", authorized = false }
    "POST /orders"     = { function = "decide", authorized = true }
    "DELETE /waste"    = { function = "sweep", authorized = false }
  }
  invoke_arns = {
    decide  = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:decide:live/invocations"
    sweep   = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:sweep:live/invocations"
    doorman = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:doorman:live/invocations"
  }
  authorizer = "doorman"
}

run "http_api" {
  variables {
    cors = { allow_origins = ["https://shop.example"], allow_credentials = true }
  }

  module {
    source = "./modules/http-api"
  }

  assert {
    condition     = { for key, route in aws_apigatewayv2_route.this : key => route.authorization_type } == { "GET /orders/{id}" = "NONE", "POST /orders" = "CUSTOM", "DELETE /waste" = "NONE" }
    error_message = "Exactly the authorized route must be guarded."
  }
  assert {
    condition     = aws_apigatewayv2_route.this["POST /orders"].authorizer_id == aws_apigatewayv2_authorizer.this[0].id && aws_apigatewayv2_route.this["DELETE /waste"].authorizer_id == null
    error_message = "The guarded route must name the authorizer."
  }
  assert {
    condition     = keys(aws_apigatewayv2_integration.this) == ["decide", "sweep"] && aws_apigatewayv2_integration.this["sweep"].integration_uri == var.invoke_arns.sweep && aws_apigatewayv2_integration.this["sweep"].payload_format_version == "2.0"
    error_message = "Each function must have one integration, in payload format 2.0."
  }
  assert {
    condition     = aws_apigatewayv2_authorizer.this[0].authorizer_uri == var.invoke_arns.doorman && aws_apigatewayv2_authorizer.this[0].enable_simple_responses && aws_apigatewayv2_authorizer.this[0].authorizer_result_ttl_in_seconds == 0
    error_message = "Every request must be asked about."
  }
  assert {
    condition     = aws_apigatewayv2_stage.default.default_route_settings[0].throttling_rate_limit == 50 && aws_apigatewayv2_stage.default.default_route_settings[0].throttling_burst_limit == 100
    error_message = "Requests must be throttled."
  }
  assert {
    condition     = jsondecode(aws_apigatewayv2_stage.default.access_log_settings[0].format).status == "$context.status" && aws_cloudwatch_log_group.access.retention_in_days == 14
    error_message = "Requests must be logged as JSON, with retention."
  }
  assert {
    condition     = aws_apigatewayv2_api.this.cors_configuration[0].allow_origins == toset(["https://shop.example"]) && aws_apigatewayv2_api.this.cors_configuration[0].allow_methods == toset(["DELETE", "GET", "POST"])
    error_message = "Browsers of the origin may use the routes' methods."
  }
}

run "http_api_without_authorizer_and_cors" {
  variables {
    routes     = { "DELETE /waste" = { function = "sweep", authorized = false } }
    authorizer = null
  }

  module {
    source = "./modules/http-api"
  }

  assert {
    condition     = length(aws_apigatewayv2_authorizer.this) == 0 && length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "No authorizer and no CORS unless asked for."
  }
}

run "refuses_a_route_without_method" {
  command = plan

  variables {
    routes = { "/orders" = { function = "decide", authorized = false } }
  }

  module {
    source = "./modules/http-api"
  }

  expect_failures = [var.routes]
}

run "refuses_to_throttle_everything" {
  command = plan

  variables {
    throttling = { rate_limit = 0, burst_limit = 100 }
  }

  module {
    source = "./modules/http-api"
  }

  expect_failures = [var.throttling]
}

run "refuses_access_logs_for_ever" {
  command = plan

  variables {
    log_retention_days = 0
  }

  module {
    source = "./modules/http-api"
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_an_origin_with_a_path" {
  command = plan

  variables {
    cors = { allow_origins = ["https://shop.example/"] }
  }

  module {
    source = "./modules/http-api"
  }

  expect_failures = [var.cors]
}

run "refuses_credentials_from_anywhere" {
  command = plan

  variables {
    cors = { allow_origins = ["*"], allow_credentials = true }
  }

  module {
    source = "./modules/http-api"
  }

  expect_failures = [var.cors]
}

run "observability" {
  variables {
    alarm_emails = ["team@shop.example"]
    budget       = { usd = 50, tag = "Stack$shop-dev" }
    functions    = ["shop-dev-decide"]
    queues       = ["shop-dev-orders"]
    dead_letters = ["shop-dev-decide-dlq"]
    api_ids      = ["abc123"]
  }

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = aws_sns_topic_subscription.mail["team@shop.example"].protocol == "email"
    error_message = "Alarms must be mailed."
  }
  assert {
    condition     = aws_budgets_budget.this[0].limit_amount == "50" && one(aws_budgets_budget.this[0].cost_filter).values == tolist(["user:Stack$shop-dev"]) && length(aws_budgets_budget.this[0].notification) == 2
    error_message = "The budget must count what is tagged with the stack, and tell of forecast and actual cost."
  }
  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 10
    error_message = "The dashboard must show functions, queues and the API."
  }
  assert {
    condition     = alltrue([for name in ["shop-dev-decide", "shop-dev-orders", "shop-dev-decide-dlq", "abc123"] : strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "\"${name}\"")])
    error_message = "The dashboard must name every function, queue and API."
  }
}

run "observability_of_functions_alone" {
  variables {
    functions = ["shop-dev-decide"]
    queues    = []
  }

  module {
    source = "./modules/observability"
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 5 && length(aws_budgets_budget.this) == 0
    error_message = "No charts of what there is not, and no budget unless asked for."
  }
}

run "refuses_an_address_without_domain" {
  command = plan

  variables {
    alarm_emails = ["team"]
    functions    = []
    queues       = []
  }

  module {
    source = "./modules/observability"
  }

  expect_failures = [var.alarm_emails]
}

run "refuses_a_budget_of_nothing" {
  command = plan

  variables {
    budget    = { usd = 0, tag = "Stack$shop-dev" }
    functions = []
    queues    = []
  }

  module {
    source = "./modules/observability"
  }

  expect_failures = [var.budget]
}

run "network" {
  variables {
    cidr                = "10.20.0.0/20"
    zones               = 3
    interface_endpoints = ["sqs", "xray"]
  }

  module {
    source = "./modules/network"
  }

  assert {
    condition     = aws_subnet.this[*].cidr_block == ["10.20.0.0/22", "10.20.4.0/22", "10.20.8.0/22"] && length(distinct(aws_subnet.this[*].availability_zone)) == 3
    error_message = "Each zone must have its own subnet."
  }
  assert {
    condition     = keys(aws_vpc_endpoint.gateway) == ["dynamodb", "s3"] && keys(aws_vpc_endpoint.interface) == ["sqs", "xray"]
    error_message = "AWS services must be reached through endpoints."
  }
  assert {
    condition     = aws_vpc_endpoint.interface["sqs"].service_name == "com.amazonaws.eu-central-1.sqs" && aws_vpc_endpoint.interface["sqs"].private_dns_enabled
    error_message = "The endpoint must answer under the service's usual name."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.referenced_security_group_id == aws_security_group.functions.id && aws_vpc_security_group_ingress_rule.endpoints.from_port == 443
    error_message = "Only functions may reach the endpoints."
  }
}

run "refuses_a_small_network" {
  command = plan

  variables {
    cidr                = "10.20.0.0/25"
    interface_endpoints = []
  }

  module {
    source = "./modules/network"
  }

  expect_failures = [var.cidr]
}

run "refuses_one_zone" {
  command = plan

  variables {
    cidr                = "10.20.0.0/20"
    zones               = 1
    interface_endpoints = []
  }

  module {
    source = "./modules/network"
  }

  expect_failures = [var.zones]
}

run "state_machine" {
  variables {
    definition               = "{\"StartAt\": \"End\", \"States\": {\"End\": {\"Type\": \"Succeed\"}}}"
    function_arns            = ["arn:aws:lambda:eu-central-1:123456789012:function:decide:live"]
    read_bucket_arns         = ["arn:aws:s3:::in"]
    write_bucket_arns        = ["arn:aws:s3:::out"]
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/shop-boundary"
  }

  module {
    source = "./modules/state-machine"
  }

  assert {
    condition     = aws_sfn_state_machine.this.type == "STANDARD" && aws_sfn_state_machine.this.logging_configuration[0].level == "ERROR" && !aws_sfn_state_machine.this.logging_configuration[0].include_execution_data && aws_sfn_state_machine.this.tracing_configuration[0].enabled
    error_message = "Executions must be logged without their data, and traced."
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/shop-boundary" && aws_iam_role.this.name == "shop-dev-states"
    error_message = "The role must be under the boundary."
  }
  assert {
    condition     = local.statements.StartChildren.resources == ["arn:aws:states:eu-central-1:123456789012:stateMachine:shop-dev"] && local.statements.ReadObjects.resources == ["arn:aws:s3:::in/*"] && local.statements.WriteResults.resources == ["arn:aws:s3:::out/*"]
    error_message = "It may start its own children, and use its buckets alone."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.failed.threshold == 0
    error_message = "An alarm must tell of failed executions."
  }
}

run "refuses_a_definition_without_start" {
  command = plan

  variables {
    definition               = "{}"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/shop-boundary"
  }

  module {
    source = "./modules/state-machine"
  }

  expect_failures = [var.definition]
}

run "refuses_state_machine_logs_for_ever" {
  command = plan

  variables {
    definition               = "{\"StartAt\": \"End\", \"States\": {\"End\": {\"Type\": \"Succeed\"}}}"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/shop-boundary"
    log_retention_days       = 0
  }

  module {
    source = "./modules/state-machine"
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_a_long_state_machine_name" {
  command = plan

  variables {
    name                     = format("%058d", 0)
    definition               = "{\"StartAt\": \"End\", \"States\": {\"End\": {\"Type\": \"Succeed\"}}}"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/shop-boundary"
  }

  module {
    source = "./modules/state-machine"
  }

  expect_failures = [var.name]
}
