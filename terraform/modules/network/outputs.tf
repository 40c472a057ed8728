output "subnet_ids" {
  description = "Private subnets, one for each zone."
  value       = aws_subnet.this[*].id
}

output "function_security_group_id" {
  description = "Security group of functions."
  value       = aws_security_group.functions.id
}
