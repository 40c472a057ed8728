"""Names of a cloud that say what they name."""

from dataclasses import fields

from fleet.catalogue.derive import Names

NAMES = Names(
    **{
        kind.name: "shop-test" if kind.name == "namespace" else f"{kind.name}-{{}}".format
        for kind in fields(Names)
    }
)
"""A name of each kind is the kind, a hyphen and the logical name; metrics are in `shop-test`."""
