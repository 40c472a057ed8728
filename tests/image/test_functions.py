"""Every image of the catalogue: built, and verified as before a push."""

import pytest

from fleet.catalogue import load
from fleet.images import build
from fleet.images.verify import verify
from fleet.paths import CATALOGUE, ROOT

pytestmark = pytest.mark.docker
CATALOGUED = load(CATALOGUE)


@pytest.mark.parametrize("owner", CATALOGUED.images)
def test_passes_every_check(owner: str) -> None:
    images = build.images_of(CATALOGUED, [owner], ROOT)
    build.build(images, ROOT)

    assert [finding for image in images for finding in verify(CATALOGUED, image)] == []
