"""Words near a number that say what it is."""

from __future__ import annotations

import re

from compliance_guardian.pci.findings import Evidence

_BEFORE, _AFTER = 48, 32
"""How far, in characters, a word may be from the number that it describes."""

# Names of fields join words (card_number, paymentCard, orderId): a word may begin with a capital
# behind a letter, and letters may follow most words.
_BEGIN = r"(?:(?<![a-z])|(?-i:(?<=[a-z])(?=[A-Z])))"
_CARD = re.compile(
    _BEGIN
    + r"(?:card(?!i|b|amom)|credit|debit|kreditk|karte|kaart|tarjeta|carte\b|carta\b|cart[aã]o"
    r"|kort"
    r"|cc(?![a-z])|ccn|ccnum|pan(?![a-z])|visa|master ?card|maestro|amex"
    r"|american express|discover\b"
    r"|diners"
    r"|jcb|union ?pay|rupay|mir(?![a-z])|charge|pay(?:ment|ing|ed|s)?(?![a-z])"
    r"|paid|zahl(?:e|ung)|belast"
    r"|cvv|cvc|expir|exp(?![a-z])|valid (?:thru|until|through)|g[uü]ltig bis|card ?holder)"
    r"|карт|卡号|信用卡|カード",
    re.IGNORECASE,
)
_OTHER = re.compile(
    _BEGIN + r"(?:order|bestell|auftrag|commande|pedido|ordine|ref(?:erence|erenz)?(?![a-z])|track"
    r"|parcel|package"
    r"|shipment|sendung|suivi|waybill|awb|invoice|rechnung|facture?a?|serial|serien|seriennummer|s/n|sku(?![a-z])"
    r"|ean(?![a-z])|upc(?![a-z])|gtin|isbn|issn|barcode|imei|imsi|iccid|uuid|guid|ticket|trace|session|request"
    r"|timestamp|epoch|time(?![a-z])|unix|phone|tel(?![a-z])|telefon|fax|mobile|product|article|artikel|item"
    r"|batch|lot(?![a-z])|hash|checksum|meter|policy|contract|transaction|txn|correlation|message"
    r"|version|build|licen[cs]e|passport|member|loyalty|gift|voucher|coupon|iban|konto|account id"
    r"|customer|kundennummer|id(?![a-z]))",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
# What stands between such a word and its number: the rest of the word, three more, signs; no number
# of its own, no comma, no end of a sentence.
_LINK = re.compile(
    r"\w*?(?:[^\w,.;!?\n]+|(?:(?<=\bno)|(?<=\bnr))\.\s*|[.?;](?!\s)|_)*"
    r"(?:[^\W\d_]+(?:[^\w,.;!?\n]+|(?:(?<=\bno)|(?<=\bnr))\.\s*|[.?;](?!\s)|_)*){0,3}",
    re.IGNORECASE,
)


def card_words(text: str, start: int, end: int) -> Evidence | None:
    """What the words near text[start:end] say of whether it is a card number.

    The nearest word before it decides, then the words behind it.
    """
    before = text[max(0, start - _BEFORE) : start]
    card = _last(_CARD, before)
    other = _last(_OTHER, before)
    if other and not _LINK.fullmatch(before, other.end()):
        other = None
    if card and _follows_other_number(before, card.end()):
        card = None
    if card and (not other or card.end() >= other.end()):
        return Evidence("word", card.group().lower(), 3.0)
    if other:
        return Evidence("word", other.group().lower(), -4.0)
    after = text[end : end + _AFTER].partition("\n")[0]
    if behind := _CARD.search(after):
        return Evidence("word", behind.group().lower(), 2.5)
    if (behind := _OTHER.match(after.lstrip(" ,(-"))) and not _DIGIT.search(after):
        return Evidence("word", behind.group().lower(), -2.0)
    return None


def _follows_other_number(before: str, position: int) -> bool:
    """Whether a long number stands between the word and the one that it may describe."""
    return re.search(r"\d{6}", before[position:]) is not None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one counts
        pass
    return found
