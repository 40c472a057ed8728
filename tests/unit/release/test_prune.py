from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fleet.release.prune import judge

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OLD = NOW - timedelta(days=30)


def kept(**image: object) -> str | None:
    stored = {"imageDigest": "sha256:a", "imagePushedAt": OLD, "imageTags": ["t"]} | image
    [candidate] = judge(
        "shop/first",
        [stored],
        used={"sha256:used": "shop-prod-first:7"},
        recorded={"sha256:recorded": "release 3 of dev"},
        now=NOW,
    )
    return candidate.kept


def test_an_image_that_nothing_uses_may_go() -> None:
    assert kept() is None
    assert kept(imageTags=["release-t"]) is None


def test_an_image_without_a_tag_may_go() -> None:
    [candidate] = judge(
        "r", [{"imageDigest": "sha256:a", "imagePushedAt": OLD}], used={}, recorded={}, now=NOW
    )
    assert (candidate.kept, candidate.tags) == (None, ())


def test_what_a_version_runs_stays() -> None:
    assert kept(imageDigest="sha256:used") == "runs as shop-prod-first:7"


def test_what_a_rollback_may_need_stays() -> None:
    assert kept(imageDigest="sha256:recorded") == "in release 3 of dev"


def test_what_is_being_deployed_stays() -> None:
    assert kept(imagePushedAt=NOW - timedelta(hours=1)) == "pushed less than a day ago"
