"""The API: the routes of each topic."""

from __future__ import annotations

from demand_insights_engine import (
    changes_api,
    customers_api,
    demand_api,
    likeness_api,
    response_api,
    stock_api,
)
from lambda_app.http import HttpApp

app = HttpApp(title="demand-insights-engine", version="1.0.0")
app.include_router(demand_api.router)
app.include_router(changes_api.router)
app.include_router(stock_api.router)
app.include_router(response_api.router)
app.include_router(likeness_api.router)
app.include_router(customers_api.router)
