"""Public services with what keeps people out: distance, hours, fees, languages, steps, booking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .names import place_names
from .people import People
from .plan import PARK, Plan

__all__ = ["COLUMNS", "KINDS", "Kind", "place_services"]

Floats = npt.NDArray[np.float64]

COLUMNS = (
    "id", "name", "kind", "zone", "x", "y", "opening_hours", "capacity", "fee_eur", "languages",
    "step_free", "booking", "eligibility",
)  # fmt: skip
OTHER_LANGUAGES = ("ar", "tr", "uk", "ro", "fr", "pt")
_OFFICE = ("Mo-Fr 08:00-16:00", "Mo-We,Fr 08:00-13:00; Th 08:00-18:00")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of service.

    Parameters
    ----------
    name, title : str
    per : float
        Zones for one place.
    hours : tuple of str
        In the notation of OpenStreetMap.
    capacity : (int, int) or None
        Lowest and highest, in places or visits a day.
    fees : tuple of float
        Euros for one use.
    languages : float
        Chance of each further language beside English.
    step_free : (float, float)
        Chances of yes and no; the rest is unknown.
    online_only : float
        Chance that an appointment is needed and given online only.
    eligibility : str
    lean : float
        How much the places lean to richer zones (log scale per standard deviation).
    """

    name: str
    title: str
    per: float
    hours: tuple[str, ...]
    capacity: tuple[int, int] | None
    fees: tuple[float, ...] = (0.0,)
    languages: float = 0.1
    step_free: tuple[float, float] = (0.55, 0.20)
    online_only: float = 0.0
    eligibility: str = "everyone"
    lean: float = 0.0


KINDS = (
    Kind("health_centre", "Health centre", 10, ("Mo-Fr 08:00-18:00", "Mo-Fr 08:00-14:00"), (80, 400),
         (0.0, 5.0), 0.25, (0.65, 0.15), 0.30, "residents", 0.35),
    Kind("pharmacy", "Pharmacy", 4, ("Mo-Sa 09:00-19:00", "24/7"), None, step_free=(0.50, 0.25), lean=0.2),
    Kind("school", "Primary school", 5, ("Mo-Fr 08:00-15:00",), (180, 520), eligibility="children 6-14"),
    Kind("childcare", "Childcare", 4, ("Mo-Fr 07:30-17:00", "Mo-Fr 07:30-13:00"), (25, 110), (6.0, 9.0, 14.0),
         0.1, (0.45, 0.25), 0.35, "children 0-5", 0.45),
    Kind("library", "Library", 22, ("Tu-Sa 10:00-18:00", "Mo-Fr 12:00-20:00"), (60, 300), languages=0.35,
         lean=0.2),
    Kind("town_hall_office", "Town hall office", 40, _OFFICE, (60, 220), (0.0, 12.0), 0.2, (0.75, 0.10), 0.55,
         "residents"),
    Kind("digital_help_point", "Digital help point", 16, ("Tu,Th 10:00-17:00", "Mo-Fr 09:00-12:00"), (8, 40),
         languages=0.4, step_free=(0.60, 0.15), lean=0.3),
    Kind("community_centre", "Community centre", 15, ("Mo-Sa 10:00-21:00", "Mo-Fr 14:00-20:00"), (40, 250),
         (0.0, 2.0), 0.4, (0.60, 0.20), 0.0, "everyone", -0.2),
    Kind("care_for_older_people", "Day centre for older people", 18, ("Mo-Fr 09:00-17:00",), (20, 80),
         (0.0, 8.0), 0.1, (0.75, 0.08), 0.10, "65 and over", 0.2),
    Kind("sports_centre", "Sports centre", 20, ("Mo-Su 07:00-22:00",), (80, 500), (3.0, 4.5, 7.0), 0.1,
         (0.50, 0.25), 0.45, "everyone", 0.3),
    Kind("park", "Park", 8, ("24/7", "Mo-Su 07:00-21:00"), None, step_free=(0.70, 0.10), languages=0.0),
    Kind("public_toilet", "Public toilet", 10, ("24/7", "Mo-Su 08:00-20:00"), None, (0.0, 0.5, 1.0), 0.0,
         (0.45, 0.30)),
    Kind("drinking_water", "Drinking fountain", 9, ("24/7",), None, languages=0.0, step_free=(0.6, 0.1)),
)  # fmt: skip


def place_services(rng: np.random.Generator, plan: Plan, people: People) -> list[tuple[str, ...]]:
    """Return one row of text per service, in the order of `COLUMNS`."""
    rows: list[tuple[str, ...]] = []
    sites = _Sites(plan)
    for kind in KINDS:
        zones = _zones_for(rng, kind, plan, people)
        names = place_names(rng, len(zones))
        for number, (zone, name) in enumerate(zip(zones, names, strict=True), 1):
            x, y = sites.draw(rng, int(zone))
            where = (f"{kind.name}-{number:03d}", f"{kind.title} {name}", kind.name, plan.ids[zone])
            rows.append((*where, f"{x:.1f}", f"{y:.1f}", *_terms(rng, kind)))
    return rows


def _zones_for(rng: np.random.Generator, kind: Kind, plan: Plan, people: People) -> npt.NDArray[np.intp]:
    """Choose zones: more where more people live, leaning to richer ones; parks in every green zone."""
    weight = people.total**0.7 * np.exp(kind.lean * people.mix.fields["wealth"])
    number = max(1, round(len(plan) / kind.per))
    chosen = rng.choice(len(plan), number, p=weight / weight.sum())
    if kind.name == "park":
        chosen = np.concatenate([np.flatnonzero(np.array(plan.land_use) == PARK), chosen])
    return np.sort(chosen)


def _terms(rng: np.random.Generator, kind: Kind) -> tuple[str, ...]:
    """Draw opening hours, capacity, fee, languages, step-free access, booking, eligibility as text."""
    hours = kind.hours[rng.integers(len(kind.hours))]
    size = rng.integers(kind.capacity[0], kind.capacity[1] + 1) if kind.capacity else 0
    fee = kind.fees[rng.integers(len(kind.fees))]
    spoken = ["en", *(tongue for tongue in OTHER_LANGUAGES if rng.random() < kind.languages)]
    yes, no = kind.step_free
    step_free = ("yes", "no", "unknown")[rng.choice(3, p=[yes, no, 1 - yes - no])]
    booking = "online_only" if rng.random() < kind.online_only else ("none", "phone")[rng.integers(2)]
    if kind.capacity is None:
        booking = "none"
    capacity = str(size) if kind.capacity else ""
    return hours, capacity, f"{fee:.2f}", ";".join(spoken), step_free, booking, kind.eligibility


class _Sites:
    """Places beside the streets of a zone, always inside it."""

    def __init__(self, plan: Plan) -> None:
        blocks = plan.blocks
        side = blocks.sides.ravel()
        zone = np.where(side >= 0, plan.block_zone[side], -1)
        self._order = np.argsort(zone, kind="stable")
        self._starts = np.searchsorted(zone[self._order], np.arange(len(plan) + 1))
        self._blocks = blocks

    def draw(self, rng: np.random.Generator, zone: int) -> Floats:
        """Return x, y: a tenth of the way from the middle of a street to the middle of its block."""
        position = self._order[rng.integers(self._starts[zone], self._starts[zone + 1])]
        edge, side = divmod(int(position), 2)
        middle = self._blocks.vertices[self._blocks.edges[edge]].mean(axis=0)
        point: Floats = 0.9 * middle + 0.1 * self._blocks.points[self._blocks.sides[edge, side]]
        return point
