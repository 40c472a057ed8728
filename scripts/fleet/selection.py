"""What FUNCTION and GROUP select of the catalogue."""

from __future__ import annotations

from fleet.catalogue import Catalogue
from fleet.errors import FleetError


def images(catalogue: Catalogue, function: str = "", group: str = "") -> list[str]:
    """The images, by owner: that of a function, those of a group, or all.

    A group is the first folder of the path to its functions, such as `ai-systems`. Raises
    FleetError naming what there is.
    """
    if function and group:
        raise FleetError("FUNCTION and GROUP are both set; keep one of the two")
    if function:
        if function not in catalogue.functions:
            known = ", ".join(catalogue.functions)
            raise FleetError(f"functions.yaml has no function {function!r}; it has: {known}")
        return [catalogue.owner_of(function)]
    if not group:
        return catalogue.images
    groups = {name: catalogue.folder_of(name).split("/")[0] for name in catalogue.images}
    if group not in groups.values():
        known = ", ".join(dict.fromkeys(groups.values()))
        raise FleetError(f"functions.yaml has no group {group!r}; it has: {known}")
    return [name for name in catalogue.images if groups[name] == group]


def functions(catalogue: Catalogue, function: str = "", group: str = "") -> list[str]:
    """The functions of the selected images; raises as `images` does."""
    chosen = images(catalogue, function, group)
    return [name for name in catalogue.functions if catalogue.owner_of(name) in chosen]
