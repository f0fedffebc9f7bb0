"""Services: where they are, whom they admit, when, and for how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .counts import frozen
from .errors import CallError, Problem
from .pickling import as_fields

__all__ = ["NO", "UNKNOWN", "YES", "Places"]

UNKNOWN, NO, YES = -1, 0, 1
"""A third answer: nobody has looked. Never read as no."""

Texts = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Places of one kind of service.

    Parameters
    ----------
    kind : str
        The data's own name: ``health_centre``.
    ids, names : (P,) arrays of str
        Ids are unique within the kind; a place without a name is called by its id.
    lon, lat : (P,) arrays, degrees (WGS84)
        NaN for a place that is known by its zone only.
    zone : (P,) array of str
        Id of the zone that the place is counted in, empty where not stated.
    amount : (P,) array
        How many there are: 1 for a place, a number for a count in a zone (jobs of a hexagon).
    term : str
        Term of the vocabulary, ``service:health_centre``; empty when none fits.
    capacity, fee : (P,) arrays
        Places or visits a day; euros for one use. NaN where not known.
    step_free : (P,) array of int
        `YES`, `NO` or `UNKNOWN`.
    booking : (P,) array of str
        ``none``, ``phone``, ``online_only`` …; empty where not known.
    hours : (P,) array of str
        Opening hours in the notation of OpenStreetMap; empty where not known.
    languages : (P,) array of tuple of str
        ISO 639 codes of the languages spoken; empty tuple where not known.
    eligibility : (P,) array of str
        Who is admitted, as the data says it; empty where not known.
    caveats : tuple of Problem
    source : str

    Raises
    ------
    CallError
        If lengths disagree or ids are repeated.
    """

    kind: str
    ids: Texts
    names: Texts
    lon: Floats
    lat: Floats
    zone: Texts | None = None
    amount: Floats | None = None
    term: str = ""
    capacity: Floats | None = None
    fee: Floats | None = None
    step_free: npt.NDArray[np.int8] | None = None
    booking: Texts | None = None
    hours: Texts | None = None
    languages: Texts | None = None
    eligibility: Texts | None = None
    caveats: tuple[Problem, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        put, many = object.__setattr__, len(self.ids)
        for name, (dtype, missing) in _COLUMNS.items():
            given = getattr(self, name)
            if given is None:
                given = np.full(many, missing, dtype=dtype)
            put(self, name, frozen(given, dtype))
        # a place without a name is called by its id, so that no sentence has a hole
        put(self, "names", frozen(np.where(self.names == "", self.ids, self.names), object))
        languages = np.empty(many, dtype=object)
        languages[:] = [()] * many if self.languages is None else [tuple(x) for x in self.languages]
        put(self, "languages", frozen(languages, object))
        for name in ("lon", "lat"):
            put(self, name, frozen(getattr(self, name)))
        wrong = [n for n in (*_COLUMNS, "languages", "lon", "lat") if len(getattr(self, n)) != many]
        if wrong:
            raise CallError(f'{self.kind}: "{wrong[0]}" must have one entry for each of the {many} places')
        if len(set(self.ids.tolist())) != many:
            raise CallError(f"{self.kind}: the ids of places must be unique")

    def __reduce__(self) -> tuple[Any, ...]:
        return as_fields(self)

    def __len__(self) -> int:
        return len(self.ids)


_COLUMNS: dict[str, tuple[npt.DTypeLike, Any]] = {
    "ids": (object, ""),
    "names": (object, ""),
    "zone": (object, ""),
    "amount": (np.float64, 1.0),
    "capacity": (np.float64, np.nan),
    "fee": (np.float64, np.nan),
    "step_free": (np.int8, UNKNOWN),
    "booking": (object, ""),
    "hours": (object, ""),
    "eligibility": (object, ""),
}
