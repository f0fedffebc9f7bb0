"""What changed between the dates of a city, in parts: other people, other zones, or another spread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from isopolis import __version__
from isopolis.measure import MeasureSpec
from isopolis.measure.change import METHODS, Decomposed, Path, along, carry
from isopolis.measure.change.parts import Method
from isopolis.measure.change.stable import said
from isopolis.measure.estimate import Question, undefined
from isopolis.model import CallError, City, Counts, DataError, Group, Mechanism, Problem, Undefined, near
from isopolis.model.text import joint, listing, phrase, phrases

from .change_words import sentences, signed
from .crosswalks import read_crosswalk
from .dates import date_of
from .measure_one import registered
from .words import Names

__all__ = ["Changed", "change", "sentences", "signed"]

Floats = npt.NDArray[np.float64]

UNTESTED = phrase(
    "Parts say what a change is made of, not whether it is more than chance: a test between the two dates "
    "says that."
)


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A change with its parts, and how it was found.

    Parameters
    ----------
    city, dimension, group : str
        Names; `group` is empty for all groups at once.
    about : str
        Whom it is about, for readers.
    spec : MeasureSpec
    method : str
    dates : tuple of str
    path : Path
        The parts; see `isopolis.measure.change`.
    zone_ids, zone_names : (Z,) arrays
    groups : tuple of str
        Labels of the columns.
    people : tuple of int
        People counted at each date.
    caveats, notes : tuple of str
    crosswalk : str
        How older counts were brought to newer zones; empty when they were not.
    """

    city: str
    dimension: str
    group: str
    about: str
    spec: MeasureSpec
    method: str
    dates: tuple[str, ...]
    path: Path
    zone_ids: npt.NDArray[np.object_]
    zone_names: npt.NDArray[np.object_]
    groups: tuple[str, ...]
    people: tuple[int, ...]
    caveats: tuple[str, ...]
    notes: tuple[str, ...] = ()
    crosswalk: str = ""

    @property
    def refusal(self) -> Undefined | None:
        """Why the parts must not be told; None when they may."""
        return self.path.refusal

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        steps = zip(self.dates[:-1], self.dates[1:], self.path.steps, strict=True)
        refusal = self.refusal
        return {
            "city": self.city,
            "measure": self.spec.name,
            "unit": self.spec.unit,
            "dimension": self.dimension,
            "group": self.group,
            "method": self.method,
            "method_is": METHODS[self.method],
            "dates": list(self.dates),
            "people": list(self.people),
            "refused": None if refusal is None else {"code": refusal.code, "reason": str(refusal.reason)},
            "direct": _plain(self.path.direct),
            "steps": [{"from": a, "to": b} | _plain(d) for a, b, d in steps],
            "summed": self.path.summed(),
            "by_zone": self._local(self.path.direct.by_zone, self.zone_ids),
            "by_group": self._local(self.path.direct.by_group, self.groups),
            "crosswalk": self.crosswalk,
            "caveats": [str(c) for c in self.caveats],
            "notes": [str(n) for n in self.notes],
            "software": f"isopolis {__version__}",
        }

    @staticmethod
    def _local(local: Any, names: Iterable[Any]) -> list[dict[str, Any]]:
        if local is None:
            return []
        rows = zip(names, local.structure, local.margins, local.shared, strict=True)
        return [{"id": str(n), "structure": float(s), "margins": float(m)} for n, s, m, on in rows if on]


def _plain(found: Decomposed) -> dict[str, Any]:
    other = found.other
    return {
        "before": found.parts.before,
        "after": found.parts.after,
        "change": found.parts.change,
        "parts": [
            {
                "name": p.name,
                "value": p.value,
                "low": p.low,
                "high": p.high,
                "zeros_as_sampling": None if other is None else other.of(p.name),
            }
            for p in found.parts.parts
        ],
        "residual": max(found.parts.residual, other.residual if other else 0.0),
        "zeros_filled": None if other is None else other.of("zeros"),
        "zones": int(found.zones.sum()),
        "groups": int(found.groups.sum()),
    }


def change(
    city: City,
    of: str,
    *,
    measure: str = "mutual_information",
    dates: Sequence[str] = (),
    method: str = "shapley",
    later: City | None = None,
    crosswalk: str = "",
    progress: Callable[[str], None] | None = None,
) -> Changed:
    """Say how much of a change comes from whom the city has, where people live, and how they are spread.

    Parameters
    ----------
    city : City
    of : str
        A dimension for all its groups at once (``origin``), or one group against the rest
        (``origin=foreigners``).
    measure : str
        A registered measure of groups that does not depend on how many people there are.
    dates : sequence of str
        Two or more dates of the city; the oldest and the newest when not given.
    method : str
        One of ``shapley``, ``shapley_equal``, ``km``, ``mrc``.
    later : City, optional
        The same city with other zones: its newest date is compared with the last of `dates`.
    crosswalk : str
        With `later`: ``area``, or the path of a table (see `isopolis.flows.crosswalks`). Without it, zones
        of the same id are taken as the same.
    progress : callable, optional

    Returns
    -------
    Changed
        Its `refusal` says why the parts cannot be told, where they cannot.

    Raises
    ------
    CallError
        If a name is unknown, or there are fewer than two dates.
    DataError
        If cells are suppressed, a crosswalk does not fit, or the measure is not defined at a date.
    """
    say = progress or (lambda _: None)
    spec = _fitting(measure, method)
    wanted = Group.parse(of) if "=" in of else None
    names = tuple(wanted.dimensions) if wanted else tuple(p.strip() for p in of.split(" × "))
    tables = _tables(city, names, dates, later)
    _refuse_hidden(tables)
    zones = (later or city).zones
    say(f"{' and '.join(names)}: {', '.join(c.date for c in tables)}")
    labels, arrays, ids, notes = _aligned(city, tables, zones, later, crosswalk)
    columns = labels
    if wanted is not None:
        columns, arrays = _against_rest(tables, wanted, labels, arrays)
    _refuse_undefined(spec, tables, arrays)
    path = along(
        arrays,
        lambda x: float(spec.kernel(x)),
        method=cast(Method, method),
        local=spec.name == "mutual_information",
    )
    known = Names.of(city)
    name_of = dict(
        zip(map(str, zones.ids), zones.names if zones.names is not None else zones.ids, strict=True)
    )
    return Changed(
        city=city.name,
        dimension=" × ".join(names),
        group=of if wanted else "",
        about=known.group(of) if wanted else known.dimension(" × ".join(names)),
        spec=spec,
        method=method,
        dates=tuple(c.date for c in tables),
        path=path,
        zone_ids=ids,
        zone_names=np.array([name_of.get(str(z), z) for z in ids], dtype=object),
        groups=columns,
        people=tuple(round(float(x.sum())) for x in arrays),
        caveats=(*_lone_groups(known, columns, arrays, path), *_caveats(tables, path), *notes),
        notes=tuple(city.notes),
        crosswalk=crosswalk and ("area" if crosswalk.strip().lower() == "area" else "table"),
    )


def _fitting(measure: str, method: str) -> MeasureSpec:
    spec = registered(measure)
    if spec.kind != "groups":
        raise CallError(f"{measure} is not a measure of groups over zones, so its change has no such parts")
    if "scale" not in spec.laws:
        raise CallError(
            f"{measure} depends on how many people there are: its change cannot be split like this"
        )
    if method not in METHODS:
        raise CallError(f'there is no method "{method}"; there are {", ".join(METHODS)}')
    if method == "mrc" and measure != "mutual_information":
        raise CallError("mrc splits mutual_information only: choose shapley, shapley_equal or km")
    return spec


def _tables(city: City, names: tuple[str, ...], dates: Sequence[str], later: City | None) -> list[Counts]:
    own = sorted({c.date for c in city.counts if c.has(names)})
    if not own:
        known = sorted({d.name for c in city.counts for d in c.dimensions})
        told = " × ".join(names)
        raise CallError(f'{city.name} has no table of "{told}": {near(told, known)}')
    dates = [date_of(d, own, f"{' × '.join(names)} of {city.name}") for d in dates]
    if later is not None:
        chosen = sorted(set(dates)) or own[-1:]
        tables = [city.table(*names, date=d) for d in chosen] + [later.table(*names)]
        if tables[-1].date and tables[-1].date <= tables[-2].date:
            raise CallError(
                f"the newer city is of {tables[-1].date} and the older of {tables[-2].date}: name the older "
                f"one first, and the newer after --later"
            )
    else:
        chosen = sorted(set(dates)) or list(dict.fromkeys((*own[:1], *own[-1:])))
        tables = [city.table(*names, date=d) for d in chosen]
    if len(tables) < 2:
        told = " × ".join(names)
        if dates:
            raise CallError(f"a change needs two dates, and one was named; {told} has {', '.join(own)}")
        have = ", ".join(d for d in own if d) or "one table without a date"
        raise CallError(f"a change needs two dates; of {told} {city.name} has {have}")
    universes = {c.universe for c in tables}
    if len(universes) > 1:
        raise CallError(f"the dates count different people: {', '.join(sorted(universes))}")
    return tables


def _refuse_hidden(tables: Sequence[Counts]) -> None:
    problems = [
        Problem(
            "suppressed",
            phrases(
                "{n} suppressed cell at {date}: a change cannot be split over counts that are not known",
                "{n} suppressed cells at {date}: a change cannot be split over counts that are not known",
                int(c.hidden.sum()),
                date=c.date,
            ),
            hint=phrase("Choose larger zones or fewer groups, for which nothing is suppressed."),
        )
        for c in tables
        if c.hidden.any()
    ]
    if problems:
        raise DataError(problems)


def _refuse_undefined(spec: MeasureSpec, tables: Sequence[Counts], arrays: Sequence[Floats]) -> None:
    """A value that is not defined is no 0: from nobody to somebody is no rise of separation."""
    asked = Question(spec, lambda x: x, "change")
    found = [(c.date, why) for c, x in zip(tables, arrays, strict=True) if (why := undefined(asked, x))]
    if found:
        raise DataError([Problem(why.code, why.reason, file=date or None) for date, why in found])


def _labels(counts: Counts) -> list[str]:
    return [str(g) for g in counts.groups()]


def _aligned(
    city: City, tables: Sequence[Counts], zones: Any, later: City | None, crosswalk: str
) -> tuple[tuple[str, ...], list[Floats], npt.NDArray[np.object_], tuple[str, ...]]:
    """Bring all tables to the same zones and groups; what is missing at a date has nobody there."""
    labels = tuple(dict.fromkeys(g for c in tables for g in _labels(c)))
    place = {g: i for i, g in enumerate(labels)}
    wide = []
    for counts in tables:
        x = np.zeros((len(counts.zone_ids), len(labels)))
        x[:, [place[g] for g in _labels(counts)]] = np.where(counts.covered[:, None], counts.flat(), 0.0)
        wide.append(x)
    if later is None:
        return labels, wide, tables[0].zone_ids, ()
    if crosswalk:
        people = np.maximum.reduce([x.sum(axis=1) for x in wide[:-1]])
        walk = read_crosswalk(crosswalk, city.zones, later.zones, people)
        return labels, [*(carry(x, walk) for x in wide[:-1]), wide[-1]], later.zones.ids, _carried(walk)
    ids = list(dict.fromkeys([*map(str, city.zones.ids), *map(str, later.zones.ids)]))
    where = {z: i for i, z in enumerate(ids)}
    out = []
    for x, own in zip(wide, [city.zones] * (len(wide) - 1) + [later.zones], strict=True):
        moved = np.zeros((len(ids), len(labels)))
        moved[[where[str(z)] for z in own.ids]] = x
        out.append(moved)
    return labels, out, np.array(ids, dtype=object), ()


def _carried(walk: Any) -> tuple[str, ...]:
    n = int(walk.split.sum())
    if not n:
        return ()
    how = (
        phrase("by area, as if people lived evenly over it")
        if walk.by == "area"
        else phrase("by who lives where, all groups alike")
    )
    return (
        phrases(
            "{n} older zone was shared out over newer ones {how}: this alone makes the older date look "
            "more even than it was.",
            "{n} older zones were shared out over newer ones {how}: this alone makes the older date look "
            "more even than it was.",
            n,
            how=how,
        ),
    )


def _against_rest(
    tables: Sequence[Counts], wanted: Group, labels: tuple[str, ...], arrays: list[Floats]
) -> tuple[tuple[str, ...], list[Floats]]:
    for name, category in wanted:
        tables[-1].dimension(name).index(category)
    inside = {str(g) for c in tables for g in c.groups() if g.within(wanted)}
    own = np.array([label in inside for label in labels])
    return (str(wanted), "rest"), [
        np.column_stack([x[:, own].sum(axis=1), x[:, ~own].sum(axis=1)]) for x in arrays
    ]


def _as_published(tables: Sequence[Counts]) -> list[str]:
    """Parts are made of the counts as they stand; what protection did to them stays in the parts."""
    codes = {int(code) for counts in tables for code in np.unique(counts.mechanism)}
    kinds = {
        Mechanism.ROUNDED: phrase("Small counts were rounded at the source."),
        Mechanism.CELL_KEY: phrase("Noise was added to the counts to protect people."),
        Mechanism.DP: phrase("Noise was added to the counts to protect people."),
        Mechanism.SAMPLE: phrase("The counts come from a sample."),
        Mechanism.MODELLED: phrase("The counts are estimates, not whole persons."),
    }
    stays = phrase(
        "The parts are those of the counts as published: what this does to them is not taken out, so small "
        "parts may come from it alone."
    )
    said_of = dict.fromkeys(text for code, text in kinds.items() if code in codes)
    return [joint((text, stays), " ") for text in said_of]


def _gaps(tables: Sequence[Counts]) -> list[str]:
    """Zones where nothing was collected, when all tables have the same zones."""
    if len({len(c.zone_ids) for c in tables}) > 1:
        return []
    covered = np.stack([c.covered for c in tables])
    never, sometimes = (
        int((~covered).all(axis=0).sum()),
        int((covered.any(axis=0) & ~covered.all(axis=0)).sum()),
    )
    out = []
    if never:
        out.append(
            phrases(
                "{n} zone left out: nothing was collected there at any date.",
                "{n} zones left out: nothing was collected there at any date.",
                never,
            )
        )
    if sometimes:
        out.append(
            phrases(
                "{n} zone with nothing collected at one of the dates: it counts as empty there.",
                "{n} zones with nothing collected at one of the dates: they count as empty there.",
                sometimes,
            )
        )
    return out


def _lone_groups(
    known: Names, groups: tuple[str, ...], arrays: Sequence[Floats], path: Path
) -> tuple[str, ...]:
    """Name the groups that are at one date only: often it is the same group under another name."""
    somebody = (arrays[0].sum(axis=0) > 0) | (arrays[-1].sum(axis=0) > 0)
    lone = np.flatnonzero(~path.direct.groups & somebody)
    if not len(lone):
        return ()
    return (
        phrase(
            "Not counted at both dates, so what these groups do stands apart: {groups}. If one of them only "
            "changed its name, name it alike at both dates.",
            groups=listing([known.group(groups[i]) for i in lone]),
        ),
    )


def _caveats(tables: Sequence[Counts], path: Path) -> tuple[str, ...]:
    out = [*_as_published(tables), *_gaps(tables)]
    direct = path.direct
    ends = [p for p in direct.parts.parts if p.name in ("removed", "added") and p.value != 0]
    left = int((~direct.zones).sum())
    same = len({len(c.zone_ids) for c in tables}) == 1
    # zones where nothing was collected have their caveat already
    if ends and left > (int((~np.stack([c.covered for c in tables])).any(axis=0).sum()) if same else 0):
        out.append(
            phrases(
                "{n} zone has people or counts at one of the dates only; what it does to the value stands "
                "apart.",
                "{n} zones have people or counts at one of the dates only; what they do to the value stands "
                "apart.",
                left,
            )
        )
    turning = [p.name for p in direct.parts.parts if p.low < -1e-9 and p.high > 1e-9]
    out += [
        phrase(
            "Whether {part} raises or lowers the value depends on what is changed first; the mean is given.",
            part=said(name),
        )
        for name in turning
    ]
    return (*out, UNTESTED)
