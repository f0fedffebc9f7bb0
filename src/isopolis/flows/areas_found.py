"""What a rule for areas says of a city: its rows, its sentences, and what a reader must know first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.measure.typology import Delimited
from isopolis.model import City, Undefined
from isopolis.model.text import Number, count, joint, phrase, phrases

from .area_rules import AreaRule

__all__ = ["Areas", "amount", "named"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """What a rule for areas says of a city.

    Parameters
    ----------
    city : City
    rule : AreaRule
    undefined : Undefined or None
        Why nothing can be said.
    threshold, city_value, city_people : float
        Threshold of the rule, median of the city, and people of the city; NaN where not reached.
    found : Delimited or None
    stability : (Z,) array or None
        Share of the variants in which each zone lies in an area.
    people : (Z,) array
    variants : int
    column : str
        Name in the city's files of the value of the rule.
    outside : float
        The number from outside the city that the rule refers to; NaN where it needs none.
    unit : str
        Unit of the column as the files say it; empty where they do not.
    """

    city: City
    rule: AreaRule
    undefined: Undefined | None
    people: Floats
    threshold: float = float("nan")
    city_value: float = float("nan")
    found: Delimited | None = None
    stability: Floats | None = None
    variants: int = 0
    column: str = ""
    outside: float = float("nan")
    unit: str = ""

    def rows(self) -> list[dict[str, Any]]:
        """One row an area: number, zones by id and name, people, and how firmly they hold."""
        if self.found is None or self.stability is None:
            return []
        names = self.city.zones.names
        assert names is not None
        out = []
        for number, people in enumerate(self.found.people):
            zones = np.flatnonzero(self.found.area == number)
            firm = self.stability[zones]
            out.append(
                {
                    "area": number + 1,
                    "zones": [str(z) for z in self.city.zones.ids[zones]],
                    "names": [str(z) for z in names[zones]],
                    "people": round(float(people)),
                    "stability_mean": round(float(np.average(firm, weights=self.people[zones])), 4),
                    "stability_least": round(float(firm.min()), 4),
                }
            )
        return out

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "source": self.rule.source.to_dict(),
            "cannot_be_known": None if self.undefined is None else str(self.undefined.reason),
            "column": self.column,
            "unit": self.unit,
            "outside": _finite(self.outside),
            "threshold": _finite(self.threshold),
            "threshold_in_words": self.reckoned(),
            "city_value": _finite(self.city_value),
            "city_people": round(self.residents),
            "areas": self.rows(),
            "groups_with_too_few_people": 0 if self.found is None else self.found.dropped,
            "zones_without_a_value": 0 if self.found is None else int(self.found.unknown.sum()),
            "variants": self.variants,
            "notes": [str(n) for n in self.rule.notes],
        }

    @property
    def residents(self) -> float:
        """People of the city, as far as they are known."""
        return float(np.nansum(self.people))

    def measured(self) -> str:
        """The threshold with its unit."""
        return joint([amount(self.threshold), self.unit], " ") if self.unit else amount(self.threshold)

    def cautions(self) -> tuple[str, ...]:
        """Say what a reader must know first: the unit, and of how many zones nothing is known."""
        if self.found is None:
            return ()
        out = []
        if not self.unit:
            out.append(
                phrase(
                    "The files do not say in which unit “{column}” is. Say it in city.toml, beside context: "
                    'units = {{ {column} = "euros a year" }}.',
                    column=self.column,
                )
            )
        unknown = int(self.found.unknown.sum())
        if unknown:
            out.append(
                phrases(
                    "{n} zone has no known people or no value of “{column}”: it is neither in nor out.",
                    "{n} zones have no known people or no value of “{column}”: they are neither in nor out.",
                    unknown,
                    n=count(unknown),
                    column=self.column,
                )
            )
        return tuple(out)

    def said(self) -> str:
        """Say in one sentence what was found."""
        if self.undefined is not None:
            return self.undefined.reason
        assert self.found is not None
        if not len(self.found.people):
            return phrase(
                "No area is found: nowhere do connected zones with “{column}” below {threshold} have {least} "
                "people or more.",
                column=self.column,
                threshold=self.measured(),
                least=count(round(self.rule.fewest)),
            )
        inside = float(self.found.people.sum())
        return phrases(
            "In {n} area of connected zones every zone has “{column}” below {threshold}: {people} people, "
            "{share} of the city.",
            "In {n} areas of connected zones every zone has “{column}” below {threshold}: {people} people, "
            "{share} of the city.",
            len(self.found.people),
            n=count(len(self.found.people)),
            column=self.column,
            threshold=self.measured(),
            people=count(round(inside)),
            share=Number(f"{inside / max(self.residents, 1):.1%}"),
        )

    def reckoned(self) -> str:
        """Say how the threshold comes from the numbers that went in; empty where there is none."""
        if self.undefined is not None:
            return ""
        rule, part = self.rule, self.rule.part(self.residents)
        exact = part.city * self.city_value + (part.reference * self.outside if rule.reference else 0)
        words = {
            "factor": Number(f"{rule.factor:g}"), "weight": Number(f"{part.reference:g}"),
            "rest": Number(f"{part.city:g}"), "outside": amount(self.outside) if rule.reference else "",
            "name": rule.reference, "median": amount(self.city_value), "exact": amount(rule.factor * exact),
            "column": self.column,
        }  # fmt: skip
        if rule.reference:
            said = phrase(
                "{factor} × ({weight} × {outside} [{name}] + {rest} × {median} [the zones' median of "
                "“{column}”]) = {exact}",
                **words,
            )
        else:
            said = phrase("{factor} × {rest} × {median} [the zones' median of “{column}”] = {exact}", **words)
        if not rule.round_up:
            return joint([said, self.unit], " ") if self.unit else said
        return phrase("{said}, rounded up to {threshold}", said=said, threshold=self.measured())


def named(names: Sequence[str], most: int = 8) -> str:
    """Name the zones of an area, the first of them where they are many."""
    if len(names) <= most:
        return joint(names, ", ")
    return phrase("{names} and {n} more", names=joint(names[:most], ", "), n=count(len(names) - most))


def amount(value: float) -> Number:
    """Write a number of a unit that is not known here: as many digits as tell it from its neighbours."""
    return Number(f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:,.4g}")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
