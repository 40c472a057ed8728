"""Tells in one pass of a fast engine which texts may hold a finding at all."""

from __future__ import annotations

import re

import polars as pl

# Wider than the rules: what these do not match, no rule finds. Words are those that make a few
# digits a finding, escapes and base64 are those in which digits hide.
_POSSIBLE = "|".join(
    (
        r"[0-9](?:[^0-9A-Za-z,;\t]{0,5}[0-9]){11}",
        r"@",
        r"[^\x00-\x7f]",
        r"[A-Za-z]{2}[0-9]{2}[ \-.]{0,2}[A-Za-z0-9]{4}[ \-.]{0,2}[A-Za-z0-9]{3}",
        r"[0-9]{3}-[0-9]{2}-[0-9]{4}",
        r"\+[1-9]",
        r"\b00[1-9]",
        r"[2-9][0-9]{2}\)? ?[-.]?[2-9][0-9]{2}[-. ][0-9]{4}",
        r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
        r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:",
        r"::",
        r"%[0-9A-Fa-f]{2}",
        r"&#",
        r"&nbsp",
        r"\\[ux]",
        r"[A-Za-z0-9+/_\-]{16}",
        r"(?i:cvv|cvc|cvn|cav|cid|csc|security|verification|pr[uü]f|sicherheit|cryptogramme"
        r"|curit|segur|exp|valid|good |g[uü]ltig|ablauf|verfall|scadenza|ssn|social"
        r"|soc\.|tax ?payer|tel|phone|mobil|cell|handy|rufnummer|fax"
        r"|call|ring|whatsapp|portable|m[oó]vil)[^,;\t]*[0-9]",
    )
)
# Points in time have as many digits as a card number, and often stand in every row.
_TIMES = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?"
_TELLING = re.compile(
    r"(?i)card|karte|cc|pan|cvv|cvc|cvn|csc|cid|security|exp|valid|iban|ssn|social|tel|phone|mobil|cell|fax"
    r"|handy|rufnummer"
)


def suspects(texts: pl.Series) -> pl.Series:
    """The indexes of the texts that may hold a finding."""
    return (
        texts.str.replace_all(_TIMES, ",").str.contains(_POSSIBLE).fill_null(value=False).arg_true()
    )


def is_telling(name: str) -> bool:
    """Whether the name of a column makes findings of values that are none by themselves."""
    return _TELLING.search(name) is not None
