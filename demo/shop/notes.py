"""Notes of customers, some with personal data, whose places in the text are known.

No datum belongs to anybody: card numbers begin with the six digits of numbers that payment
processors publish for tests, IBANs have bank codes that no bank has (zeros, ZZZZ), telephone
numbers are of the ranges that Ofcom and the North American plan keep for fiction, e-mail addresses
are at example.org and its siblings (RFC 2606), and names are common first names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from shop.checksums import iban, luhn_digit
from shop.parameters import Parameters
from shop.streams import stream

# Visa, Visa, Mastercard, Mastercard, Discover; the last has 15 digits (American Express).
_TEST_PREFIXES = ("411111", "424242", "555555", "222300", "601111", "378282")
_NAMES = ("anna", "ben", "chloé", "david", "emma", "finn", "grace", "jürgen", "mia", "noah")
_SENTENCES = (
    "The parcel came late, but everything was whole.",
    "Please leave it with the neighbours.",
    "Two of the mugs arrived broken 😞.",
    "Could you send the invoice again?",
    "Très bon service, merci !",
    "Der Karton war beschädigt, bitte um Ersatz.",
    "I ordered 12 and got 10.",
)
_INTRODUCTIONS = {
    "card_number": ("my card is {}.", "Charge it to {}, please.", "Karte: {}"),
    "iban": ("refund to {}.", "Bitte erstatten auf {}.", "IBAN {}"),
    "email": ("write to {}.", "my address is {},", "<{}>"),
    "phone": ("call me at {}.", "Tel. {}", "({})"),
}
_LOOK_ALIKES = ("Order reference {}.", "Tracking number {}.", "Serial no. {}")


@dataclass(frozen=True)
class Span:
    """What text[start:end] is, counted in characters (code points)."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Note:
    """A text and the truth about it; `look_alikes` are numbers with a wrong check digit."""

    text: str
    spans: tuple[Span, ...]
    look_alikes: tuple[Span, ...]


def notes(parameters: Parameters) -> Iterator[Note]:
    """The notes of a shop, one after the other."""
    laws = parameters.notes
    chance = stream(parameters.seed, "notes")
    kinds = tuple(_MAKERS)
    for _ in range(laws.count):
        found = min(int(chance.poisson(laws.mean_findings)), 5)
        chosen = [kinds[i] for i in chance.integers(0, len(kinds), found)]
        chosen += ["look_alike"] * int(chance.random() < laws.look_alikes)
        chosen += ["sentence"] * int(chance.integers(1, 4))
        yield _note([chosen[i] for i in chance.permutation(len(chosen))], chance)


def _note(parts: list[str], chance: np.random.Generator) -> Note:
    text = ""
    spans: dict[str, list[Span]] = {"found": [], "look_alike": []}
    for part in parts:
        text += " " if text else ""
        if part == "sentence":
            text += _one(_SENTENCES, chance)
            continue
        is_real = part != "look_alike"
        made = _MAKERS[part](chance) if is_real else _look_alike(chance)
        before, after = _one(_INTRODUCTIONS[part] if is_real else _LOOK_ALIKES, chance).split("{}")
        start = len(text) + len(before)
        text += f"{before}{made}{after}"
        spans["found" if is_real else "look_alike"].append(Span(part, start, start + len(made)))
    return Note(text, tuple(spans["found"]), tuple(spans["look_alike"]))


def _card_number(chance: np.random.Generator) -> str:
    number = _card_digits(chance)
    return _grouped(number + luhn_digit(number), _one(("", " ", "-"), chance))


def _look_alike(chance: np.random.Generator) -> str:
    number = _card_digits(chance)
    wrong = (int(luhn_digit(number)) + int(chance.integers(1, 10))) % 10
    return f"{number}{wrong}"


def _card_digits(chance: np.random.Generator) -> str:
    """A card number without its check digit."""
    prefix = _one(_TEST_PREFIXES, chance)
    return prefix + _digits(8 if prefix.startswith("37") else 9, chance)


def _iban(chance: np.random.Generator) -> str:
    country = _one(("DE", "GB", "NL"), chance)
    account = {
        "DE": "00000000" + _digits(10, chance),
        "GB": "ZZZZ" + _digits(14, chance),
        "NL": "ZZZZ" + _digits(10, chance),
    }[country]
    return _grouped(iban(country, account), _one(("", " "), chance))


def _email(chance: np.random.Generator) -> str:
    name = _one(_NAMES, chance).encode("ascii", "ignore").decode()
    return f"{name}.{_digits(3, chance)}@example.{_one(('org', 'com', 'net'), chance)}"


def _phone(chance: np.random.Generator) -> str:
    if chance.random() < 0.5:
        return f"+44 7700 900{_digits(3, chance)}"
    return f"+1 {_one(('212', '415', '617'), chance)}-555-01{_digits(2, chance)}"


_MAKERS: dict[str, Callable[[np.random.Generator], str]] = {
    "card_number": _card_number,
    "iban": _iban,
    "email": _email,
    "phone": _phone,
}


def _digits(count: int, chance: np.random.Generator) -> str:
    return "".join(map(str, chance.integers(0, 10, count)))


def _grouped(text: str, separator: str) -> str:
    """In groups of four characters."""
    return separator.join(text[i : i + 4] for i in range(0, len(text), 4))


def _one(choices: tuple[str, ...], chance: np.random.Generator) -> str:
    return choices[int(chance.integers(0, len(choices)))]
