output "repository_urls" {
  description = "By function that owns an image: where the image is pushed to."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "state_bucket" {
  description = "Bucket of Terraform's state."
  value       = module.state.name
}

output "releases_bucket" {
  description = "Bucket of release records and zip packages, under the environment's name."
  value       = module.releases.name
}

output "ci_role_arns" {
  description = "Roles of GitHub Actions: plan, and deploy-<environment>."
  value       = { for name, role in aws_iam_role.ci : name => role.arn }
}
