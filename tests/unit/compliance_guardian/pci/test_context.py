"""Words near a number say what it is."""

import pytest

from compliance_guardian.pci.context import card_words

NUMBER = "4539578763621486"


def weight(text: str) -> float:
    start = text.index(NUMBER)
    words = card_words(text, start, start + len(NUMBER))
    return words.weight if words else 0.0


@pytest.mark.parametrize(
    "text",
    [
        f"my card: {NUMBER}",
        f"Kreditkarte {NUMBER}",
        f'"cardNumber": "{NUMBER}"',
        f"order 1234 paid with {NUMBER}",
        f"The order is late. Card {NUMBER}",
        f"{NUMBER} cvv 123",
        f"credit_card_number={NUMBER}",
        f'"paymentCard": "{NUMBER}"',
        f"The customer wrote: Luottokortti {NUMBER}",
        f"номер карты {NUMBER}",
        f"رقم البطاقة {NUMBER}",
        f"मेरा कार्ड {NUMBER}",
        f"INSERT INTO t (id, card_no) VALUES (12345678, '{NUMBER}')",
    ],
)
def test_words_for_a_card(text):
    assert weight(text) > 0


@pytest.mark.parametrize(
    "text",
    [
        f"order {NUMBER}",
        f'{{"order_id": "{NUMBER}"}}',
        f"Serial no. {NUMBER}",
        f"IMEI: {NUMBER}",
        f"lastInvoice={NUMBER}",
        f"your card order number {NUMBER}",
        f"Sendungsnummer {NUMBER}",
        f"paid card 4539 invoice {NUMBER}",
        f"customer number {NUMBER}",
        f"ordine n. {NUMBER}",
        f"номер заказа {NUMBER}",
        f"订单号 {NUMBER}",
        f"Paketnummer {NUMBER}",
    ],
)
def test_words_for_another_number(text):
    assert weight(text) < 0


@pytest.mark.parametrize(
    "text",
    [
        f"{NUMBER}",
        f"discard {NUMBER}",
        f"on the phone yesterday, {NUMBER} should work",
        f"see {NUMBER} today",
        f"The customer wrote: {NUMBER}",
        f"Karton {NUMBER}",
    ],
)
def test_words_that_say_nothing(text):
    assert weight(text) == 0
