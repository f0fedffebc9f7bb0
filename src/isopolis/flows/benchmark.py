"""Findings of two or more cities side by side: what may be compared, and every reason why not.

A city comes as a folder, as one file of zones, or as the findings of an earlier run (JSON).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isopolis.model import CallError, DataError, Finding, Problem
from isopolis.model.text import phrase

from .compare import MOST, Comparison, Part, compare, part_of, title_of, written
from .diagnosis import Diagnosis

__all__ = ["Measured", "Row", "measured", "measured_by", "side_by_side"]

JSON_MOST = 400_000_000

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """One city as far as comparing needs it: its findings of the whole city."""

    city: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One finding in every city.

    Parameters
    ----------
    title : str
        Measure and group, for readers.
    missing : tuple of str
        Cities in which it was not measured.
    """

    title: str
    comparison: Comparison
    missing: tuple[str, ...] = ()

    @property
    def compared(self) -> bool:
        """True when nothing forbids the comparison."""
        return not self.comparison.refused and not self.missing

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        return {
            "title": self.title,
            "compared": self.compared,
            "missing": list(self.missing),
            "refused": list(self.comparison.refused),
            "cautions": list(self.comparison.cautions),
            "said": self.comparison.said,
            "parts": [
                p.to_dict() | ({"written": written(p.measure, p.value)} if p.value is not None else {})
                for p in self.comparison.parts
            ],
        }


def measured_by(diagnosis: Diagnosis) -> Measured:
    """Take from a diagnosis what is said of the whole city."""
    groups = {d.name: d.categories for c in diagnosis.city.counts for d in c.dimensions}
    name = diagnosis.city.name
    parts = []
    for finding in diagnosis.findings:
        whole = [c for part in finding.dimension.split(" × ") for c in groups.get(part, ())]
        parts.append(part_of(finding, label=name, city=name, categories=whole))
    return Measured(name, tuple(p for p in parts if p.scope == "city"))


def measured(
    path: Path, *, seed: int, simulations: int | None = None, progress: Progress | None = None
) -> Measured:
    """Measure a city, or take the findings that an earlier run wrote.

    Parameters
    ----------
    path : Path
        City folder, file of zones, or JSON findings of ``isopolis diagnose --json``.

    Raises
    ------
    DataError
        When the city cannot be read or the file holds no findings.
    """
    if path.suffix.lower() == ".json" and (found := _findings(path)) is not None:
        name = path.resolve().parent.name if path.stem == "findings" else path.stem
        parts = [part_of(f, label=name, city=name) for f in found]
        return Measured(name, tuple(p for p in parts if p.scope == "city"))
    from .cities import load
    from .diagnose import diagnose

    city = load(path, progress=progress)
    return measured_by(diagnose(city, seed=seed, simulations=simulations, progress=progress))


def _findings(path: Path) -> list[Finding] | None:
    """Read findings; None when the file is something else, such as outlines."""
    if not path.is_file() or path.stat().st_size > JSON_MOST:
        raise _no_findings(path, phrase("there is no such file, or it is too large"))
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _no_findings(path, phrase("this is no JSON")) from error
    if not isinstance(rows, list):
        return None
    try:
        return [Finding.from_dict(row) for row in rows]
    except (TypeError, KeyError, ValueError, AttributeError, CallError) as error:
        raise _no_findings(path, phrase("these are no findings of a diagnosis")) from error


def _no_findings(path: Path, message: str) -> DataError:
    hint = phrase("Write them with `isopolis diagnose CITY --json`.")
    return DataError([Problem("no-findings", message, file=path.name, hint=hint)])


def side_by_side(cities: Sequence[Measured], *, measure: str = "", group: str = "") -> tuple[Row, ...]:
    """Put every finding of the first city beside those of the others.

    Parameters
    ----------
    cities : sequence of Measured
        Two or more, of different names.
    measure, group : str
        Only these: the name of a measure; a part of the name of a group.

    Raises
    ------
    CallError
        When there are too few or too many cities, or two of one name.
    """
    if not 2 <= len(cities) <= MOST:
        raise CallError(f"a comparison takes 2 to {MOST} cities, not {len(cities)}")
    names = [c.city for c in cities]
    if len(set(names)) < len(names):
        raise CallError(f"the same city is there twice: {', '.join(names)}")
    wanted = [p for p in cities[0].parts if _wanted(p, measure, group)]
    return tuple(_row(part, cities) for part in _newest(wanted))


def _wanted(part: Part, measure: str, group: str) -> bool:
    return (not measure or part.measure == measure) and (
        not group or group.casefold() in part.group.casefold()
    )


def _key(part: Part) -> tuple[str, str, str]:
    return part.measure, part.dimension.casefold(), part.group.casefold()


def _newest(parts: Sequence[Part]) -> list[Part]:
    """Keep the newest of each finding that is told apart by nothing but its date."""
    kept: dict[tuple[str, ...], Part] = {}
    for part in parts:
        key = (*_key(part), part.versus, part.scale)
        if key not in kept or part.date > kept[key].date:
            kept[key] = part
    return list(kept.values())


def _row(first: Part, cities: Sequence[Measured]) -> Row:
    found, missing = [first], []
    for city in cities[1:]:
        same = [p for p in city.parts if _key(p) == _key(first)]
        if same:
            found.append(max(same, key=lambda p: _likeness(first, p)))
        else:
            missing.append(city.city)
    title = phrase(
        "{measure}: {group}", measure=title_of(first.measure), group=first.group or first.dimension
    )
    if missing:
        return Row(title, Comparison(tuple(found), ()), tuple(missing))
    made = compare(found, "cities")
    return Row(title, _sure_of_groups(made), ())


def _likeness(first: Part, other: Part) -> tuple[bool, bool, bool, str]:
    own = first.versus == first.group, other.versus == other.group
    versus = first.versus == other.versus or own == (True, True)
    return versus, first.scale == other.scale, first.value is not None, other.date


def _sure_of_groups(made: Comparison) -> Comparison:
    """Refuse measures of all groups together where a file of findings does not say which groups."""
    if any(not p.group and not p.categories for p in made.parts):
        said = phrase("it is not stated into which groups people were divided; give the city's folder")
        return Comparison(made.parts, (*made.refused, said))
    return made
