"""The routes of the posture, through the handler of the API."""

import pytest

from compliance_guardian import adapter, batch, inventory
from compliance_guardian.adapter import BatchSettings
from compliance_guardian.insights import key_hash
from compliance_guardian.posture import BucketFacts
from compliance_guardian.posture_api import PAGE
from http_events import answer, request
from lambda_app.s3_events import CreatedObject

NUMBER = "4539578763621486"


@pytest.fixture
def call(handler_of, storage, monkeypatch):
    monkeypatch.setattr(
        adapter, "bucket_facts", lambda name, bucket: BucketFacts(name, "AES256", {}, 90)
    )
    handler = handler_of("compliance-guardian")
    return lambda path, query="": handler(request("GET", path, query=query))


def deliver(storage, key, body):
    settings = BatchSettings(
        raw_bucket=adapter.posture_settings().raw_bucket,
        insights_bucket=adapter.posture_settings().insights_bucket,
    )
    storage.write(settings.raw_bucket, key, body.encode())
    batch.update(storage, settings, CreatedObject(key, "01"))
    source = key.partition("/")[0]
    inventory.update(storage, settings.insights_bucket, source, [key_hash(key)])


def test_an_empty_platform_has_a_posture(call):
    response = call("/compliance/posture")

    assert response["statusCode"] == 200
    found = answer(response)
    assert (found["sources"], found["trend"]) == ([], [])
    assert [one["bucket"] for one in found["buckets"]][:2] == ["inbox", "raw"]


def test_findings_are_open_and_no_number_is_shown(call, storage):
    deliver(storage, f"shop/{NUMBER}.csv", f"id,card\n1,{NUMBER}\n")

    for path in ("/compliance/posture", "/compliance/posture.html", "/compliance/posture/shop"):
        response = call(path)
        assert response["statusCode"] == 200
        assert NUMBER not in response["body"]
    [one] = answer(call("/compliance/posture/shop"))["objects"]
    assert (one["key"], one["readable"], one["copies"]) == ("shop/453957******1486.csv", 1, None)


def test_the_page_forbids_all_but_its_style(call):
    headers = call("/compliance/posture.html")["headers"]

    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_source_is_listed_page_by_page(call, storage):
    for number in range(PAGE + 1):
        deliver(storage, f"shop/{number}.csv", f"id,card\n1,{NUMBER}\n")

    first = answer(call("/compliance/posture/shop"))
    last = answer(call("/compliance/posture/shop", f"offset={first['next']}"))

    assert len(first["objects"]) == PAGE
    assert (len(last["objects"]), last["next"]) == (1, None)
    assert first["posture"]["objects"] == PAGE + 1


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/compliance/posture/unknown", "", 404),
        ("/compliance/posture/Shop!", "", 422),
        ("/compliance/posture/shop", "offset=-1", 422),
        ("/compliance/posture/shop", "offset=x", 422),
    ],
)
def test_bad_requests_are_problems(call, path, query, status):
    response = call(path, query)

    assert response["statusCode"] == status
    assert response["headers"]["Content-Type"] == "application/problem+json"
