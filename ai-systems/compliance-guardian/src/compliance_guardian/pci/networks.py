"""Which numbers card networks issue: ranges of leading digits, and lengths.

Source: ISO/IEC 7812 issuer identification numbers as the networks publish them, and the table at
https://en.wikipedia.org/wiki/Payment_card_number#Issuer_identification_number_(IIN).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MIN_DIGITS, MAX_DIGITS = 12, 19


@dataclass(frozen=True)
class Network:
    """A card network. Numbers of `usual` lengths are recognised by themselves; those of `other`
    lengths, and of networks that issue no more (`usual` is empty), only beside a word that says so.
    """

    name: str
    prefixes: str
    usual: tuple[int, ...]
    other: tuple[int, ...] = ()


_LONG = (16, 17, 18, 19)

NETWORKS = (
    Network("Visa", "4", (16,), (13, 17, 18, 19)),
    Network("Mastercard", "51-55 2221-2720", (16,)),
    Network("American Express", "34 37", (15,)),
    Network("Discover", "6011 644-649 65", (16,), (17, 18, 19)),
    Network("Diners Club", "300-305 3095 36 38 39", (14, 16), (15, 17, 18, 19)),
    Network("JCB", "3528-3589", (16,), (17, 18, 19)),
    Network("JCB", "1800 2131", (), (15,)),
    Network("UnionPay", "62 8100-8171", (14, 15, 16), (17, 18, 19)),
    Network(
        "Maestro",
        "5018 5020 5038 5893 6304 6759 6761-6763 676770 676774",
        (14, 15, 16),
        (12, 13, 17, 18, 19),
    ),
    Network("Maestro", "50 56-58 6", (), tuple(range(12, 20))),
    Network("Mir", "2200-2204", (16,), (17, 18, 19)),
    Network("BORICA", "2205", (16,)),
    Network("RuPay", "353 356 508 60 81 82", (16,)),
    Network("Dankort", "5019", (16,)),
    Network("Troy", "9792", (16,)),
    Network("Uzcard", "5614 8600", (16,)),
    Network("Humo", "9860", (16,)),
    Network("Napas", "9704", (16,), (19,)),
    Network("Verve", "506099-506198 507865-507964 650002-650027", (16,), (18, 19)),
    Network("InterPayment", "636", (16,), (17, 18, 19)),
    Network("InstaPayment", "637-639", (16,)),
    Network("UkrCard", "60400100-60420099", (16,), (17, 18, 19)),
    Network("LankaPay", "357111", (16,)),
    Network("GPN", "1946", (16,), (18, 19)),
    Network("GPN", "50 56 58 60-63", (), (16, 18, 19)),
    Network("Elo", "401178 438935 504175 506699-506799 509 627780 636297 636368 65", (16,)),
    Network("Hipercard", "384100 384140 384160 606282 637095 637568", (16,), (13, 19)),
    Network("UATP", "1", (15,)),
    Network("China T-Union", "31", (), (19,)),
    Network("Diners Club enRoute", "2014 2149", (), (15,)),
    Network("Laser", "6304 6706 6709 6771", (), _LONG),
    Network("Solo", "6334 6767", (), (16, 18, 19)),
    Network("Switch", "4903 4905 4911 4936 564182 633110 6333 6759", (), (16, 18, 19)),
    Network("Bankcard", "5610 560221-560225", (), (16,)),
)


@dataclass(frozen=True, slots=True)
class Issued:
    """The network of a number, and whether its range and length are usual ones."""

    network: str
    is_usual: bool


def _prefixes(network: Network) -> Iterator[str]:
    for part in network.prefixes.split():
        first, _, last = part.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield str(number)


def _index() -> dict[str, dict[int, Issued]]:
    found: dict[str, dict[int, Issued]] = {}
    for network in NETWORKS:
        for prefix in _prefixes(network):
            lengths = found.setdefault(prefix, {})
            for length in network.usual:
                lengths[length] = Issued(network.name, True)
            for length in network.other:
                lengths.setdefault(length, Issued(network.name, False))
    return found


_BY_PREFIX = _index()
_LONGEST = max(map(len, _BY_PREFIX))


def issued(digits: str) -> Issued | None:
    """Who issues numbers of these leading digits and this length; None where nobody does.

    The longest range decides, and one in which the length is usual over one in which it is not.
    """
    length = len(digits)
    unusual = None
    for width in range(_LONGEST, 0, -1):
        found = _BY_PREFIX.get(digits[:width])
        answer = found.get(length) if found else None
        if answer is not None:
            if answer.is_usual:
                return answer
            unusual = unusual or answer
    return unusual
