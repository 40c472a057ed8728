"""The posture as one HTML page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from compliance_guardian.posture import BucketFacts, Posture, SourceLine
from compliance_guardian.requirements import REQUIREMENTS

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d9dee3; --page: #fff;
  --open: #a4262c; --none: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #98a2ad; --line: #343b43;
  --page: #12161b; --open: #ff8a80; --none: #6fcf97; } }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--page);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
p { margin: .3rem 0; max-width: 48rem; } .soft { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; font-size: .85rem; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.open { color: var(--open); font-weight: 600; } .none { color: var(--none); }
"""
_NOTE = (
    "Evidence for an assessment by PCI DSS 4.0.1, not an assessment. It covers what was delivered "
    "to the buckets below; what cannot be seen from here is unknown."
)


def page(posture: Posture) -> str:
    """The page. Every text is escaped, as keys and sources are other people's."""
    at = posture.at.strftime("%Y-%m-%d %H:%M UTC")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>PCI DSS posture</title><style>{_STYLE}</style></head><body>"
        f'<h1>PCI DSS posture</h1><p class="soft">{at}</p><p>{_NOTE}</p>'
        f"{_requirements(posture)}{_sources(posture.sources)}{_buckets(posture.buckets)}"
        f"{_trend(posture)}</body></html>\n"
    )


def _requirements(posture: Posture) -> str:
    rows = (
        (
            escape(line.requirement),
            escape(REQUIREMENTS[line.requirement]),
            f'<span class="{_CLASSES[line.state]}">{escape(line.state)}</span>',
            escape(line.evidence),
        )
        for line in posture.lines
    )
    return _table("Requirements", ("Number", "Requirement", "State", "Evidence"), rows)


_CLASSES = {"open": "open", "none found": "none", "unknown": "soft"}


def _sources(sources: Sequence[SourceLine]) -> str:
    names = (
        "Source", "Policy", "Delivers to", "Objects", "Not to the end", "Card numbers", "Stripes",
        "Codes", "Personal data", "Protected", "Open in raw", "Latest delivery",
    )  # fmt: skip
    rows = (
        (
            escape(line.source),
            escape(line.policy),
            escape(line.bucket),
            *map(
                _number,
                (
                    line.objects,
                    line.incomplete,
                    line.card_numbers,
                    line.track_data,
                    line.verification_codes,
                    line.personal_data,
                ),
            ),
            "none" if line.protected_share is None else f"{line.protected_share:.1%}",
            f'<span class="open">{line.readable:,}</span>' if line.readable else "0",
            line.last_delivery.strftime("%Y-%m-%d") if line.last_delivery else "none",
        )
        for line in sources
    )
    return _table("Sources", names, rows, numbers=range(3, 11))


def _buckets(buckets: Sequence[BucketFacts]) -> str:
    rows = (
        (
            escape(one.name),
            escape(one.encryption or "unknown"),
            escape(_retention(one)),
            "unknown or without end"
            if one.old_versions_days is None
            else f"{one.old_versions_days} days",
            escape(one.problem or ""),
        )
        for one in buckets
    )
    names = ("Bucket", "Encryption", "Objects expire after", "Old versions stay", "Not seen")
    return _table("Buckets", names, rows)


def _retention(one: BucketFacts) -> str:
    if one.expire_days is None:
        return "unknown"
    days = (f"{days} days ({prefix or 'all'})" for prefix, days in one.expire_days.items())
    return ", ".join(days) or "never"


def _trend(posture: Posture) -> str:
    rows = (
        (
            escape(month.month),
            *map(_number, (month.objects, month.with_card_data, month.card_data, month.readable)),
        )
        for month in posture.trend
    )
    names = ("Delivered in", "Objects", "With card data", "Card data", "Open in raw")
    return _table("Trend", names, rows, numbers=range(1, 5))


def _number(value: int) -> str:
    return f"{value:,}"


def _table(
    title: str, names: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()
) -> str:
    right = set(numbers)
    kinds = [' class="n"' if index in right else "" for index in range(len(names))]
    head = "".join(f'<th scope="col"{k}>{name}</th>' for k, name in zip(kinds, names, strict=True))
    body = "".join(
        "<tr>"
        + "".join(f"<td{k}>{cell}</td>" for k, cell in zip(kinds, cells, strict=True))
        + "</tr>"
        for cells in rows
    )
    if not body:
        return f'<h2>{title}</h2><p class="soft">Nothing was scanned yet.</p>'
    return (
        f'<h2>{title}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
