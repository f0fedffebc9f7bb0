"""A board in short: which neighbourhoods stand where there is room for few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["ZONES_SHORT", "picked"]

ZONES_SHORT = 20


def picked(zones: Sequence[Mapping[str, Any]], most: int = ZONES_SHORT) -> list[int]:
    """Return the places of the neighbourhoods to show.

    Parameters
    ----------
    zones : sequence of mapping
        Neighbourhoods as `isopolis.flows.took_part_words.as_json` has them.
    most : int
        How many there is room for.

    Returns
    -------
    list of int
        All of them in their order where there is room; otherwise those that surely have less than their
        share, most people missing first.
    """
    if len(zones) <= most:
        return list(range(len(zones)))
    below = [n for n, zone in enumerate(zones) if zone["side"] == "below"]
    return sorted(below, key=lambda n: (-zones[n]["missing"], str(zones[n]["zone"])))[:most]
