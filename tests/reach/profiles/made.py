"""Small street networks made by hand or drawn at random, and a slow twin of `costs` for them.

The twin reads the YAML files itself, goes edge by edge in plain Python with fractions, and shares no code
with the product.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from isopolis.model.streets import Streets

FOLDER = Path(__file__).resolve().parents[3] / "src/isopolis/content/data/reach/profiles"
SHARED = yaml.safe_load((FOLDER / "shared/streets.yaml").read_text(encoding="utf-8"))
NOTHING = ("", "unknown")
WHEELS = ("manual_wheelchair", "powered_wheelchair")


def written(name: str) -> dict[str, Any]:
    found = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def streets_of(
    ways: list[dict[str, Any]],
    nodes: Mapping[int, Mapping[str, str]] | None = None,
    height: list[float] | None = None,
) -> Streets:
    """Ways as dicts of tags with ``nodes`` (vertices) and ``mm`` (length of each edge)."""
    count = 1 + max(n for w in ways for n in w["nodes"])
    tail = [a for w in ways for a in w["nodes"][:-1]]
    head = [b for w in ways for b in w["nodes"][1:]]
    length = [mm for w in ways for mm in w["mm"]]
    way = [i for i, w in enumerate(ways) for _ in w["mm"]]
    keys = sorted({k for w in ways for k in w} - {"nodes", "mm"})
    tagged = sorted(nodes or {})
    node_keys = sorted({k for t in (nodes or {}).values() for k in t})
    return Streets(
        np.arange(count),
        np.zeros(count),
        np.zeros(count),
        np.array(tail),
        np.array(head),
        np.array(length),
        np.array(way),
        np.arange(len(ways)),
        {k: np.array([w.get(k, "") for w in ways], object) for k in keys},
        np.array(tagged, np.int32),
        {k: np.array([(nodes or {})[n].get(k, "") for n in tagged], object) for k in node_keys},
        height=None if height is None else np.array(height),
        source="made.osm",
    )


# -- the twin ----------------------------------------------------------------------------------------------
class Twin:
    """One profile under one policy: 0 the best, 1 expected, 2 the worst."""

    def __init__(self, name: str, policy: str) -> None:
        self.yaml = written(name)
        self.at = ("optimistic", "expected", "pessimistic").index(policy)
        self.limits = self.yaml.get("limits", {})
        self.cost = self.yaml.get("costs", {})
        self.flat = self.yaml["speed"]["flat"]

    def worst(self, values: list[Any], expected: Any) -> Any:
        return [min(values), expected, max(values)][self.at]

    def effect(self, value: str, table: dict[str, Any] | None, of: Any) -> Any:
        """`of` of the value, or of the best, expected or worst of what is possible."""
        if value not in NOTHING:
            return of(value)
        if table is None:
            return None
        return self.worst([of(word(v)) for v in table["possible"]], of(word(table["expected"])))

    def edges(
        self, ways: list[dict[str, Any]], nodes: Mapping[int, Mapping[str, str]]
    ) -> list[tuple[int, int]]:
        self.surveyed = surveyed(ways)
        major_nodes = {n for w in ways if kind_of(w) == "major" for n in w["nodes"]}
        found = []
        for way in ways:
            for a, b, mm in zip(way["nodes"], way["nodes"][1:], way["mm"], strict=False):
                found.append(self.edge(way, mm, a, b, nodes, major_nodes))
        return found

    def edge(
        self,
        way: dict[str, Any],
        mm: int,
        a: int,
        b: int,
        nodes: Mapping[int, Mapping[str, str]],
        major: set[int],
    ) -> tuple[int, int]:
        kind, total = kind_of(way), sum(way["mm"])
        wheels = self.limits.get("wheelchair_tag", False)
        lifted = wheels and way.get("wheelchair") in ("yes", "limited")
        blocked = kind is None or self.forbidden(way, kind)
        blocked |= wheels and way.get("wheelchair") == "no"
        factor, milliseconds = 1.0, 0
        unknown = SHARED["unknown"]
        if kind is not None and kind != "steps":
            surface = surface_of(way)
            possible = unknown["surface"][kind]
            rough = self.smoothness_table(surface, possible)
            soft = self.cost.get("surface", {})
            refused = self.limits.get("surfaces", [])
            factor *= self.effect(surface, possible, lambda s: factor_of(soft, s, refused))
            bad = self.effect(surface, possible, lambda s: s in refused)
            smooth = self.cost.get("smoothness", {})
            order = list(ORDER)
            too_rough = order[order.index(self.limits["roughest"]) + 1 :] if "roughest" in self.limits else []
            given = way.get("smoothness", "")
            factor *= self.effect(given, rough, lambda s: factor_of(smooth, s, too_rough))
            bad |= self.effect(given, rough, lambda s: s in too_rough)
            blocked |= bad and not lifted
        if kind is not None:
            light = way.get("lit", "")
            factor *= self.effect(
                light, unknown["lit"][kind], lambda v: self.cost.get("unlit", 1.0) if v == "no" else 1.0
            )
            if self.limits.get("unlit"):
                blocked |= self.effect(light, unknown["lit"][kind], lambda v: v == "no")
            if "width" in self.limits and not lifted:
                blocked |= self.width(way, kind) < self.limits["width"]
        if kind in ("major", "street"):
            extra = self.cost.get("without_sidewalk", {}).get(kind, 1.0)
            side = {"both": "yes", "left": "yes"}.get(way.get("sidewalk", ""), way.get("sidewalk", ""))
            factor *= self.effect(side, unknown["sidewalk"][kind], lambda v: extra if v == "no" else 1.0)
            if kind == "major" and self.limits.get("major_without_sidewalk"):
                blocked |= self.effect(side, unknown["sidewalk"][kind], lambda v: v == "no")
        if wheels and way.get("wheelchair") == "limited":
            factor *= self.cost.get("limited", 1.0)
        if kind == "steps":
            stop, ramp, time = self.stair(way, total)
            blocked |= stop
            factor *= ramp
            milliseconds += half_up(Fraction(time * mm, total))
        time, stop = self.crossings(way, mm, total, a, b, nodes, major)
        milliseconds, blocked = milliseconds + time, blocked or stop
        time, stop = self.kerbs(way, mm, total, a, b, nodes, lifted)
        milliseconds, blocked = milliseconds + time, blocked or stop
        blocked |= self.barrier(nodes.get(a, {}), way) or self.barrier(nodes.get(b, {}), way)
        out = []
        for sign in (1, -1):
            ratio, steep = self.slope(way, kind, sign)
            against = {"yes": -1, "-1": 1}.get(way.get("oneway:foot", ""), 0) == sign
            pace = math.floor(factor * ratio / self.flat * 1e6 + 0.5)
            cost = max(1, half_up(Fraction(mm * pace, 10**6)) + milliseconds)
            out.append(-1 if blocked or against or (steep and not lifted) else cost)
        return out[0], out[1]

    def forbidden(self, way: dict[str, Any], kind: str) -> bool:
        foot, access = way.get("foot", ""), way.get("access", "")
        if foot in ("no", "private", "use_sidepath"):
            return True
        if foot not in ("yes", "designated") and access in ("no", "private"):
            return True
        if way.get("sidewalk") == "separate" and kind in ("major", "street"):
            return True
        table = SHARED["unknown"]["foot"].get(kind)
        if table is None:
            return False
        return bool(self.effect("yes" if foot in ("yes", "designated") else "", table, lambda v: v == "no"))

    def smoothness_table(self, surface: str, possible: dict[str, Any]) -> dict[str, Any]:
        by_surface = SHARED["unknown"]["smoothness"]
        if surface:
            return by_surface[surface]  # type: ignore[no-any-return]
        words = [w for s in possible["possible"] for w in by_surface[s]["possible"]]
        return {"possible": words, "expected": by_surface[possible["expected"]]["expected"]}

    def width(self, way: dict[str, Any], kind: str) -> float:
        if way.get("width", "") not in NOTHING:
            return float(way["width"])
        table = SHARED["unknown"]["width"][kind]
        return float([table["highest"], table["expected"], table["lowest"]][self.at])

    def stair(self, way: dict[str, Any], total: int) -> tuple[bool, float, int]:
        rule = self.limits.get("steps", "allowed")
        if rule == "allowed":
            table = SHARED["unknown"]["steps"]["any"]
            each = [table["lowest"], table["expected"], table["highest"]][self.at]
            count = float(way["step_count"]) if way.get("step_count", "") else total * each / 1000.0
            return False, 1.0, math.floor(count * self.cost.get("seconds_per_step", 0.0) * 1000.0 + 0.5)
        if rule == "never":
            return True, 1.0, 0
        said = way.get("ramp:wheelchair", "")
        if rule == "ramp":
            said = "yes" if "yes" in (said, way.get("ramp")) else ("no" if way.get("ramp") == "no" else "")
        elif not said and way.get("wheelchair") == "yes":
            said = "yes"
        elif not said and way.get("ramp") == "no":
            said = "no"
        stop = self.effect(said, SHARED["unknown"]["ramp"]["any"], lambda v: v == "no")
        return stop, self.cost.get("ramp", 1.0), 0

    def crossings(
        self, way: dict[str, Any], mm: int, total: int, a: int, b: int, nodes: Any, major: set[int]
    ) -> tuple[int, bool]:
        wait, table = self.cost.get("crossing_seconds", {}), SHARED["unknown"]["crossing"]["any"]
        order = ("signals", "marked", "unmarked")
        least = order.index(self.limits.get("major_crossing", "unmarked"))
        time, stop = 0, False
        if way.get("footway") == "crossing":
            kinds = [crossing_kind(way)]
            if not kinds[0]:
                kinds = [crossing_kind(nodes.get(n, {})) for n in (a, b)]
            kind = max(kinds, key=lambda k: order.index(k) if k else -1)
            found = [(kind, Fraction(mm, total), a in major or b in major)]
        elif kind_of(way) in ("footway", "cycleway", "path"):
            at = [n for n in (a, b) if is_crossing(nodes.get(n, {}))]
            found = [(crossing_kind(nodes[n]), Fraction(1, 2), n in major) for n in at]
        else:
            found = []
        for kind, part, big in found:
            seconds = self.effect(kind, table, lambda k: wait.get(k, 0.0))
            time += half_up(math.floor(seconds * 1000 + 0.5) * part)
            stop |= big and self.effect(kind, table, lambda k: order.index(k) > least)
        return time, stop

    def kerbs(
        self, way: dict[str, Any], mm: int, total: int, a: int, b: int, nodes: Any, lifted: bool
    ) -> tuple[int, bool]:
        at_ends = [kerb_of(nodes.get(n, {})) for n in (a, b)]
        own = way.get("kerb", "")
        if not own and (self.surveyed or way.get("footway") == "crossing") and at_ends == [None, None]:
            own = "unknown"
        at_ends = [None if past(way, nodes.get(n, {})) else k for n, k in zip((a, b), at_ends, strict=True)]
        found = [(k, Fraction(1, 2), False) for k in at_ends if k is not None]
        if own:
            found.append((own, Fraction(mm, total), lifted))
        time, stop = 0, False
        for value, part, free in found:
            height = self.effect(value, SHARED["unknown"]["kerb"]["any"], height_of)
            if height > 0.03:
                time += half_up(math.floor(self.cost.get("kerb_seconds", 0) * 1000 + 0.5) * part)
            stop |= not free and height > self.limits.get("kerb", 9)
        return time, stop

    def barrier(self, tags: Mapping[str, str], way: Mapping[str, Any]) -> bool:
        wheels = self.limits.get("wheelchair_tag", False)
        stop = tags.get("highway") == "bus_stop" or past(way, tags)
        if wheels and tags.get("wheelchair") == "no" and not stop:
            return True
        if float(tags.get("maxwidth:physical", 9)) < self.limits.get("width", 0):
            return True
        if tags.get("barrier") and tags.get("access") == "private":
            return True
        return tags.get("barrier") in self.limits.get("barriers", []) and tags.get("wheelchair") != "yes"

    def slope(self, way: dict[str, Any], kind: str | None, sign: int) -> tuple[float, bool]:
        if kind in (None, "steps"):
            return 1.0, False
        assert kind is not None
        said, table = way.get("incline", ""), SHARED["unknown"]["incline"][kind]
        if said.endswith("%"):
            many = [float(said[:-1])]
            expected = many[0]
        else:
            low, high, expected = table["lowest"], table["highest"], table["expected"]
            if said == "up":
                low, expected = 0, high / 2
            if said == "down":
                high, expected = 0, low / 2
            many = [low + (high - low) * i / 600 for i in range(601)]
        ratios = [self.ratio(sign * s) for s in many]
        steeps = [self.too_steep(sign * s) for s in many]
        return self.worst(ratios, self.ratio(sign * expected)), self.worst(
            steeps, self.too_steep(sign * expected)
        )

    def too_steep(self, s: float) -> bool:
        return s > self.limits.get("incline_up", 999) or -s > self.limits.get("incline_down", 999)

    def ratio(self, s: float) -> float:
        speed = self.yaml["speed"]
        if speed.get("slope") == "tobler":
            return math.exp(-3.5 * 0.05) / math.exp(-3.5 * abs(s / 100 + 0.05))
        points = speed["factors"]
        if s <= points[0][0]:
            return float(points[0][1])
        for (x0, y0), (x1, y1) in pairwise(points):
            if s <= x1:
                return float(y0 + (y1 - y0) * (s - x0) / (x1 - x0))
        return float(points[-1][1])


def past(way: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    """A road that runs past a crossing, with its kerbs, does not cross it."""
    road = kind_of(way) in ("major", "street", "calm") and way.get("footway") != "crossing"
    return road and way.get("highway") != "pedestrian" and is_crossing(tags)


def crossing_kind(tags: Mapping[str, str]) -> str:
    said, marks = crossing_of(tags.get("crossing", "")), tags.get("crossing:markings", "")
    if tags.get("crossing:signals") == "yes" or said == "signals":
        return "signals"
    if marks == "no":
        return "unmarked"
    return said or ("marked" if marks else "")


def is_crossing(tags: Mapping[str, str]) -> bool:
    if {tags.get(f"crossing:{k}", "no") for k in ("markings", "signals")} != {"no"}:
        return True
    return tags.get("highway") == "crossing" or tags.get("crossing", "no") not in ("", "no")


def surveyed(ways: list[dict[str, Any]]) -> bool:
    others = [w for w in ways if w.get("footway") != "crossing"]
    kerbs = sum(bool(w.get("kerb")) for w in others)
    return kerbs > 0 and 10 * kerbs >= len(others)


ORDER = ("excellent", "good", "intermediate", "bad", "very_bad", "horrible", "very_horrible", "impassable")


def word(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def kind_of(way: Mapping[str, Any]) -> str | None:
    if way.get("highway") in SHARED["not_there"]:
        return None
    if way.get("highway") in SHARED["for_vehicles"]:
        beside = way.get("sidewalk") in ("both", "left", "right", "yes")
        if not beside and way.get("foot") not in ("yes", "designated"):
            return None
        return "steps" if way.get("step_count") else "major"
    if way.get("step_count"):
        return "steps"
    return next((k for k, words in SHARED["classes"].items() if way.get("highway") in words), "street")


def surface_of(way: Mapping[str, Any]) -> str:
    return next((k for k, words in SHARED["surfaces"].items() if way.get("surface") in words), "")


def factor_of(table: Mapping[str, float], value: str, refused: list[str]) -> float:
    other = max(table.values(), default=1.0) if value in refused else 1.0
    return table.get(value, other)


def crossing_of(value: str) -> str:
    return {"traffic_signals": "signals", "zebra": "marked", "marked": "marked", "unmarked": "unmarked"}.get(
        value, ""
    )


def kerb_of(tags: Mapping[str, str]) -> str | None:
    return tags.get("kerb") or ("unknown" if tags.get("barrier") == "kerb" else None)


def height_of(value: str) -> float:
    return float(SHARED["kerb_heights"][value])


def half_up(value: Fraction | int) -> int:
    return math.floor(value + Fraction(1, 2))
