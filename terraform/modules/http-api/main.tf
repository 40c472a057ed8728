# An HTTP API (payload format 2.0) whose routes invoke functions.

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  protocol_type = "HTTP"

  dynamic "cors_configuration" {
    for_each = var.cors[*]

    content {
      allow_origins     = cors_configuration.value.allow_origins
      allow_credentials = cors_configuration.value.allow_credentials
      allow_methods     = distinct([for key in keys(var.routes) : split(" ", key)[0]])
      allow_headers     = ["authorization", "content-type"]
      max_age           = 300
    }
  }
}

resource "aws_apigatewayv2_authorizer" "this" {
  count = var.authorizer != null ? 1 : 0

  api_id                            = aws_apigatewayv2_api.this.id
  name                              = "authorizer"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = var.invoke_arns[var.authorizer]
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  # Without the header the answer is 401, and the authorizer is not asked.
  identity_sources = ["$request.header.Authorization"]
  # A cached answer would hold for other routes than the one that was asked for.
  authorizer_result_ttl_in_seconds = 0
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = toset(values(var.routes)[*].function)

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = var.invoke_arns[each.key]
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:The catalogue says which routes are open
  for_each = var.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this[each.value.function].id}"
  authorization_type = each.value.authorized ? "CUSTOM" : "NONE"
  authorizer_id      = each.value.authorized ? one(aws_apigatewayv2_authorizer.this[*].id) : null
}

resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with its own key; what is secret is not logged
  #checkov:skip=CKV_AWS_338:The environment says how long logs are kept
  name              = "/aws/vendedlogs/http-api/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId        = "$context.requestId"
      time             = "$context.requestTime"
      sourceIp         = "$context.identity.sourceIp"
      routeKey         = "$context.routeKey"
      path             = "$context.path"
      status           = "$context.status"
      responseLength   = "$context.responseLength"
      responseLatency  = "$context.responseLatency"
      integrationError = "$context.integrationErrorMessage"
      authorizerError  = "$context.authorizer.error"
    })
  }

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = var.throttling.rate_limit
    throttling_burst_limit   = var.throttling.burst_limit
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-http-5xx"
  alarm_description   = "The HTTP API answers 5xx: its access log names the routes, the functions' logs the reason."
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = aws_apigatewayv2_api.this.id }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
