"""The posture as a page."""

from datetime import UTC, datetime
from html.parser import HTMLParser

from compliance_guardian.posture import BucketFacts, Month, Posture, SourceLine, posture
from compliance_guardian.posture_page import page

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.names = []

    def handle_starttag(self, tag, attributes):
        self.names.append(tag)


def line(**values):
    zero = dict.fromkeys(SourceLine.__dataclass_fields__, 0)
    words = {"source": "shop", "policy": "report", "bucket": "raw"}
    return SourceLine(**{**zero, **words, "first_delivery": AT, "last_delivery": AT, **values})


def test_an_empty_platform_has_a_page():
    text = page(posture({}, {}, [], AT))

    assert "Nothing was scanned yet." in text
    assert "2026-03-01 00:00 UTC" in text


def test_every_text_is_escaped_and_nothing_is_loaded():
    found = Posture(
        AT,
        [line(source=HOSTILE, card_numbers=2, readable=1)],
        [BucketFacts(HOSTILE, HOSTILE, {HOSTILE: 7}, 90, HOSTILE)],
        [Month("2026-01", 1, 1, 2, 1)],
        posture({}, {}, [], AT).lines,
    )

    tags = Tags()
    tags.feed(page(found))

    assert HOSTILE not in page(found)
    assert not {"script", "link", "img", "iframe", "form", "svg"} & set(tags.names)
    assert "50.0%" in page(found)
    assert "7 days" in page(found)
