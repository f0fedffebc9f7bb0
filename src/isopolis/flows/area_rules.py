"""Rule files: which zones are a priority area, and which neighbourhoods change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isopolis import content
from isopolis.measure.typology.warning import TESTS, Condition, Rule
from isopolis.model import CallError, DataError, Problem, near
from isopolis.model.text import phrase

__all__ = ["AreaRule", "ChangeRules", "Part", "Published", "area_rule", "area_rules", "change_rules"]

FOLDER = "areas"
LEAST_PEOPLE = 30
"""No rule may make an area of fewer people, because its income would tell of single households."""


@dataclass(frozen=True, slots=True)
class Published:
    """Where a rule was read: citation, place in it, address, day."""

    cite: str
    where: str
    url: str
    read: str

    def to_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        return {"cite": self.cite, "where": self.where, "url": self.url, "read": self.read}


@dataclass(frozen=True, slots=True)
class Part:
    """Weights of the outside reference and of the city, for cities with fewer people than `below`."""

    reference: float
    city: float
    below: float = float("inf")


@dataclass(frozen=True, slots=True)
class AreaRule:
    """A rule that delimits areas.

    Parameters
    ----------
    id, title : str
    source : Published
    value, people : str
        Names of the columns, as the rule calls them.
    factor : float
        Of the weighted reference.
    parts : tuple of Part
    reference : str
        Name of the number from outside the city that must be given; empty when none is needed.
    fewest, city_fewest : float
        People of an area and of the city, at least.
    round_up, city_round_up : float
        The threshold, and the people of the city, are rounded up to a multiple of this; 0 for not at all.
    corners : bool
        True when zones that touch in a corner are neighbours.
    notes : tuple of str
    """

    id: str
    title: str
    source: Published
    value: str
    people: str
    factor: float
    parts: tuple[Part, ...]
    reference: str = ""
    fewest: float = 0.0
    city_fewest: float = 0.0
    round_up: float = 0.0
    city_round_up: float = 0.0
    corners: bool = True
    notes: tuple[str, ...] = ()

    def part(self, people: float) -> Part:
        """Return the weights for a city of so many people."""
        return next(p for p in self.parts if people < p.below)


@dataclass(frozen=True, slots=True)
class ChangeRules:
    """Published rules about change, with where each was read and what was chosen.

    Parameters
    ----------
    gentrification, displacement : tuple of Rule
    sources : mapping of rule id to Published
    choices : mapping of rule id to tuple of str
    columns, numbers : mapping of str to str
        What the names in the rules mean.
    compared_with : str
    """

    gentrification: tuple[Rule, ...]
    displacement: tuple[Rule, ...]
    sources: Mapping[str, Published]
    choices: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, str]
    numbers: Mapping[str, str]
    compared_with: str


@dataclass(slots=True)
class _Reading:
    """A rule file, and everything that is wrong in it."""

    name: str
    found: list[Problem] = field(default_factory=list)

    def wrong(self, key: str, message: str, rule: str) -> None:
        self.found.append(Problem("bad-rule", message, file=self.name, column=key, rule=rule))

    def number(self, table: Mapping[str, Any], key: str, default: float | None, where: str = "") -> float:
        value = table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e18:
            self.wrong(
                where + key, phrase("{key} is no number", key=where + key), phrase("a number from 0 up")
            )
            return 0.0
        return float(value)

    def table(self, whole: Mapping[str, Any], key: str, *, needed: bool = False) -> Mapping[str, Any]:
        value = whole.get(key, None if needed else {})
        if not isinstance(value, dict):
            self.wrong(
                key, phrase("{key} is missing or no table", key=key), phrase("a table of names and values")
            )
            return {}
        return value

    def text(self, whole: Mapping[str, Any], key: str) -> str:
        value = whole.get(key)
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, phrase("{key} is missing or no text", key=key), phrase("a text"))
            return ""
        return value.strip()

    def source(self, whole: Mapping[str, Any]) -> Published:
        table = self.table(whole, "source", needed=True)
        read = str(table.get("read", ""))
        return Published(self.text(table, "cite"), self.text(table, "where"), self.text(table, "url"), read)

    def done(self) -> None:
        if self.found:
            raise DataError(self.found)


def area_rules() -> tuple[str, ...]:
    """Names of the rules for areas that ship."""
    return tuple(n.removesuffix(".yaml") for n in content.names(FOLDER))


def area_rule(name: str) -> AreaRule:
    """Return a shipped rule by its name, or the rule of a file.

    Raises
    ------
    CallError
        When there is neither.
    DataError
        With everything that is wrong in a file.
    """
    shipped = name.replace("-", "_")
    if shipped in area_rules():
        return _area(content.read(f"{FOLDER}/{shipped}.yaml"), f"{shipped}.yaml")
    path = Path(name)
    if not path.is_file():
        raise CallError(
            phrase(
                'there is no rule and no file "{name}": {near}', name=name, near=near(shipped, area_rules())
            )
        )
    try:
        made = content.parse(path.read_text(encoding="utf-8"), path.name)
    except (ValueError, OSError) as error:
        raise DataError(
            [Problem("no-yaml", phrase("the rule cannot be read: {error}", error=str(error)), file=path.name)]
        ) from None
    return _area(made, path.name)


def _area(whole: Any, name: str) -> AreaRule:
    reading = _Reading(name)
    if not isinstance(whole, dict):
        reading.wrong("", phrase("the file is no table"), phrase("names and values, see docs/typologies.md"))
        reading.done()
    threshold = reading.table(whole, "threshold", needed=True)
    areas, city = reading.table(whole, "area_people", needed=True), reading.table(whole, "city_people")
    fewest = reading.number(areas, "at_least", None, "area_people: ")
    if fewest < LEAST_PEOPLE:
        allowed = phrase("at least {n} people, so that no area tells of single households", n=LEAST_PEOPLE)
        reading.wrong("area_people", phrase("the least number of people of an area is too low"), allowed)
    parts = _parts(threshold, reading)
    reference = str(whole.get("reference", ""))
    if not reference and any(p.reference for p in parts):
        reading.wrong(
            "reference",
            phrase("the threshold uses a reference without a name"),
            phrase("a name, national_income"),
        )
    notes = whole.get("notes", [])
    made = AreaRule(
        reading.text(whole, "id"),
        reading.text(whole, "title"),
        reading.source(whole),
        reading.text(whole, "value"),
        reading.text(whole, "people"),
        reading.number(threshold, "factor", None, "threshold: "),
        parts,
        reference,
        fewest,
        reading.number(city, "at_least", 0, "city_people: "),
        reading.number(threshold, "round_up_to", 0, "threshold: "),
        reading.number(city, "round_up_to", 0, "city_people: "),
        bool(whole.get("corners", True)),
        tuple(map(str, notes)) if isinstance(notes, list) else (),
    )
    reading.done()
    return made


def _parts(threshold: Mapping[str, Any], reading: _Reading) -> tuple[Part, ...]:
    given = threshold.get("parts")
    if not isinstance(given, list) or not given or not all(isinstance(p, dict) for p in given):
        allowed = phrase("a list of reference and city, each with below except the last")
        reading.wrong("threshold: parts", phrase("parts is missing or no list"), allowed)
        return ()
    out = []
    for n, part in enumerate(given, start=1):
        where = f"threshold: part {n}: "
        below = reading.number(part, "below", None, where) if "below" in part else float("inf")
        out.append(
            Part(reading.number(part, "reference", 0, where), reading.number(part, "city", 0, where), below)
        )
    if out[-1].below != float("inf"):
        reading.wrong(
            "threshold: parts", phrase("large cities have no part"), phrase("a last part without below")
        )
    return tuple(out)


def change_rules() -> ChangeRules:
    """Return the published rules about change that ship."""
    whole = content.read("gentrification/rules.yaml")
    reading = _Reading("rules.yaml")
    sources, choices = {}, {}
    kinds: dict[str, tuple[Rule, ...]] = {}
    for kind in ("gentrification", "displacement"):
        made = []
        for one in whole[kind]:
            made.append(_change(one, reading))
            sources[one["id"]] = reading.source(one)
            choices[one["id"]] = tuple(one.get("choices", ()))
        kinds[kind] = tuple(made)
    reading.done()
    return ChangeRules(
        kinds["gentrification"], kinds["displacement"], sources, choices,
        whole["columns"], whole["numbers"], whole["compared_with"],
    )  # fmt: skip


def _change(one: Mapping[str, Any], reading: _Reading) -> Rule:
    conditions = []
    for c in one.get("all") or one["of"]:
        if c["test"] not in TESTS:
            reading.wrong(one["id"], phrase('unknown test "{test}"', test=c["test"]), ", ".join(TESTS))
            continue
        conditions.append(
            Condition(
                c["test"], c["column"], c.get("at", "before"), float(c.get("number", 0)),
                c.get("reference", ""), bool(c.get("real", False)),
            )
        )  # fmt: skip
    return Rule(one["id"], one["title"], tuple(conditions), int(one.get("at_least", 0)))
