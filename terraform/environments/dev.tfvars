environment             = "dev"
region                  = "us-east-1"
log_level               = "DEBUG"
log_retention_days      = 14
noncurrent_version_days = 7
disposable              = true
monthly_budget_usd      = 50
