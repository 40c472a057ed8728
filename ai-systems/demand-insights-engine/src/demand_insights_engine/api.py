"""The API: the routes of each topic."""

from __future__ import annotations

from demand_insights_engine import demand_api
from lambda_app.http import HttpApp

app = HttpApp(title="demand-insights-engine", version="1.0.0")
app.include_router(demand_api.router)
