"""The prod tables a second time, as DuckDB SQL over the curated files: nothing shared with polars.

Views that the queries stand on: orders, returns, transactions, market_series and
country_indicators with every line once; go and gr, their goods, with `day`.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from curated_to_prod.service import Service
from curated_to_prod.settings import Settings
from data_plane import made_up
from data_plane.curated_objects import curate
from datalake.contracts.prod import ProdTable
from datalake.memory import MemoryStorage

_LINE = "order_id, product_id, quantity, unit_price, currency, ordered_at, customer_id, country"

VIEWS = {
    "orders": f"""
        SELECT {_LINE}, CASE WHEN imputed_columns = '' THEN description END AS description,
               max(line_type) AS line_type, bool_or(is_outlier) AS is_outlier
        FROM {{orders}} GROUP BY ALL""",
    "returns": f"""
        SELECT {_LINE}, description, is_cancellation, max(line_type) AS line_type
        FROM {{returns}} GROUP BY ALL""",
    "transactions": """
        SELECT transaction_id, customer_id, terminal_id, transacted_at, amount, currency, quantity,
               bool_or(is_fraud) AS is_fraud
        FROM {transactions} GROUP BY ALL""",
    "market_series": """
        SELECT series_id, frequency, observed_on, value, adjusted_value, unit
        FROM {market_series}
        QUALIFY row_number() OVER (
            PARTITION BY series_id, frequency, observed_on
            ORDER BY filename DESC, line_number DESC) = 1""",
    "country_indicators": """
        SELECT country, year, population, life_expectancy, fertility, gdp_per_capita
        FROM {country_indicators}
        QUALIFY row_number() OVER (
            PARTITION BY country, year ORDER BY filename DESC, line_number DESC) = 1""",
}
GOODS = """
    CREATE OR REPLACE VIEW go AS
        SELECT *, ordered_at::DATE AS day FROM orders WHERE line_type = 'product';
    CREATE OR REPLACE VIEW gr AS
        SELECT *, ordered_at::DATE AS day FROM returns WHERE line_type = 'product';
"""

_SALES = """
    coalesce(s.orders, 0) AS orders, coalesce(s.units, 0) AS units,
    coalesce(r.units, 0) AS returned_units, coalesce(s.amount, 0) AS revenue,
    coalesce(r.amount, 0) AS returned_amount,
    coalesce(s.amount, 0) - coalesce(r.amount, 0) AS net_revenue"""


def _sums(view: str, group: str, *more: str) -> str:
    columns = [
        group,
        "count(DISTINCT order_id) AS orders",
        "sum(quantity) AS units",
        "sum(quantity * unit_price) AS amount",
        *more,
    ]
    return f"(SELECT {', '.join(columns)} FROM {view} GROUP BY ALL)"


DAILY = f"""
    SELECT product_id, currency, day, {_SALES},
           coalesce(s.outlier_units, 0) AS outlier_units,
           s.amount::DOUBLE / s.units AS unit_price, strftime(day, '%Y-%m') AS month
    FROM (SELECT product_id, currency, min(day) AS start
          FROM (FROM go SELECT product_id, currency, day UNION ALL
                FROM gr SELECT product_id, currency, day) GROUP BY ALL)
    JOIN (SELECT unnest(generate_series(
              (SELECT min(day) FROM (FROM go SELECT day UNION ALL FROM gr SELECT day)),
              (SELECT max(day) FROM (FROM go SELECT day UNION ALL FROM gr SELECT day)),
              INTERVAL 1 DAY))::DATE AS day) ON day >= start
    LEFT JOIN {
    _sums("go", "product_id, currency, day", "sum(quantity) FILTER (is_outlier) AS outlier_units")
} s USING (product_id, currency, day)
    LEFT JOIN {_sums("gr", "product_id, currency, day")} r USING (product_id, currency, day)"""

CUSTOMER_DAYS = """
    WITH documents AS (
        SELECT customer_id, currency, day, country, ordered_at AS made_at, order_id AS bought,
               NULL AS credit, quantity AS units, quantity * unit_price AS amount, 0 AS back FROM go
        UNION ALL
        SELECT customer_id, currency, day, country, ordered_at, NULL, order_id, 0, 0,
               quantity * unit_price FROM gr
        UNION ALL
        SELECT customer_id, currency, transacted_at::DATE, NULL, NULL,
               'p' || row_number() OVER (), NULL, coalesce(quantity, 0), amount, 0
        FROM transactions)
    SELECT customer_id, currency, day,
           arg_max(country, (made_at, country)) FILTER (country IS NOT NULL) AS country,
           count(DISTINCT bought) AS orders, sum(units) AS units, count(DISTINCT credit) AS returns,
           sum(amount) AS amount, sum(back) AS returned_amount, strftime(day, '%Y-%m') AS month
    FROM documents WHERE customer_id IS NOT NULL GROUP BY customer_id, currency, day"""


def _window_sums() -> str:
    return ", ".join(
        f"coalesce(sum({name}) FILTER (day >= as_of - {days}), 0) AS {name}_{days}d"
        for days in (30, 90, 365)
        for name in ("orders", "amount")
    )


QUERIES = {
    "merged_orders": "SELECT *, strftime(ordered_at, '%Y-%m') AS month FROM orders",
    "merged_returns": "SELECT *, strftime(ordered_at, '%Y-%m') AS month FROM returns",
    "merged_transactions": "SELECT *, strftime(transacted_at, '%Y-%m') AS month FROM transactions",
    "country_years": "SELECT * FROM country_indicators",
    "merged_market_series": "SELECT *, year(observed_on) AS year FROM market_series",
    "product_months": f"""
        SELECT product_id, currency, description, first_day, last_day, {_SALES}, month
        FROM (SELECT product_id, currency, strftime(day, '%Y-%m') AS month, min(day) AS first_day,
                     max(day) AS last_day, arg_max(description, (ordered_at, description))
                         FILTER (description IS NOT NULL) AS description
              FROM (FROM go SELECT product_id, currency, day, ordered_at, description UNION ALL
                    FROM gr SELECT product_id, currency, day, ordered_at, description)
              GROUP BY ALL)
        LEFT JOIN {_sums("go", "product_id, currency, strftime(day, '%Y-%m') AS month")} s
            USING (product_id, currency, month)
        LEFT JOIN {_sums("gr", "product_id, currency, strftime(day, '%Y-%m') AS month")} r
            USING (product_id, currency, month)""",
    "demand_daily": DAILY,
    "demand_weekly": f"""
        SELECT product_id, currency, date_trunc('week', day)::DATE AS week, count(*) AS days,
               sum(orders) AS orders, sum(units) AS units, sum(returned_units) AS returned_units,
               sum(revenue) AS revenue, sum(returned_amount) AS returned_amount,
               sum(net_revenue) AS net_revenue, sum(outlier_units) AS outlier_units,
               sum(revenue)::DOUBLE / nullif(sum(units), 0) AS unit_price,
               strftime(date_trunc('week', day), '%Y-%m') AS month
        FROM ({DAILY}) GROUP BY ALL""",
    "customer_days": CUSTOMER_DAYS,
    "customer_features": f"""
        WITH days AS ({CUSTOMER_DAYS}),
        dates AS (SELECT unnest(generate_series(
                      (SELECT min(date_trunc('month', day)) + INTERVAL 1 MONTH FROM days),
                      (SELECT max(date_trunc('month', day)) + INTERVAL 1 MONTH FROM days),
                      INTERVAL 1 MONTH))::DATE AS as_of),
        purchases AS (
            SELECT *, day - lag(day) OVER (
                PARTITION BY as_of, customer_id, currency ORDER BY day) AS gap
            FROM days JOIN dates ON day < as_of WHERE orders > 0),
        bought AS (
            SELECT as_of, customer_id, currency, min(day) AS first_day, max(day) AS last_day,
                   as_of - min(day) AS tenure_days, as_of - max(day) AS recency_days,
                   count(*) AS purchase_days, avg(gap) AS mean_gap_days,
                   median(gap) AS median_gap_days, stddev_samp(gap) AS std_gap_days,
                   arg_max_null(gap, day)::DOUBLE AS last_gap_days, {_window_sums()}
            FROM purchases GROUP BY as_of, customer_id, currency)
        SELECT bought.*, sums.* EXCLUDE (as_of, customer_id, currency),
               amount - returned_amount AS net_amount,
               amount::DOUBLE / orders AS mean_order_amount,
               returned_amount::DOUBLE / nullif(amount, 0)::DOUBLE AS returns_rate
        FROM bought JOIN (
            SELECT as_of, customer_id, currency,
                   arg_max(country, day) FILTER (country IS NOT NULL) AS country,
                   sum(orders) AS orders, sum(units) AS units, sum(returns) AS returns,
                   sum(amount) AS amount, sum(returned_amount) AS returned_amount
            FROM days JOIN dates ON day < as_of GROUP BY ALL) sums
            USING (as_of, customer_id, currency)""",
    "matched_returns": """
        SELECT r.*, o.order_id AS matched_order_id, o.ordered_at AS matched_ordered_at,
               o.quantity AS matched_quantity, strftime(r.ordered_at, '%Y-%m') AS month
        FROM returns r LEFT JOIN orders o
          ON o.customer_id = r.customer_id AND o.product_id = r.product_id
         AND o.unit_price = r.unit_price AND o.currency = r.currency
         AND o.ordered_at <= r.ordered_at
         AND o.ordered_at >= r.ordered_at - INTERVAL 180 DAY
        QUALIFY row_number() OVER (
            PARTITION BY r.order_id, r.product_id, r.description, r.quantity, r.unit_price,
                         r.currency, r.ordered_at, r.customer_id, r.country, r.is_cancellation
            ORDER BY o.ordered_at DESC, o.order_id DESC, o.quantity DESC) = 1""",
    "country_months": """
        SELECT country, currency, coalesce(s.orders, 0) AS orders, coalesce(customers, 0) AS
               customers, coalesce(s.units, 0) AS units, coalesce(r.orders, 0) AS returns,
               coalesce(r.units, 0) AS returned_units, coalesce(s.amount, 0) AS revenue,
               coalesce(r.amount, 0) AS returned_amount,
               coalesce(s.amount, 0) - coalesce(r.amount, 0) AS net_revenue,
               coalesce(r.amount, 0)::DOUBLE / s.amount::DOUBLE AS returns_rate, month
        FROM """
    + _sums(
        "go",
        "country, currency, strftime(day, '%Y-%m') AS month",
        "count(DISTINCT customer_id) AS customers",
    )
    + " s FULL JOIN "
    + _sums("gr", "country, currency, strftime(day, '%Y-%m') AS month")
    + " r USING (country, currency, month)",
    "transaction_features": """
        WITH numbered AS (SELECT *, row_number() OVER () AS n FROM transactions),
        customer AS (
            SELECT a.n, a.currency, {customer}
            FROM numbered a JOIN numbered b
              ON a.customer_id = b.customer_id AND a.currency = b.currency
             AND b.transacted_at <= a.transacted_at
             AND b.transacted_at > a.transacted_at - INTERVAL 30 DAY
            WHERE {sample} GROUP BY ALL),
        terminal AS (
            SELECT a.n, {terminal}
            FROM numbered a LEFT JOIN numbered b
              ON a.terminal_id = b.terminal_id
             AND b.transacted_at <= a.transacted_at - INTERVAL 7 DAY
             AND b.transacted_at > a.transacted_at - INTERVAL 37 DAY
            WHERE {sample} AND a.terminal_id IS NOT NULL GROUP BY ALL)
        SELECT t.* EXCLUDE (n), dayofweek(transacted_at) IN (0, 6) AS is_weekend,
               hour(transacted_at) < 7 AS is_night,
               customer.* EXCLUDE (n, currency), terminal.* EXCLUDE (n),
               strftime(transacted_at, '%Y-%m') AS month
        FROM numbered t JOIN customer USING (n) LEFT JOIN terminal USING (n)""".format(
        sample="hash(a.customer_id) % {every} = 0",
        customer=", ".join(
            f"count(*) FILTER (b.transacted_at > a.transacted_at - INTERVAL {d} DAY) "
            f"AS customer_count_{d}d, "
            f"avg(b.amount) FILTER (b.transacted_at > a.transacted_at - INTERVAL {d} DAY) "
            f"AS customer_mean_amount_{d}d"
            for d in (1, 7, 30)
        ),
        terminal=", ".join(
            f"count(b.n) FILTER (b.transacted_at > a.transacted_at - INTERVAL {d + 7} DAY) "
            f"AS terminal_count_{d}d, "
            "coalesce(avg(coalesce(b.is_fraud, false)::INT) FILTER (b.n IS NOT NULL AND "
            f"b.transacted_at > a.transacted_at - INTERVAL {d + 7} DAY), 0) "
            f"AS terminal_fraud_risk_{d}d"
            for d in (1, 7, 30)
        ),
    ),
    "market_panel": """
        WITH observed AS (
            SELECT *, coalesce(adjusted_value, value) AS price, lag(coalesce(adjusted_value, value))
                   OVER (PARTITION BY series_id, frequency ORDER BY observed_on) AS previous
            FROM market_series),
        days AS (SELECT DISTINCT observed_on AS day FROM observed WHERE frequency = 'daily'),
        kept AS (
            SELECT series_id, frequency, day AS observed_on, arg_max(price, observed_on) AS value,
                   arg_max(unit, observed_on) AS unit
            FROM observed JOIN days ON observed_on <= day AND observed_on >= day - 7
            WHERE frequency = 'daily' GROUP BY ALL HAVING max(observed_on) < day)
        SELECT series_id, frequency, observed_on, price AS value, true AS is_observed,
               CASE WHEN price > 0 AND previous > 0 THEN price / previous - 1 END AS simple_return,
               CASE WHEN price > 0 AND previous > 0 THEN ln(price / previous) END AS log_return,
               unit, year(observed_on) AS year FROM observed
        UNION ALL
        SELECT series_id, frequency, observed_on, value, false, NULL, NULL, unit,
               year(observed_on) FROM kept""",
}


class Second:
    """DuckDB over a copy of the buckets in files."""

    def __init__(self, storage: MemoryStorage, folder: Path) -> None:
        for (bucket, key), (body, _) in storage.snapshot().items():
            path = folder / bucket / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        self._folder = folder
        self.duckdb = duckdb.connect()
        self.duckdb.execute("SET timezone = 'UTC'; SET threads = 2")
        for name, query in VIEWS.items():
            files = f"{folder}/curated/{name}/**/*.parquet"
            if any((folder / "curated").glob(f"{name}/**/*.parquet")):
                source = f"read_parquet('{files}', filename = true)"
            else:
                source = f"({_EMPTY[name]})"
            # A table, because each query reads it.
            self.duckdb.execute(f"CREATE TABLE {name} AS {query.format(**{name: source})}")
        self.duckdb.execute(GOODS)

    def rows(self, table: ProdTable) -> str:
        """The table as it was published, partition included."""
        files = f"{self._folder}/prod/{table.name}/**/*.parquet"
        return f"read_parquet('{files}', hive_partitioning = true)"

    def differences(self, table: ProdTable, *, every: int = 1, only: str = "true") -> list[object]:
        """Rows that one computation has and the other not, or with another value; at most 5.

        Numbers with a binary point may differ by one part in 10^9. `every` takes each n-th
        customer of transaction_features, `only` is a condition on the published rows.
        """
        expected = QUERIES[table.name].replace("{every}", str(every))
        key = [*table.key, *filter(None, [table.partition])]
        same = [
            f"coalesce(abs(e.{name} - a.{name}) <= 1e-9 * greatest(1, abs(e.{name})), "
            f"e.{name} IS NULL AND a.{name} IS NULL)"
            if str(table.schema[name]) == "Float64"
            else f"e.{name} IS NOT DISTINCT FROM a.{name}"
            for name in table.schema.names()
            if name not in table.key
        ]
        on = " AND ".join(f"e.{name} IS NOT DISTINCT FROM a.{name}" for name in key)
        return self.duckdb.execute(
            f"""WITH e AS MATERIALIZED (SELECT *, 1 AS present FROM ({expected})),
                     a AS MATERIALIZED (
                         SELECT *, 1 AS present FROM {self.rows(table)} WHERE {only})
                SELECT to_json(e)::VARCHAR, to_json(a)::VARCHAR FROM e FULL JOIN a ON {on}
                WHERE e.present IS NULL OR a.present IS NULL OR NOT ({" AND ".join(same) or "true"})
                LIMIT 5"""
        ).fetchall()

    def count(self, table: ProdTable) -> int:
        """Rows of the table as it was published."""
        (row,) = self.duckdb.execute(f"SELECT count(*) FROM {self.rows(table)}").fetchall()
        return int(row[0])


_EMPTY = {
    "orders": """SELECT '' AS order_id, '' AS product_id, '' AS description, 1::BIGINT AS quantity,
        1::DECIMAL(18, 4) AS unit_price, '' AS currency, now() AS ordered_at, '' AS customer_id,
        '' AS country, '' AS line_type, true AS is_outlier, '' AS imputed_columns WHERE false""",
    "transactions": """SELECT '' AS transaction_id, '' AS customer_id, '' AS terminal_id,
        now() AS transacted_at, 1::DECIMAL(18, 4) AS amount, '' AS currency, 1::BIGINT AS quantity,
        true AS is_fraud WHERE false""",
    "market_series": """SELECT '' AS series_id, '' AS frequency, today() AS observed_on,
        1.0::DOUBLE AS value, 1.0::DOUBLE AS adjusted_value, '' AS unit, '' AS filename,
        1 AS line_number WHERE false""",
    "country_indicators": """SELECT '' AS country, 1::BIGINT AS year, 1::BIGINT AS population,
        1.0::DOUBLE AS life_expectancy, 1.0::DOUBLE AS fertility, 1.0::DOUBLE AS gdp_per_capita,
        '' AS filename, 1 AS line_number WHERE false""",
}
_EMPTY["returns"] = _EMPTY["orders"].replace(
    "true AS is_outlier, '' AS imputed_columns", "true AS is_cancellation"
)


def published(objects: list[made_up.Tables]) -> MemoryStorage:
    """What the function publishes of objects, processed one after the other."""
    storage = MemoryStorage()
    for number, tables in enumerate(objects):
        key = curate(storage, "made-up", f"object-{number}", tables)
        Service(storage, Settings(curated_bucket="curated", prod_bucket="prod")).process(key)
    return storage
