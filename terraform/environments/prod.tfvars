environment             = "prod"
region                  = "us-east-1"
log_retention_days      = 365
noncurrent_version_days = 90
monthly_budget_usd      = 500

http_api = {
  rate_limit  = 500
  burst_limit = 1000
}
