"""How well and how fast the scan finds cards and personal data."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import data
from data import Document

from compliance_guardian.pci.findings import Kind
from compliance_guardian.pci.scan import ALL_KINDS, scan, version

SEED = 20_261_125
"""Of the texts that are held back: rules are never tried on them before they are settled."""
_CARDS = 5_000
_A_FORM = 500
_RANDOM = 20_000
_SPEED = 20_000


def interval(hits: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    if not trials:
        return 0.0, 1.0
    z, share = 1.96, hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    spread = math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    spread *= z / (1 + z * z / trials)
    return max(0.0, middle - spread), min(1.0, middle + spread)


def _share(hits: int, trials: int) -> dict[str, Any]:
    low, high = interval(hits, trials)
    return {
        "hits": hits,
        "of": trials,
        "share": round(hits / trials, 4) if trials else None,
        "low": round(low, 4),
        "high": round(high, 4),
    }


def quality(documents: Iterable[Document], kinds: frozenset[Kind]) -> dict[str, Any]:
    """Recall and precision by kind, and recall by form. A finding is right where it overlaps a
    place of its kind. Kinds without any label are not counted, cards are if none has one, and
    labels of kinds that the scan does not know are left out."""
    documents = list(documents)
    labels = Counter(span.kind for document in documents for span in document.spans)
    labelled = {kind.value for kind in Kind} & set(labels)
    # Texts without any label are texts without a card.
    labelled = labelled or {Kind.CARD_NUMBER.value}
    unknown = {kind: count for kind, count in sorted(labels.items()) if kind not in set(Kind)}
    spans: Counter[str] = Counter()
    recalled: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    right: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    forms_recalled: Counter[str] = Counter()
    for document in documents:
        found = [f for f in scan(document.text, kinds) if f.kind.value in labelled]
        for span in document.spans:
            if span.kind not in labelled:
                continue
            hit = any(
                f.kind.value == span.kind and f.start < span.end and span.start < f.end
                for f in found
            )
            spans[span.kind] += 1
            recalled[span.kind] += hit
            if span.form:
                forms[span.form] += 1
                forms_recalled[span.form] += hit
        for f in found:
            findings[f.kind.value] += 1
            right[f.kind.value] += any(
                f.kind.value == span.kind and f.start < span.end and span.start < f.end
                for span in document.spans
            )
    return {
        "documents": len(documents),
        **({"labels of unknown kinds, left out": unknown} if unknown else {}),
        "recall": {kind: _share(recalled[kind], spans[kind]) for kind in sorted(labelled)},
        "precision": {kind: _share(right[kind], findings[kind]) for kind in sorted(labelled)},
        "recall by form": {form: _share(forms_recalled[form], forms[form]) for form in forms},
    }


def false_positives(documents: Iterable[Document]) -> dict[str, Any]:
    """The share of texts without a card in which one is found."""
    documents = list(documents)
    hits = sum(bool(scan(one.text, frozenset({Kind.CARD_NUMBER}))) for one in documents)
    return _share(hits, len(documents))


def speed(kinds: frozenset[Kind]) -> int:
    """Documents of 85 characters a second of this process's CPU time; one in four has a card."""
    numbers = list(data.cards(SEED + 1, _SPEED // 8))
    filler = "Please leave it with the neighbours, we are at home from 5 on. Thank you very much! "
    texts = [f"{one.text} {filler}"[:85] for one in numbers]
    texts += [(filler * 2)[i % 40 : i % 40 + 85] for i in range(_SPEED - len(texts))]
    begin = time.process_time()
    for text in texts:
        scan(text, kinds)
    return round(len(texts) / (time.process_time() - begin))


def built_in(seed: int) -> dict[str, Any]:
    """All measurements on made-up texts of a seed."""
    card = frozenset({Kind.CARD_NUMBER})
    return {
        "cards": quality(data.cards(seed, _CARDS), card),
        "obfuscated": quality(data.obfuscated(seed, _A_FORM), card),
        "random 13-19 digits": false_positives(data.random_digits(seed, _RANDOM, is_named=False)),
        "random 13-19 digits after 'card number'": false_positives(
            data.random_digits(seed, _RANDOM, is_named=True)
        ),
        "documents a second, cards": speed(card),
        "documents a second, all kinds": speed(ALL_KINDS),
    }


def evaluate(file: Path | None, seed: int) -> dict[str, Any]:
    """All measurements on made-up texts, or the quality on those of a file. Raises DataError."""
    found = quality(data.read(file), ALL_KINDS) if file else built_in(seed)
    return {"rules": version(), **found}


def lines(name: str, value: Any, indent: int = 0) -> Iterable[str]:
    """A measurement as text."""
    pad = "  " * indent
    if isinstance(value, dict) and "share" in value:
        yield (
            f"{pad}{name}: {value['share']} [{value['low']}, {value['high']}]"
            f" ({value['hits']} of {value['of']})"
        )
    elif isinstance(value, dict):
        yield f"{pad}{name}:"
        for key, member in value.items():
            yield from lines(key, member, indent + 1)
    else:
        yield f"{pad}{name}: {value:,}" if isinstance(value, int) else f"{pad}{name}: {value}"
