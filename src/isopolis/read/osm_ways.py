"""Which ways of OpenStreetMap people may walk on, and which tags say who can."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["KEYS_OF_WAYS", "NODE_KEYS", "ROADS", "RULES", "WAY_KEYS", "ferry", "is_square", "walkable"]

RULES = ("tags", "classes")
"""Rules of `walkable`, the one that people are served with first."""

KEYS_OF_WAYS = ("highway", "railway", "public_transport", "route")
"""A way without any of these is neither walked on nor missed."""

WAY_KEYS = frozenset(
    """
    highway railway public_transport foot access sidewalk sidewalk:both sidewalk:left sidewalk:right surface
    sidewalk:surface sidewalk:both:surface sidewalk:left:surface sidewalk:right:surface smoothness width
    sidewalk:width sidewalk:both:width sidewalk:left:width sidewalk:right:width est_width incline step_count
    step:height ramp ramp:wheelchair ramp:stroller ramp:bicycle handrail lit wheelchair tactile_paving footway
    path crossing crossing:markings crossing:signals crossing:island kerb kerb:height conveying motor_vehicle
    motorroad maxspeed lanes tunnel bridge layer level indoor covered area oneway:foot name service tracktype
    trail_visibility sac_scale bicycle segregated opening_hours foot:forward foot:backward
    """.split()
)
"""Tags of ways that decide how somebody walks there."""

NODE_KEYS = frozenset(
    """
    kerb kerb:height crossing crossing:markings crossing:signals crossing:island barrier highway wheelchair
    maxwidth:physical maxwidth width tactile_paving entrance foot access bicycle elevator door level
    traffic_signals:sound traffic_signals:vibration button_operated step_count incline locked railway
    public_transport
    """.split()
)
"""Tags of vertices that decide whether somebody gets past."""

_YES = frozenset("yes designated permissive official destination customers".split())
_NO = frozenset("no private military restricted".split())
_CLOSED = frozenset("no private military restricted agricultural forestry emergency".split())
_NOT_THERE = frozenset(
    """
    construction proposed planned abandoned disused razed demolished dismantled removed historic
    no never_built
    """.split()
)
_FOR_VEHICLES = frozenset(
    """
    motorway motorway_link trunk trunk_link busway bus_guideway raceway escape emergency_bay rest_area
    services via_ferrata
    """.split()
)
ROADS = frozenset(
    f"{kind}{link}" for kind in ("motorway", "trunk", "primary", "secondary") for link in ("", "_link")
)
"""Major roads: to cross one matters also where nobody walks along it."""
_SIDES = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
_BESIDE = frozenset("yes both left right".split())

# the model that expected values of comparisons were made with
_NOT_COMPARED = frozenset(
    """
    motorway motorway_link trunk trunk_link construction proposed raceway bus_guideway abandoned platform
    """.split()
)

_SQUARES = frozenset("pedestrian footway path living_street corridor platform".split())


def walkable(tags: Mapping[str, str], rule: str = "tags") -> bool:
    """Say whether people may walk on a way.

    Parameters
    ----------
    tags : mapping of str to str
        Tags of the way.
    rule : {"tags", "classes"}
        ``tags``: what is said of walking decides before the class of the way does: a motorway with
        ``foot=designated`` is walked on, as is a trunk road with a sidewalk of its own; ``access=private``
        gives way to ``foot=yes``; platforms are walked on. A way that says only that its sidewalk is drawn
        apart, or that people should use another one, stays: a mobility profile decides.
        ``classes``: every way with a class, except roads for motor vehicles only, what is not built and
        platforms, unless ``foot=no``, ``access=no`` or ``access=private``. For comparisons.
    """
    kind = tags.get("highway", "")
    foot, access = tags.get("foot", ""), tags.get("access", "")
    if rule == "classes":
        refused = foot == "no" or access in ("no", "private")
        return bool(kind) and kind not in _NOT_COMPARED and not refused
    if not kind and not _platform(tags):
        return False
    if kind in _NOT_THERE or foot in _NO:
        return False
    if foot in _YES:
        return True
    if access in _CLOSED:
        return False
    if kind in _FOR_VEHICLES or tags.get("motorroad") == "yes":
        return any(tags.get(side) in _BESIDE for side in _SIDES)
    return True


def _platform(tags: Mapping[str, str]) -> bool:
    """True for platforms drawn without a class: people cross them to the train."""
    return tags.get("railway") == "platform" or tags.get("public_transport") == "platform"


def is_square(tags: Mapping[str, str], closed: bool) -> bool:
    """True for an area that is crossed in any direction; `closed` says that it is drawn as one ring."""
    kind = tags.get("highway", "")
    if kind not in _SQUARES and not _platform(tags):
        return False
    return closed and tags.get("area") == "yes" if "type" not in tags else tags["type"] == "multipolygon"


def ferry(tags: Mapping[str, str]) -> bool:
    """True for a ferry that takes people on foot; it goes by a timetable and is no street."""
    return tags.get("route") == "ferry" and tags.get("foot") not in _NO
