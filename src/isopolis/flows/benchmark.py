"""Findings of two or more cities side by side: what may be compared, and every reason why not.

A city comes as a folder, as one file of zones, or as the findings of an earlier run (JSON). What may be
compared follows from definitions, dates and numbers of people, so this is settled first; only what is left is
measured.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from isopolis.model import CallError, City, DataError, Finding, Problem
from isopolis.model.text import joint, phrase

from .compare import MOST, Comparison, Part, compare, identity, part_of, title_of, unlike, written
from .diagnosis import Diagnosis
from .words import Names

__all__ = ["Measured", "Row", "compared", "measured", "measured_by", "side_by_side"]

JSON_MOST = 400_000_000

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """One city as far as comparing needs it: its findings of the whole city.

    Parameters
    ----------
    known : bool
        False while the parts only say what would be measured.
    """

    city: str
    parts: tuple[Part, ...]
    known: bool = True


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
    from .planned import filled, planned

    return Measured(diagnosis.city.name, filled(planned(diagnosis.city), diagnosis.findings))


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
    found = _read(path, progress)
    if isinstance(found, Measured):
        return found
    from .diagnose import diagnose

    return measured_by(diagnose(found, seed=seed, simulations=simulations, progress=progress))


def _read(path: Path, progress: Progress | None) -> Measured | City:
    if path.suffix.lower() == ".json" and (found := _findings(path)) is not None:
        name = path.resolve().parent.name if path.stem == "findings" else path.stem
        return Measured(name, tuple(_told(f, name) for f in found if f.scope == "city"))
    from .cities import load

    return load(path, progress=progress)


def _told(finding: Finding, city: str) -> Part:
    """Name group and dimension by their ids: a file of findings knows no others."""
    names = Names({})
    subject = names.dimension(finding.dimension)
    return replace(
        part_of(finding, label=city, city=city),
        subject=subject,
        about=names.group(finding.group) if finding.group else subject,
        against=names.group(finding.versus) if finding.versus else "",
    )


def compared(
    paths: Sequence[Path],
    *,
    seed: int,
    simulations: int | None = None,
    measure: str = "",
    group: str = "",
    progress: Progress | None = None,
) -> tuple[Row, ...]:
    """Compare cities; measured is only what may be compared.

    Parameters
    ----------
    paths : sequence of Path
        Two or more, each as `measured` takes it.
    measure, group : str
        Only these: the name of a measure; a part of the name of a group.

    Raises
    ------
    CallError
        For a wrong number of cities, two of one name, or a measure or group that the first has not.
    DataError
        When a city cannot be read or a file holds no findings.
    """
    if not 2 <= len(paths) <= MOST:
        raise CallError(f"a comparison takes 2 to {MOST} cities, not {len(paths)}")
    from .planned import planned

    read = [_read(path, progress) for path in paths]
    before = [r if isinstance(r, Measured) else Measured(r.name, planned(r), known=False) for r in read]
    rows = side_by_side(before, measure=measure, group=group)
    if not rows:
        raise CallError(_nothing_named(before[0].parts, measure, group))
    going = [r for r in rows if r.compared]
    if not going or all(b.known for b in before):
        return rows
    values: list[dict[tuple[object, ...], Part]] = []
    for n, one in enumerate(read):
        wanted = [r.comparison.parts[n] for r in going]
        if isinstance(one, City):
            wanted = list(_answered(one, before[n].parts, wanted, seed, simulations, progress))
        values.append({_whole(p): p for p in wanted})
    return tuple(_with_values(r, values) if r.compared else r for r in rows)


def _answered(
    city: City,
    every: Sequence[Part],
    wanted: Sequence[Part],
    seed: int,
    simulations: int | None,
    progress: Progress | None,
) -> tuple[Part, ...]:
    """Measure what is wanted of a city."""
    from .diagnose import diagnose
    from .planned import asked_for, filled

    def say(text: str) -> None:
        if progress:
            progress(f"{city.name}: {text}")

    only = asked_for(wanted)
    names = {identity(p) for p in wanted}
    made = diagnose(city, seed=seed, simulations=simulations, progress=say, only=only)
    return filled([p for p in every if identity(p) in names], made.findings)


def _whole(part: Part) -> tuple[object, ...]:
    return (*identity(part), part.universe, part.categories)


def _with_values(row: Row, values: Sequence[dict[tuple[object, ...], Part]]) -> Row:
    parts = [known[_whole(p)] for p, known in zip(row.comparison.parts, values, strict=True)]
    return Row(row.title, _sure_of_groups(compare(parts, "cities")))


def _nothing_named(parts: Sequence[Part], measure: str, group: str) -> str:
    from isopolis.model import near

    measures = dict.fromkeys(p.measure for p in parts)
    if not measures:
        return "the first city has no finding to compare: `isopolis diagnose` says why"
    if measure and measure not in measures:
        return f'no finding has the measure "{measure}": {near(measure, measures)}'
    groups = dict.fromkeys(p.group for p in parts if p.group and measure in ("", p.measure))
    return f'no finding has a group with "{group}" in its name: {near(group, groups)}'


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
    known = all(c.known for c in cities)
    alike: dict[tuple[str, ...], list[Part]] = {}
    for part in cities[0].parts:
        if _wanted(part, measure, group):
            # told apart by nothing but its date, or by the tables it is in
            alike.setdefault((*_key(part), part.versus, part.scale), []).append(part)
    return tuple(_likeliest(parts, cities, known) for parts in alike.values())


def _likeliest(parts: Sequence[Part], cities: Sequence[Measured], known: bool) -> Row:
    """Take the newest date of the first city that can be compared, or else its newest."""
    rows = [_row(p, cities, known) for p in sorted(parts, key=lambda p: p.date, reverse=True)]
    return next((r for r in rows if r.compared), rows[0])


def _wanted(part: Part, measure: str, group: str) -> bool:
    named = (part.group.casefold(), part.about.casefold() if part.group else "")
    return (not measure or part.measure == measure) and (
        not group or any(group.casefold() in name for name in named)
    )


def _key(part: Part) -> tuple[str, str, str]:
    return part.measure, part.dimension.casefold(), part.group.casefold()


def _row(first: Part, cities: Sequence[Measured], known: bool) -> Row:
    found, missing = [first], []
    for city in cities[1:]:
        same = [p for p in city.parts if _key(p) == _key(first)]
        if same:
            found.append(max(same, key=lambda p: _likeness(first, p)))
        else:
            missing.append(city.city)
    title = _title(first)
    if missing:
        return Row(title, Comparison(tuple(found), ()), tuple(missing))
    made = compare(found, "cities") if known else Comparison(tuple(found), unlike(found, "cities"))
    return Row(title, _sure_of_groups(made))


def _title(part: Part) -> str:
    measure, group = title_of(part.measure), part.about or part.group or part.dimension
    if part.scale[:1].isdigit():  # a distance: the same measure stands there for others too
        group = joint((group, part.scale), ", ")
    # a group's exposure to each of the others would else be told apart by nothing
    if part.versus not in ("", "rest", part.group):
        other = part.against or part.versus
        return phrase("{measure}: {group}, {other}", measure=measure, group=group, other=other)
    return phrase("{measure}: {group}", measure=measure, group=group)


def _likeness(first: Part, other: Part) -> tuple[bool, bool, bool, int, str]:
    own = first.versus == first.group, other.versus == other.group
    versus = first.versus == other.versus or own == (True, True)
    return (
        versus,
        first.scale == other.scale,
        first.universe == other.universe,
        -_apart(first.date, other.date),
        other.date,
    )


def _apart(date: str, other: str) -> int:
    """Years between two dates, or between the further ends of two spans; many where one is not stated."""
    ends = [[int(y) for y in re.findall(r"(?<!\d)\d{4}(?!\d)", d)] for d in (date, other)]
    return max((abs(a - b) for a, b in zip(*ends, strict=False)), default=9999)


def _sure_of_groups(made: Comparison) -> Comparison:
    """Refuse measures of all groups together where a file of findings does not say which groups."""
    if any(not p.group and not p.categories for p in made.parts):
        said = phrase("it is not stated into which groups people were divided; give the city's folder")
        return Comparison(made.parts, (*made.refused, said))
    return made
