"""Texts with labelled places: made up from a seed, or read from JSON Lines."""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from compliance_guardian.pci.findings import Kind


class DataError(Exception):
    """The file does not have the form that evaluation reads; the message says why."""


@dataclass(frozen=True)
class Span:
    """What text[start:end] is, in characters; `form` is how a made-up one is written."""

    kind: str
    start: int
    end: int
    form: str = ""


@dataclass(frozen=True)
class Document:
    """A text and all that it holds."""

    text: str
    spans: tuple[Span, ...]


# Leading digits and lengths. Written down apart from the package's, from the networks' pages.
_WITHOUT_CONTEXT = (
    ("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15),
    ("6011", 16), ("645", 16), ("65", 16), ("3528", 16), ("3589", 16), ("36", 14), ("38", 14),
    ("301", 14), ("62", 16), ("2202", 16), ("6759", 16), ("9792", 16), ("8600", 16), ("5019", 16),
)  # fmt: skip
_IN_CONTEXT = (
    ("4", 13), ("4", 19), ("5018", 12), ("5020", 13), ("6304", 14), ("6761", 17), ("6763", 18),
    ("62", 19), ("6011", 19), ("2014", 15), ("2149", 15), ("6334", 16), ("6767", 18),
    ("5610", 16), ("633110", 19), ("6706", 16), ("36", 19), ("3530", 18),
)  # fmt: skip
_PLAIN = (
    "Please see {} for what we talked about on Monday.",
    "{}",
    "Hello, it was {} - thanks, Mia",
    "Kunde schreibt: {} und wartet auf Antwort.",
    "the last one was {}, the other 12 are fine",
    '{{"user": "mia", "value": "{}", "n": 3}}',
    "2024-05-17 10:12:44 INFO user 4711 sent {} twice",
    "Could you look into {} for me?",
    "As discussed on the phone yesterday, {} should work now.",
    "name;street;value\nMia;Long Lane 5;{}\n",
    "<p>Reply from support: {}</p>",
    "Bonjour, voici {} comme promis.",
    "It did not go through: {} (tried 3 times)",
    "- [ ] check {}\n- [ ] answer Ben",
)
_CARD = (
    "my card number is {}.",
    "Charge it to {} please",
    "Karte: {}, danke",
    "credit card {} declined",
    '{{"pan": "{}", "amount": 12.5}}',
    "paid with Visa {}",
    "?card={}&amount=12",
    "New CC on file: {}",
    "Please update my Mastercard to {} from May on",
    "<payment><cardNo>{}</cardNo></payment>",
    "tarjeta {} caducada",
    "Debit 12.50 GBP from {}, thanks",
    "PAN={};AMT=1200",
    "credit card no. {} was stolen",
)
_OTHER = (
    "Order reference {} is late.",
    "tracking number {}",
    "Your invoice {} is due",
    '{{"order_id": "{}"}}',
    "Serial no. {}",
    "EAN {} is out of stock",
    "IMEI: {}",
    "the shipment {} arrived",
    "timestamp={}",
    "Where is my order no {}?",
    "Paket {}, Sendungsnummer laut E-Mail",
    "ref: {}",
    "<trackingId>{}</trackingId>",
    "ISBN {} is missing a page",
    "request_id={} status=500",
    "Rechnung Nr. {} vom 3. Mai",
    "Our shipment number is {}.",
    "SKU {} sold out",
)
# Sentences of the held-back texts: the rules were never tried on them.
_HELD_PLAIN = (
    "I cannot use {} any longer.",
    "After the call on Tuesday I wrote down {} and nothing else.",
    "| Ben | {} | 12 |",
    "Sent from my mobile. {}. Regards, Noah",
    "Nous avons noté {} hier soir",
    "user=ben;value={};ok=true",
    "The parcel never came, see {} for details",
    "what is {}?",
)
_HELD_CARD = (
    "Amex ending... well, all of it: {}",
    "please refund to the credit card {}",
    "ccnum: {}",
    "Kreditkartennummer: {}",
    '{{"paymentCard": {{"number": "{}"}}}}',
    "carte bancaire {}",
    "card no {}",
)
_HELD_OTHER = (
    "Order confirmation {} attached",
    "Ihre Auftragsnummer lautet {}",
    "DHL parcel {}",
    '{{"invoiceNumber": "{}", "total": 5}}',
    "GTIN {}",
    "session {} closed",
    "reference number: {}",
    "trace id {} not found",
    "numéro de suivi : {}",
)
_FULL_WIDTH = str.maketrans("0123456789", "".join(chr(0xFF10 + i) for i in range(10)))
_ARABIC = str.maketrans("0123456789", "".join(chr(0x0660 + i) for i in range(10)))


def _grouped(number: str, separator: str) -> str:
    if len(number) == 15 or len(number) == 14:
        parts = [number[:4], number[4:10], number[10:]]
    else:
        parts = [number[i : i + 4] for i in range(0, len(number), 4)]
    return separator.join(parts)


FORMS: dict[str, Callable[[str], str]] = {
    "blanks": lambda n: _grouped(n, " "),
    "dashes": lambda n: _grouped(n, "-"),
    "dots": lambda n: _grouped(n, "."),
    "underscores": lambda n: _grouped(n, "_"),
    "no-break spaces": lambda n: _grouped(n, "\u00a0"),
    "thin spaces": lambda n: _grouped(n, "\u2009"),
    "en dashes": lambda n: _grouped(n, "\u2013"),
    "zero-width": lambda n: _grouped(n, "\u200b"),
    "soft hyphens": lambda n: "\u00ad".join(n),
    "full-width": lambda n: n.translate(_FULL_WIDTH),
    "Arabic digits": lambda n: _grouped(n, " ").translate(_ARABIC),
    "wrapped line": lambda n: _grouped(n, " ").replace(" ", "\n", 2).replace("\n", " ", 1),
    "digit by digit": " ".join,
    "percent-encoded": lambda n: _grouped(n, "%20"),
    "JSON escapes": lambda n: _grouped(n, "\\u00a0"),
    "HTML entities": lambda n: _grouped(n, "&nbsp;"),
    "base64": lambda n: base64.b64encode(n.encode()).decode(),
}


def luhn_digit(digits: str) -> str:
    """The check digit that makes a number valid."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _number(chance: random.Random, prefix: str, length: int) -> str:
    body = prefix + "".join(chance.choices("0123456789", k=length - len(prefix) - 1))
    return body + luhn_digit(body)


def _document(template: str, written: str, kind: str, form: str) -> Document:
    before, _, behind = template.replace("{{", "\x01").replace("}}", "\x02").partition("{}")
    before, behind = (t.replace("\x01", "{").replace("\x02", "}") for t in (before, behind))
    spans = (Span(kind, len(before), len(before) + len(written), form),) if kind else ()
    return Document(before + written + behind, spans)


@dataclass(frozen=True)
class Sentences:
    """What numbers are put into: without a word for them, beside one, beside a word for others."""

    plain: tuple[str, ...]
    card: tuple[str, ...]
    other: tuple[str, ...]


TRIED = Sentences(_PLAIN, _CARD, _OTHER)
HELD_BACK = Sentences(_HELD_PLAIN, _HELD_CARD, _HELD_OTHER)


def cards(seed: int, count: int, sentences: Sentences = HELD_BACK) -> Iterator[Document]:
    """Cards as they are mostly written, half without context, and as many others."""
    chance = random.Random(seed)  # noqa: S311 - made-up texts, not secrets
    for index in range(count):
        in_context = index % 2 == 1
        ranges = _IN_CONTEXT if in_context and index % 4 == 1 else _WITHOUT_CONTEXT
        prefix, length = chance.choice(ranges)
        number = _number(chance, prefix, length)
        written = _grouped(number, chance.choice(("", "", " ", "-"))) if length < 17 else number
        template = chance.choice(sentences.card if in_context else sentences.plain)
        form = "in context" if in_context else "without context"
        if ranges is _IN_CONTEXT:
            form = "other lengths and legacy ranges, in context"
        yield _document(template, written, "card_number", form)
        yield _document(chance.choice(sentences.other), _other_number(chance), "", "")


def _other_number(chance: random.Random) -> str:
    kind = chance.randrange(6)
    if kind == 0:
        # As bad as it gets: a valid card number in the place of a reference.
        prefix, length = chance.choice(_WITHOUT_CONTEXT)
        return _number(chance, prefix, length)
    if kind == 1:
        return "-".join(f"{chance.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12))
    if kind == 2:
        return str(chance.randrange(1_500_000_000_000, 1_900_000_000_000))
    return "".join(chance.choices("0123456789", k=chance.randint(12, 20)))


def obfuscated(seed: int, count: int, sentences: Sentences = HELD_BACK) -> Iterator[Document]:
    """Cards of 16, 15 and 14 digits in each of FORMS, with and without context in turn."""
    chance = random.Random(seed)  # noqa: S311
    for form, write in FORMS.items():
        for index in range(count):
            prefix, length = chance.choice(_WITHOUT_CONTEXT)
            template = chance.choice(sentences.card if index % 2 else sentences.plain)
            yield _document(template, write(_number(chance, prefix, length)), "card_number", form)


def random_digits(seed: int, count: int, *, is_named: bool) -> Iterator[Document]:
    """Random numbers of 13 to 19 digits, alone or behind words for a card."""
    chance = random.Random(seed)  # noqa: S311
    for _ in range(count):
        digits = "".join(chance.choices("0123456789", k=chance.randint(13, 19)))
        yield Document(f"card number {digits}" if is_named else f"value {digits} noted", ())


# What other tools call the kinds, without capitals and with "_" between words.
_OTHER_NAMES = {
    name: kind
    for kind, names in {
        Kind.CARD_NUMBER: "card credit_card credit_card_number credit_card_no debit_card"
        " payment_card card_no cc ccn cc_number pan card_pan primary_account_number",
        Kind.TRACK_DATA: "track track1 track2 magstripe magnetic_stripe",
        Kind.CVV: "cvc cvv2 cvc2 cvn cid security_code card_verification_code credit_card_cvv",
        Kind.EXPIRY: "expiration expiration_date expiry_date exp_date card_expiry",
        Kind.IBAN: "iban_code iban_number",
        Kind.US_SSN: "ssn social_security_number",
        Kind.EMAIL: "e_mail mail email_address",
        Kind.PHONE: "phone_number telephone telephone_number mobile",
        Kind.IP_ADDRESS: "ip ipv4 ipv6 ip_addr",
    }.items()
    for name in names.split()
}


def kind_named(name: str) -> str:
    """The kind of a name in any usual spelling; the name itself where no kind has it."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s\-]+", "_", name.strip()).lower()
    return _OTHER_NAMES.get(plain, plain)


def read(path: Path) -> list[Document]:
    """Read JSON Lines of {"text", "spans": [{"kind", "start", "end"}]}. Spans may be of kinds that
    the scan does not know. Raises DataError."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            content = json.loads(line)
            text = str(content["text"])
            spans = tuple(
                Span(kind_named(str(s["kind"])), int(s["start"]), int(s["end"]))
                for s in content["spans"]
            )
            for span in spans:
                if not 0 <= span.start < span.end <= len(text):
                    raise ValueError(
                        f"{span.kind} from {span.start} to {span.end} is not in the text, "
                        f"which has {len(text)} characters"
                    )
            found.append(Document(text, spans))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}:{number}: {error!r}; "
                'a line is {"text", "spans": [{"kind", "start", "end"}]}'
            ) from error
    if not found:
        raise DataError(f"{path} has no documents")
    return found
