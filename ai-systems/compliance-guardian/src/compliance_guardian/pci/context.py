"""Words near a number that say what it is."""

from __future__ import annotations

import re

from compliance_guardian.pci.findings import Evidence

_BEFORE, _AFTER = 80, 40
"""How far, in characters, a word may be from the number that it describes."""

# Names of fields join words (card_number, paymentCard, orderId): a word may begin with a capital
# behind a letter, and letters may follow most words.
BEGIN = r"(?:(?<![a-z])|(?-i:(?<=[a-z])(?=[A-Z])))"
# What closes a name before its value: card[cvv]=, <CVV>, "cvv":, (CVV), cvv|. A comma or semicolon
# divides columns if no blank follows.
CLOSE = r"(?:[\s\"':=#\-|()\[\]>\\]|[,;](?=[\"'(+\d])){0,6}"
# Languages join them too: Bankkarte, luottokortti. Those are no cards: discard, postcard.
_JOINED = (
    r"(?<!dis)(?<!post)(?<!score)(?<!wild)(?<!flash)(?<!pla)(?<!bill|land)"
    r"(?:card(?!i|b|amom)|kart(?!o|ell)|kard(?!i)|k[aá]rty|kaart|kort(?!on|ex)|tarjeta|targeta|tarxeta"
    r"|cart[aã]o|kredi[td]|credit|debit)"
)
_CARD = re.compile(
    _JOINED
    + "|"
    + BEGIN
    + r"(?:carte\b|carta\b|cb(?![a-z])|cc(?![a-z])|ccn|ccnum|pan(?![a-z])|primary ?account"
    r"|mc(?![a-z])|visa|master ?card|maestro|amex|american express|discover\b|diners|jcb|union ?pay"
    r"|rupay|mir(?![a-z])|charge|pay(?:ment|ing|ed|s)?(?![a-z])|paid|paga|zahl(?:e|ung)|belast"
    r"|cvv|cvc|csc(?![a-z])|cryptogramme|expir|exp(?![a-z])|valid (?:thru|until|through)"
    r"|g[uü]ltig bis|thẻ(?!\w)|iso ?8583)"
    r"|карт|картк|κάρτ|καρτ|כרטיס|אשראי|بطاق|کارت|کارڈ|ائتمان|कार्ड|কার্ড|கார்டு|கார்ட்|కార్డ్|ಕಾರ್ಡ್|കാർഡ്"
    r"|કાર્ડ|ਕਾਰਡ|කාඩ්|บัตร|카드|カード|卡|քարտ|ბარათ|កាត|ບັດ",
    re.IGNORECASE,
)
# What carries numbers of its own.
_STRONG = (
    r"order|bestell|auftrag|commande|pedido|ordine|encomenda|zam[oó]wi|objedn[aá]v|sipari[sş]|beställ"
    r"|ref(?:erence|erenz|erencia)?(?![a-z])|track|confirmation|reserv|booking|buchung"
    r"|parcel|paket|package|colis|shipment|shipping|sendung|suivi|seguimiento|waybill|awb"
    r"|invoice|rechnung|factur|fattura|receipt|quittung|bon(?![a-z])"
    r"|serial|serien|s/n|sn(?![a-z])|sku(?![a-z])|ean(?:-?1?[38])?(?![a-z])|upc(?![a-z])|gtin|isbn|issn|barcode"
    r"|imei|imsi|iccid|uuid|guid|ticket|trace|epoch|timestamp|unix|hash|checksum"
    r"|phone|tel(?![a-z])|telefon|fax|mobile|meter(?![a-z])|z[aä]hler|passport|licen[cs]e|iban|konto"
    r"|account id"
)
# What does too, but is also what other sentences are about.
_WEAK = (
    r"session|request|time(?![a-z])|elapsed|duration|(?:nano|micro|milli)s"
    r"|product|article|artikel|item|batch|lot(?![a-z])|policy|contract"
    r"|vertrag|transaction|transaktion|txn|correlation|message|version|build|case|member|mitglied"
    r"|customer|kunden|client|loyalty|voucher|coupon|device|sequence|user|po(?![a-z])|id(?![a-z])"
)
_OTHER = re.compile(
    BEGIN + rf"(?:(?P<strong>{_STRONG})|{_WEAK})"
    r"|(?P<named>заказ|трек|отслеж|посылк|注文|追跡|伝票|订单|訂單|单号|單號|快递|運單|주문|송장|طلب|تتبع|הזמנה)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
# What stands between such a word and its number: the rest of the word, signs and up to three more
# words; no number of its own, no comma, no end of a sentence.
_SIGNS = r"(?:[^\w,.;!?\n]|(?<=no)\.\s*|(?<=nr)\.\s*|(?<=\bn)\.\s*|[.?;](?!\s)|_)*"
_NEXT_COLUMN = r"(?:[,;][\"']?)?"
_LINK = re.compile(rf"\w*?{_SIGNS}(?:[^\W\d_]+{_SIGNS}){{0,3}}{_NEXT_COLUMN}", re.IGNORECASE)
_LABEL = re.compile(
    rf"\w*?{_SIGNS}(?:(?:number|numbers|numero|n[uú]m|num|no|nr|n°|n|id|ids|code|key|ref|is|was|of|ist"
    rf"|lautet|es|est|with|value|the){_SIGNS}){{0,3}}{_NEXT_COLUMN}",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"\d{12}")


def card_words(text: str, start: int, end: int) -> Evidence | None:
    """What the words near text[start:end] say of whether it is a card number.

    The nearest word before it decides, then the words behind it.
    """
    before = text[max(0, start - _BEFORE) : start]
    card = _last(_CARD, before)
    other = _last(_OTHER, before)
    if other and not (_LINK if other["strong"] or other["named"] else _LABEL).fullmatch(
        before, other.end()
    ):
        other = None
    if card and _LONG_NUMBER.search(before, card.end()):
        # It describes that number.
        card = None
    if card and (not other or card.end() >= other.end()):
        return Evidence("word", card.group().lower(), 3.0)
    if other:
        return Evidence("word", other.group().lower(), -4.0)
    after = text[end : end + _AFTER]
    if behind := _CARD.search(after):
        return Evidence("word", behind.group().lower(), 2.5)
    if (behind := _OTHER.match(after.lstrip(" ,(-"))) and not _DIGIT.search(after):
        return Evidence("word", behind.group().lower(), -2.0)
    return None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one counts
        pass
    return found
