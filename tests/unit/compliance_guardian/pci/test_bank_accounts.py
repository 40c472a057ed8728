"""IBANs."""

import pytest

from compliance_guardian.pci.bank_accounts import find


@pytest.mark.parametrize(
    "written",
    [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "GB29 NWBK 6016 1331 9268 19",
        "FR1420041010050500013M02606",
        "NL91-ABNA-0417-1643-00",
        "NO9386011117947",
        "ch9300762011623852957",
    ],
)
def test_valid_ones_are_found_whole(written):
    text = f"refund to {written} please"

    [finding] = find(text)

    assert text[finding.start : finding.end] == written
    assert finding.masked.count("*") == len(finding.masked) - 8


@pytest.mark.parametrize(
    "text",
    [
        "DE89370400440532013001",
        "DE8937040044053201300",
        "XX89370400440532013000",
        "ADE89370400440532013000",
        "AB12 stands for nothing here at all",
    ],
)
def test_others_are_not(text):
    assert list(find(text)) == []


def test_one_right_behind_another_is_found():
    first, second = "DE89 3704 0044 0532 0130 00", "NL91ABNA0417164300"
    text = f"IBAN {first}. IBAN {second} IBAN {first}"

    assert [text[f.start : f.end] for f in find(text)] == [first, second, first]
