"""How buckets keep objects, from the answers of Amazon S3."""

import boto3
import pytest
from botocore.stub import Stubber

from compliance_guardian.bucket_facts import facts

ENCRYPTED = {
    "ServerSideEncryptionConfiguration": {
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    }
}
# As terraform/modules/bucket makes them.
LIFECYCLE = {
    "Rules": [
        {
            "ID": "remove-what-nobody-sees",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        },
        {
            "ID": "expire-staging/",
            "Status": "Enabled",
            "Filter": {"Prefix": "staging/"},
            "Expiration": {"Days": 7},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
        },
        {
            "ID": "off",
            "Status": "Disabled",
            "Filter": {"Prefix": "b/"},
            "Expiration": {"Days": 1},
        },
    ]
}


@pytest.fixture
def s3():
    client = boto3.client(
        "s3", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as stubber:
        client.stubber = stubber
        yield client


def test_what_terraform_makes(s3):
    s3.stubber.add_response("get_bucket_encryption", ENCRYPTED)
    s3.stubber.add_response("get_bucket_lifecycle_configuration", LIFECYCLE)
    s3.stubber.add_response("get_bucket_versioning", {"Status": "Enabled"})

    found = facts(s3, "curated", "shop-dev-curated")

    assert (found.name, found.encryption, found.problem) == ("curated", "AES256", None)
    assert found.expire_days == {"staging/": 7}
    assert found.old_versions_days == 90


def test_nothing_configured_is_told_from_unknown(s3):
    s3.stubber.add_client_error(
        "get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"
    )
    s3.stubber.add_client_error(
        "get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"
    )
    s3.stubber.add_response("get_bucket_versioning", {})

    found = facts(s3, "raw", "shop-dev-raw")

    assert (found.encryption, found.expire_days, found.old_versions_days) == ("none", {}, 0)
    assert found.problem is None


def test_what_is_refused_is_unknown(s3):
    for operation in (
        "get_bucket_encryption",
        "get_bucket_lifecycle_configuration",
        "get_bucket_versioning",
    ):
        s3.stubber.add_client_error(operation, "AccessDenied", http_status_code=403)

    found = facts(s3, "raw", "shop-dev-raw")

    assert (found.encryption, found.expire_days, found.old_versions_days) == (None, None, None)
    assert found.problem.count("AccessDenied") == 3
