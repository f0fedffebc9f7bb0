"""Priority areas by a rule file, and warnings about change by several published rules."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.measure.typology import (
    Verdict,
    agreement,
    delimit,
    held,
    judge,
)
from isopolis.measure.typology.areas import weighted_median
from isopolis.measure.typology.warning import FEWEST_RULES, UNKNOWN, YES
from isopolis.model import City, Undefined
from isopolis.model.text import count, joint, phrase

from .area_rules import AreaRule, ChangeRules, change_rules
from .areas_found import Areas, amount, named
from .touching import touching

__all__ = ["Areas", "Asked", "Signs", "amount", "named", "priority_areas", "signs", "values_of"]

Floats = npt.NDArray[np.float64]

FACTORS = (0.9, 0.95, 1.0, 1.05, 1.1)
LEAST = (0.8, 1.0, 1.2)
SHIFTS = (-0.05, 0.0, 0.05)
"""What is tried beside a rule: other thresholds, other least numbers of people, other shares of zones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user says about the columns and about numbers from outside the city.

    Parameters
    ----------
    columns : mapping of str to str
        Name in a rule → name in the city's files.
    numbers : mapping of str to float
        Numbers that rules refer to: ``national_income``, ``prices``.
    before, after : str
        Dates; the first and the last of the city when empty.
    """

    columns: Mapping[str, str]
    numbers: Mapping[str, float]
    before: str = ""
    after: str = ""

    def dates(self, city: City) -> tuple[str, str]:
        """Return the two dates; equal where the city has one."""
        known = city.dates or ("",)
        return self.before or known[0], self.after or known[-1]


def values_of(city: City, name: str, date: str, asked: Asked) -> Floats | None:
    """(Z,) numbers that the city's files give for a name at a date; None where they give none.

    A column that is given once stands for a single date only: taken for both, no change could ever be seen.
    """
    column = asked.columns.get(name, name)
    several = len(set(asked.dates(city))) > 1
    for key in (f"{column} at {date}", *(() if several else (column,))):
        if key in city.context:
            return np.asarray(city.context[key], dtype=np.float64)
    return _counted(city, date) if name == "population" and name not in asked.columns else None


def _counted(city: City, date: str) -> Floats | None:
    tables = [c for c in city.counts if c.date == date and c.universe == "residents"]
    if not tables:
        return None
    # tables of one date may leave people out of a dimension, and hide cells of a small group: the fullest
    # is closest to everyone, and where it hides something another may not
    out = np.full(len(city.zones), np.nan)
    for one in sorted(tables, key=lambda c: -float(np.nansum(c.totals()))):
        known = one.covered & ~one.hidden.reshape(len(one.zone_ids), -1).any(axis=1)
        out = np.where(np.isnan(out) & known, one.totals(), out)
    return out


def priority_areas(city: City, rule: AreaRule, asked: Asked) -> Areas:
    """Delimit the areas of a rule, and say how firmly each zone belongs to one.

    A value of a whole zone, such as its median income, is all that is needed; the city's median is that
    of the zones, weighted by their people.

    Parameters
    ----------
    city : City
        With outlines, people, and the value of the rule among its zone-level columns.
    rule : AreaRule
    asked : Asked
        Its last date is used.

    Returns
    -------
    Areas
        With the reason in the place of areas where something that the rule needs is not given.
    """
    date = asked.dates(city)[1]
    value, people = (values_of(city, n, date, _at_one(asked, date)) for n in (rule.value, rule.people))
    counted = np.zeros(len(city.zones)) if people is None else people
    missing = [asked.columns.get(n, n) for n, v in ((rule.value, value), (rule.people, people)) if v is None]
    whole = float(np.nansum(counted))
    why = _why_not(city, rule, asked, missing, whole)
    if why is not None or value is None:
        return Areas(city, rule, why, counted)
    middle = weighted_median(value, counted)
    if not np.isfinite(middle):
        return Areas(city, rule, _no_value(asked.columns.get(rule.value, rule.value)), counted)
    threshold = _threshold(rule, middle, asked, whole)
    pairs = {corners: touching(city.zones, corners=corners) for corners in (True, False)}
    found = delimit(value, counted, pairs[rule.corners], threshold=threshold, fewest=rule.fewest)
    tried = [
        delimit(value, counted, pairs[corners], threshold=threshold * f, fewest=rule.fewest * least)
        for f, least, corners in itertools.product(FACTORS, LEAST, (True, False))
    ]
    outside = asked.numbers[rule.reference] if rule.reference else math.nan
    column = asked.columns.get(rule.value, rule.value)
    firm, unit = held(tried), city.units.get(column, "")
    return Areas(city, rule, None, counted, threshold, middle, found, firm, len(tried), column, outside, unit)


def _no_value(column: str) -> Undefined:
    told = phrase("No zone with people has a value of “{column}”.", column=column)
    return Undefined("missing", joint([phrase("Cannot be known."), told]))


def _at_one(asked: Asked, date: str) -> Asked:
    return Asked(asked.columns, asked.numbers, date, date)


def _why_not(city: City, rule: AreaRule, asked: Asked, missing: list[str], people: float) -> Undefined | None:
    reasons = []
    if missing:
        columns = joint([phrase('"{column}"', column=m) for m in missing], ", ")
        reasons.append(
            phrase(
                "The files have no {columns}; name the column with --column NAME=COLUMN, and list it under "
                "context in city.toml.",
                columns=columns,
            )
        )
    if rule.reference and rule.reference not in asked.numbers:
        reasons.append(
            phrase("The rule needs a number from outside: --number {name}=VALUE.", name=rule.reference)
        )
    if not city.zones.drawable.any():
        reasons.append(phrase("There are no outlines, so nobody knows which zones touch."))
    if reasons:
        return Undefined("missing", joint([phrase("Cannot be known."), *reasons]))
    size = _rounded_up(people, rule.city_round_up)
    if size < rule.city_fewest:
        told = phrase(
            "The rule is for cities of {least} people or more, and {people} live here.",
            least=count(round(rule.city_fewest)),
            people=count(round(people)),
        )
        return Undefined("not-for-this-city", told)
    return None


def _threshold(rule: AreaRule, middle: float, asked: Asked, people: float) -> float:
    part = rule.part(people)
    outside = asked.numbers[rule.reference] if rule.reference else 0.0
    return _rounded_up(rule.factor * (part.reference * outside + part.city * middle), rule.round_up)


def _rounded_up(value: float, step: float) -> float:
    # a hair is taken off first: 0.6 x 20000 must not become 12100 because it is 12000.000000000002
    return math.ceil(value / step - 1e-9) * step if step else value


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """What several published rules say about change, side by side.

    Parameters
    ----------
    city : City
    rules : ChangeRules
    dates : tuple of str
    verdicts, vulnerable : tuple of Verdict
        One per rule on gentrification, and on displacement.
    yes, asked : (Z,) int8 arrays
        Rules that say yes, -1 where too few could be asked; and rules that gave an answer.
    least, most : (Z,) int8 arrays
        Fewest and most rules that say yes when every share of zones is moved by five points.
    """

    city: City
    rules: ChangeRules
    dates: tuple[str, str]
    verdicts: tuple[Verdict, ...]
    vulnerable: tuple[Verdict, ...]
    yes: npt.NDArray[np.int8]
    asked: npt.NDArray[np.int8]
    least: npt.NDArray[np.int8]
    most: npt.NDArray[np.int8]

    @property
    def known(self) -> bool:
        """True when something can be said of at least one zone."""
        return bool((self.yes != UNKNOWN).any())

    @property
    def missing(self) -> tuple[str, ...]:
        """Everything that was not given and that some rule asks for."""
        every = (m for v in (*self.verdicts, *self.vulnerable) for m in v.missing)
        return tuple(dict.fromkeys(every))

    def said(self) -> Iterator[str]:
        """Say what was found, and what cannot be known and why."""
        if not self.known:
            yield phrase(
                "Cannot be known: at least {n} rules must be asked, and the files allow {k}.",
                n=count(FEWEST_RULES),
                k=count(sum(not v.missing for v in self.verdicts)),
            )
        else:
            yield phrase(
                "{all} of {zones} zones are named by every rule that could be asked, {some} by at least one, "
                "{none} by none; of {unknown} nothing can be known.",
                all=count(int(((self.yes == self.asked) & (self.yes > 0)).sum())),
                zones=count(len(self.yes)),
                some=count(int((self.yes > 0).sum())),
                none=count(int((self.yes == 0).sum())),
                unknown=count(int((self.yes == UNKNOWN).sum())),
            )
        for verdict in (*self.verdicts, *self.vulnerable):
            if verdict.missing:
                # numbers come from the command line, columns from the files
                asked = (f"--number {m}=…" if m in self.rules.numbers else m for m in verdict.missing)
                missing = joint(asked, ", ")
                yield phrase(
                    "{rule} was not asked. Missing: {missing}", rule=verdict.rule.title, missing=missing
                )
            else:
                yield phrase(
                    "{rule}: {n} zones.", rule=verdict.rule.title, n=count(int((verdict.answer == YES).sum()))
                )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        words = {YES: "yes", UNKNOWN: "cannot be known"}
        return {
            "dates": list(self.dates),
            "known": self.known,
            "missing": list(self.missing),
            "said": [str(s) for s in self.said()],
            "rules": [
                {
                    "rule": v.rule.id,
                    "kind": "gentrification" if v in self.verdicts else "displacement",
                    "source": self.rules.sources[v.rule.id].to_dict(),
                    "choices": list(self.rules.choices[v.rule.id]),
                    "missing": list(v.missing),
                    "yes": int((v.answer == YES).sum()),
                }
                for v in (*self.verdicts, *self.vulnerable)
            ],
            "zones": [
                {
                    "zone": str(zone),
                    "agree": None if self.yes[i] == UNKNOWN else int(self.yes[i]),
                    "asked": int(self.asked[i]),
                    "agree_least": None if self.least[i] == UNKNOWN else int(self.least[i]),
                    "agree_most": None if self.most[i] == UNKNOWN else int(self.most[i]),
                    "rules": {v.rule.id: words.get(int(v.answer[i]), "no") for v in self.verdicts},
                    "vulnerable": {v.rule.id: words.get(int(v.answer[i]), "no") for v in self.vulnerable},
                }
                for i, zone in enumerate(self.city.zones.ids)
            ],
        }


def signs(city: City, asked: Asked, rules: ChangeRules | None = None) -> Signs:
    """Ask every published rule of every zone, and count how many agree.

    Parameters
    ----------
    city : City
        With the columns of the rules at two dates, as zone-level columns.
    asked : Asked
    rules : ChangeRules, optional
        Those that ship.

    Returns
    -------
    Signs
    """
    rules = rules or change_rules()
    before, after = asked.dates(city)
    values = {}
    if before != after:
        for name in rules.columns:
            for label, date in (("before", before), ("after", after)):
                found = values_of(city, name, date, asked)
                if found is not None:
                    values[f"{name} ({label})"] = found

    def judged(shift: float = 0.0) -> tuple[Verdict, ...]:
        zones = len(city.zones)
        return tuple(judge(r, values, asked.numbers, zones=zones, shift=shift) for r in rules.gentrification)

    verdicts = judged()
    yes, answered = agreement(verdicts)
    moved = np.stack([agreement(judged(s))[0] for s in SHIFTS])
    vulnerable = tuple(judge(r, values, asked.numbers, zones=len(city.zones)) for r in rules.displacement)
    return Signs(
        city, rules, (before, after), verdicts, vulnerable, yes, answered,
        moved.min(axis=0), moved.max(axis=0),
    )  # fmt: skip
