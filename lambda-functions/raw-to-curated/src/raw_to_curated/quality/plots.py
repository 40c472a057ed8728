"""Plots as inline SVG, from counts. Colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

# In pixels at the page's full width; a plot over both of the page's columns is wide.
_WIDTH, _WIDE = 480.0, 1000.0
_HEIGHT, _BELOW, _ABOVE = 170.0, 20.0, 16.0
_CHARACTER = 6.5  # width of a digit at the style sheet's 11 pixels


def stacked(counts: Sequence[int], classes: Sequence[str]) -> str:
    """One horizontal bar of parts; a part too thin to see is drawn one unit wide."""
    total = sum(counts) or 1
    bars, x = [], 0.0
    for count, class_ in zip(counts, classes, strict=True):
        if count:
            width = max(count / total * _WIDE, 2.0)
            bars.append(f'<rect class="{class_}" x="{x:.2f}" width="{width:.2f}" height="18"/>')
            x += width
    return (
        f'<svg viewBox="0 0 {max(x, 1):.2f} 18" role="img" aria-label="Rows">{"".join(bars)}</svg>'
    )


def columns(
    counts: Sequence[int],
    labels: Sequence[str],
    names: Sequence[str],
    title: str,
    *,
    is_wide: bool = False,
) -> str:
    """Columns with their counts above where there is room, and as tooltips with their names.

    A wide plot has its labels below the columns, another one below their left edges, as the edges
    of a histogram need it.
    """
    width = _WIDE if is_wide else _WIDTH
    slot = width / len(counts)
    base = _HEIGHT - _BELOW
    scale = (base - _ABOVE) / (max(counts) or 1)
    step = _label_step(labels, slot)
    has_room = slot >= _CHARACTER * max(len(short(count)) for count in counts)
    parts = [f'<line class="axis" x1="0" x2="{width:g}" y1="{base:g}" y2="{base:g}"/>']
    for index, (count, label, name) in enumerate(zip(counts, labels, names, strict=True)):
        x, height = index * slot, max(count * scale, 1.0 if count else 0.0)
        gap = min(slot * 0.12, 4.0)
        parts.append(
            f'<g><title>{escape(name)}: {count:,}</title><rect class="c0" x="{x + gap:.2f}" '
            f'y="{base - height:.2f}" width="{slot - 2 * gap:.2f}" height="{height:.2f}"/></g>'
        )
        if count and has_room:
            parts.append(_label(x + slot / 2, base - height - 4, short(count), "middle"))
        if index % step == 0 and label:
            at, anchor = (x + slot / 2, "middle") if is_wide else (x, "start")
            parts.append(_label(at, _HEIGHT - 6, label, anchor))
    return (
        f'<svg class="columns" viewBox="0 0 {width:g} {_HEIGHT:g}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}">{escape(text)}</text>'


def _label_step(labels: Sequence[str], slot: float) -> int:
    """Every how many columns a label fits."""
    widest = max(len(label) for label in labels) * _CHARACTER + 6
    return max(1, -int(-widest // slot))


def short(number: float) -> str:
    """A number in a few characters: 0.05, 999, 9.9k, 20k, 999k, 9.9M."""
    size, unit = number, ""
    for larger in "kMG":
        if size < 999.5:
            break
        size, unit = size / 1000, larger
    return f"{size:.2g}{unit}" if size < 9.95 else f"{size:.0f}{unit}"
