"""A run of the demo: start the platform, send the data, wait, print."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from fleet import cloud, console
from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from shop import Parameters
from tour.delivery import Delivery, deliver
from tour.feed import feed
from tour.parts import PARTS, Part
from tour.platform import Platform


@dataclass(frozen=True)
class Demo:
    """The running platform and what went through it; `data` says in one line what that was."""

    platform: Platform
    data: str
    delivery: Delivery


def run(catalogue: Catalogue, shop: Parameters) -> None:
    """Run the demo and leave the local cloud running.

    If interrupted, or if something fails, stops the cloud unless it ran before. Raises FleetError
    if not everything was curated.
    """
    ran_before = cloud.status() is not None
    try:
        started = time.monotonic()
        running = cloud.start(catalogue, "process", progress=console.err.print)
        console.err.print(f"Local cloud ready after {time.monotonic() - started:.1f} s")
        platform = Platform(catalogue, running)
        data = feed(shop, console.err.print)
        console.err.print(f"Data: {data.description}")
        demo = Demo(platform, data.description, deliver(platform, data.files))
    except BaseException:
        if not ran_before:
            cloud.stop()
        raise
    show(demo)
    delivery = demo.delivery
    if delivery.dead_letters or any(r["status"] != "curated" for r in delivery.reports):
        raise FleetError(
            "Not everything was curated; "
            f"{delivery.dead_letters} messages are in dead-letter queues"
        )


def show(demo: Demo, parts: Iterable[Part] = PARTS) -> None:
    """Print the parts in order."""
    for part in parts:
        console.out.print(f"\n[bold]{part.TITLE}[/]")
        for line in part.show(demo):
            console.out.print(line)
