"""A data-quality report as one HTML page that needs nothing else: no script, no font, no network.

Everything in a report may come from a hostile file, so every text is escaped here, where the page
is put together, and the page's own policy forbids scripts and requests besides.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from datalake.quality_report import (
    CuratedReport,
    Distribution,
    OrdersQuality,
    ReturnsQuality,
    RowsOverTime,
)
from raw_to_curated.quality.plots import columns, short, stacked

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d9dee3; --page: #fff;
  --card: #f6f8fa; --c0: #2f6f9f; --c1: #7aa6c2; --c2: #c8553d; --c3: #a3a9b0; --c4: #d8a33f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #98a2ad; --line: #343b43;
  --page: #12161b; --card: #1b2128; --c0: #5b9fd0; --c1: #33617f; --c2: #e07a5f; --c3: #6b747d;
  --c4: #c9973a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem; background: var(--page);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0 0 .6rem; }
p { margin: .3rem 0; } .soft { color: var(--soft); }
.grid { display: grid; gap: 1rem; margin-top: 1rem;
  grid-auto-flow: dense;
  grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 1rem; min-width: 0; }
.wide { grid-column: 1 / -1; } .scroll { overflow-x: auto; }
.figures { display: flex; flex-wrap: wrap; gap: .4rem 2rem; margin: 1rem 0 0; }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--soft); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; vertical-align: top; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bars td { vertical-align: middle; } .track { width: 40%; min-width: 4rem; }
.wide svg.columns { min-width: 40rem; }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 11px; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .5rem 0 0; padding: 0;
  list-style: none; font-size: .9rem; }
.key i { display: inline-block; width: .7rem; height: .7rem; border-radius: 2px;
  margin-right: .4rem; }
.bar { background: var(--c0); height: .55rem; border-radius: 2px; min-width: 1px; }
.c0 { fill: var(--c0); background: var(--c0); } .c1 { fill: var(--c1); background: var(--c1); }
.c2 { fill: var(--c2); background: var(--c2); } .c3 { fill: var(--c3); background: var(--c3); }
.c4 { fill: var(--c4); background: var(--c4); } .axis { stroke: var(--line); }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MOST_ROWS = 10
# Null is the rule in these columns, no lack; their figures are elsewhere on the page.
_SPARSE = frozenset({"near_duplicate_of", "matched_order_id", "matched_line_number"})


def render(report: CuratedReport) -> bytes:
    """The page of one report, as UTF-8. Equal reports give equal bytes."""
    orders = report.quality.orders if report.quality else None
    returns = report.quality.returns if report.quality else None
    sections = [_accounting(report)]
    if orders:
        sections += [
            _histogram("Unit price of products", orders.unit_price),
            _histogram("Quantity of products", orders.quantity),
            _over_time(orders.rows_over_time),
            _shares("Line types", orders.line_types, orders.rows),
            _shares("Countries", orders.countries, orders.rows),
            _outliers(orders),
        ]
    if returns:
        sections.append(_returns(returns))
    sections += [_nulls(report), _reasons(report)]
    title = f"Data quality: {report.object_key}"
    return "".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
            _head(report, orders),
            '<div class="grid">\n',
            *sections,
            "</div>\n</body>\n</html>\n",
        )
    ).encode()


def _head(report: CuratedReport, orders: OrdersQuality | None) -> str:
    parts = [f"source {report.source}", report.status]
    if report.bytes_in is not None:
        parts.append(f"{report.bytes_in:,} bytes")
    parts.append(report.encoding)
    head = f'<h1>{_text(report.object_key)}</h1>\n<p class="soft">{_text(" · ".join(parts))}</p>\n'
    if not orders:
        return head
    first, last = _time(orders.time_range.min), _time(orders.time_range.max)
    figures = {name.capitalize(): count for name, count in orders.distinct.items()}
    figures |= {
        "Outliers": orders.outliers,
        "Near duplicates": orders.near_duplicates,
        "Imputed values": sum(orders.imputed.values()),
    }
    items = "".join(
        f"<div><dt>{_text(name)}</dt><dd>{count:,}</dd></div>" for name, count in figures.items()
    )
    return f'{head}<p>{first} to {last} (UTC)</p>\n<dl class="figures">{items}</dl>\n'


def _accounting(report: CuratedReport) -> str:
    parts = dict(report.rows_curated)
    parts["quarantined"] = report.rows_quarantined
    parts["exact duplicates"] = report.exact_duplicates
    # Curated tables in blue, what is not curated in red and grey.
    classes = [*itertools.islice(itertools.cycle(("c0", "c1", "c4")), len(parts) - 2), "c2", "c3"]
    key = "".join(
        f'<li><i class="{class_}"></i>{_text(name)} {count:,}</li>'
        for (name, count), class_ in zip(parts.items(), classes, strict=True)
    )
    content = (
        f"<p>{report.rows_in:,} rows in = {' + '.join(f'{n:,}' for n in parts.values())}</p>"
        f'{stacked(list(parts.values()), classes)}<ul class="key">{key}</ul>'
    )
    return _section("Rows", content, wide=True)


def _reasons(report: CuratedReport) -> str:
    reasons = sorted(report.quarantine_reasons.items(), key=lambda item: (-item[1], item[0]))
    return (
        _section("Reasons for quarantine", _table(("Reason", "Rows"), reasons)) if reasons else ""
    )


def _histogram(title: str, distribution: Distribution) -> str:
    edges = [f"{float(edge):g}" for edge in distribution.histogram.edges]
    counts = distribution.histogram.counts
    names = [
        f"below {edges[0]}",
        *(f"{low} to under {high}" for low, high in itertools.pairwise(edges)),
        f"{edges[-1]} and more",
    ]
    labels = ["", *(short(float(edge)) for edge in distribution.histogram.edges)]
    used = [index for index, count in enumerate(counts) if count]
    if not used:
        return ""
    shown = slice(used[0], used[-1] + 1)
    values = (
        f"median {distribution.p50}, 90 % from {distribution.p5} to {distribution.p95}, "
        f"all from {distribution.min} to {distribution.max}"
    )
    plot = columns(counts[shown], labels[shown], names[shown], title)
    return _section(title, f'{plot}<p class="soft">{_text(values)}</p>')


def _over_time(counted: RowsOverTime) -> str:
    rows = counted.rows
    if not rows:
        return ""
    title = f"Order lines by {counted.unit}"
    # Hours of the day are enough of a label; the tooltip has the date.
    labels = [name[11:16] or name for name in rows]
    plot = columns(list(rows.values()), labels, list(rows), title, is_wide=True)
    return _section(title, f'<div class="scroll">{plot}</div>', wide=True)


def _shares(title: str, counts: Mapping[str, int], rows: int) -> str:
    if not counts:
        return ""
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lines = [
        f'<tr><td>{_text(name)}</td><td class="track"><div class="bar" '
        f'style="width:{100 * count / rows:.2f}%"></div></td><td class="n">{count:,}</td>'
        f'<td class="n">{_percent(count, rows)}</td></tr>'
        for name, count in top[:_MOST_ROWS]
    ]
    rest = sum(count for _, count in top[_MOST_ROWS:])
    if rest:
        lines.append(
            f'<tr><td class="soft">{len(top) - _MOST_ROWS} more</td><td></td>'
            f'<td class="n">{rest:,}</td><td class="n">{_percent(rest, rows)}</td></tr>'
        )
    return _section(
        title, f'<div class="scroll"><table class="bars">{"".join(lines)}</table></div>'
    )


def _outliers(orders: OrdersQuality) -> str:
    top = orders.top_outliers
    if not top:
        return ""
    head = ("Line", "Order", "Product", "", "Quantity", "usual", "Unit price", "usual", "Score")
    rows = [
        (
            str(row.line_number),
            row.order_id,
            row.product_id,
            row.description or "",
            f"{row.quantity:,}",
            f"{row.usual_quantity:g}",
            row.unit_price,
            f"{row.usual_unit_price:.4g}",
            f"{row.outlier_score:.3f}",
        )
        for row in top
    ]
    share = f"{orders.outliers:,} order lines ({_percent(orders.outliers, orders.rows)})"
    note = (
        f"<p>{share} are flagged and kept; these have the greatest scores. Usual: the median.</p>"
    )
    return _section("Outliers", note + _table(head, rows, text_columns={1, 2, 3}), wide=True)


def _returns(returns: ReturnsQuality) -> str:
    rows = returns.rows
    if not rows:
        return ""
    lines = [
        ("Lines", f"{rows:,}", ""),
        ("Cancellations", f"{returns.cancellations:,}", _percent(returns.cancellations, rows)),
        ("Matched to their order", f"{returns.matched:,}", _percent(returns.matched, rows)),
        *(
            (f"Line type {name}", f"{count:,}", _percent(count, rows))
            for name, count in returns.line_types.items()
        ),
    ]
    return _section("Returns", _table(("", "Rows", "Share"), lines))


def _nulls(report: CuratedReport) -> str:
    lines = [
        (f"{output.table}.{name}", f"{count:,}", _percent(count, output.rows))
        for output in report.outputs
        for name, count in output.null_counts.items()
        if count and name not in _SPARSE
    ]
    return _section("Empty values", _table(("Column", "Rows", "Share"), lines)) if lines else ""


def _section(title: str, content: str, *, wide: bool = False) -> str:
    return f"<section{' class=wide' if wide else ''}><h2>{_text(title)}</h2>{content}</section>\n"


def _table(
    head: Sequence[str], rows: Iterable[Sequence[Any]], *, text_columns: Iterable[int] = (0,)
) -> str:
    """A table; columns other than the text columns hold numbers."""
    texts = set(text_columns)

    def cells(tag: str, row: Sequence[Any]) -> str:
        return "".join(
            f"<{tag}{'' if i in texts else ' class=n'}>{_text(_number(value))}</{tag}>"
            for i, value in enumerate(row)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{cells("th", head)}</tr>{body}</table></div>'


def _number(value: Any) -> Any:
    return f"{value:,}" if isinstance(value, int) else value


def _percent(count: int, rows: int) -> str:
    share = 100 * count / rows if rows else 0.0
    return f"{share:.1f} %" if share >= 0.1 or not count else "under 0.1 %"


def _time(value: str | None) -> str:
    return _text(value[:16].replace("T", " ")) if value else "no time"


def _text(value: Any) -> str:
    return escape(str(value), quote=True)
