output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "alias" {
  description = "Name of the alias that events and requests reach."
  value       = aws_lambda_alias.live.name
}

output "alias_arn" {
  description = "ARN of the alias, once the role may do its work."
  value       = aws_lambda_alias.live.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "alias_invoke_arn" {
  description = "ARN by which API Gateway invokes the alias, once it may."
  value       = aws_lambda_alias.live.invoke_arn
  depends_on  = [aws_lambda_permission.this]
}

output "published_version" {
  description = "The newest version; the alias may still name an older one."
  value       = aws_lambda_function.this.version
}

output "image_uri" {
  description = "The image, by digest; null for a zip function."
  value       = aws_lambda_function.this.image_uri
}

output "role_name" {
  description = "Name of the role."
  value       = aws_iam_role.this.name
}

output "log_group" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "failure_metrics" {
  description = "Metrics by which a release watches a version: namespace, names, and the sum from which it stops."
  value       = merge(var.failure_metrics, { threshold = var.alarms.errors })
}

output "alarm_names" {
  description = "Alarms that a release watches."
  value       = values(aws_cloudwatch_metric_alarm.this)[*].alarm_name
}
