"""The route on new products."""

from __future__ import annotations

from functools import partial

from demand_insights_engine import stored
from demand_insights_engine.likeness_schemas import FirstWeeks, NewProduct
from demand_insights_engine.parameters import Currency, Source
from lambda_app.http import HttpRouter

router = HttpRouter()


@router.post("/demand/<source>/new-products", summary="The first weeks of a new product")
def forecast_new_product(
    source: Source, request: NewProduct, currency: Currency = None
) -> FirstWeeks:
    """Forecast a product that has no demand yet, from the first weeks of products like it."""
    from demand_insights_engine import likeness_stored

    read = partial(likeness_stored.new_product, source=source, currency=currency, asked=request)
    return stored.answer(read, f"product of source {source} whose first weeks are known")
