output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "url" {
  description = "Where the API answers."
  value       = aws_apigatewayv2_stage.default.invoke_url
}

output "execution_arn" {
  description = "ARN under which the API invokes functions."
  value       = aws_apigatewayv2_api.this.execution_arn
}
