"""A function changes its package type in steps, or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.release import cutover
from fleet.release.deploy import Source
from fleet.release.environments import Environment
from fleet.release.infrastructure import Artifacts, PackageType
from unit.release.conftest import World, image, zip_


def check(
    world: World, catalogue: Catalogue, package_type: PackageType, **parallel: PackageType
) -> None:
    first = catalogue.functions["first"].model_copy(update={"package_type": package_type})
    functions = catalogue.functions | {"first": first}
    cutover.check(
        world.records.newest(),
        catalogue.model_copy(update={"functions": functions}),
        Environment("dev", "us-east-1", None, parallel),
    )


@pytest.fixture
def world(world: World) -> World:
    """An environment that runs a zip package."""
    world.infrastructure.serving["first"] = "zip"
    world.release.run(Artifacts({"second": image("b1")}, {"first": zip_("b1")}), Source("c1"))
    return world


def beside(world: World) -> None:
    images = {"first": image("b1"), "second": image("b1")}
    world.release.run(Artifacts(images, {"first": zip_("b1")}), Source("c2"))


def test_what_stays_as_it_is_may(world: World, catalogue: Catalogue) -> None:
    check(world, catalogue, "zip")
    check(world, catalogue, "zip", first="image")


def test_events_go_to_what_was_released_before(world: World, catalogue: Catalogue) -> None:
    with pytest.raises(FleetError, match=r"first is live in dev as zip.*never released there"):
        check(world, catalogue, "image", first="zip")
    beside(world)
    check(world, catalogue, "image", first="zip")


def test_what_had_the_events_stays_for_a_release(world: World, catalogue: Catalogue) -> None:
    beside(world)
    with pytest.raises(FleetError, match=r'parallel_packages = \{ first = "zip" \} in dev.tfvars'):
        check(world, catalogue, "image")


def test_after_a_rollback_too(world: World, catalogue: Catalogue) -> None:
    beside(world)
    beside(world)
    world.rollback()
    check(world, catalogue, "image", first="zip")


def test_a_new_environment_may_begin_with_either(make_world, catalogue: Catalogue) -> None:
    check(make_world(), catalogue, "zip")


def test_what_has_left_the_catalogue_is_not_asked_for(world: World, catalogue: Catalogue) -> None:
    functions = {"second": catalogue.functions["second"]}
    catalogue = catalogue.model_copy(update={"functions": functions})
    cutover.check(world.records.newest(), catalogue, Environment("dev", "us-east-1", None))


def test_a_function_moves_with_the_image_that_it_is_in(
    make_world: Callable[..., World], catalogue: Catalogue
) -> None:
    world = make_world()
    world.infrastructure.shared["second"] = "first"
    world.infrastructure.serving |= {"first": "zip", "second": "zip"}
    world.release.run(Artifacts({"first": image("b1")}, {"first": zip_("b1")}), Source("c1"))
    second = catalogue.functions["second"].model_copy(update={"folder": None, "image": "first"})
    catalogue = catalogue.model_copy(update={"functions": catalogue.functions | {"second": second}})

    check(world, catalogue, "image", first="zip")
    check(world, catalogue, "zip")
    with pytest.raises(FleetError, match=r"parallel_packages = \{ first = \"zip\" \}"):
        check(world, catalogue, "image")
