"""Did a city change between two dates? Dates are shuffled within each group, on the same zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from isopolis.measure import MEASURES
from isopolis.measure.inference import benjamini_yekutieli, dates_shuffled
from isopolis.measure.inference.difference import SIDES
from isopolis.model import CallError, City, Counts, Mechanism, near
from isopolis.model.text import Number, joint, phrase
from isopolis.model.vocabulary import standard

from .compare import title_of
from .dates import date_of
from .differences import Tested
from .observe import Table, table_of
from .universes import told_apart
from .words import Names

__all__ = ["SHUFFLES", "between_dates"]

Floats = npt.NDArray[np.float64]
SHUFFLES = 999
ALL, ONE = "information_theory", "dissimilarity"


def between_dates(
    city: City,
    dates: Sequence[str] = (),
    *,
    side: str = "two-sided",
    seed: int = 0,
    count: int = SHUFFLES,
    measure: str = "",
    group: str = "",
    progress: Callable[[str], None] | None = None,
) -> tuple[Tested, ...]:
    """Test H of all groups and D of each group from the rest between two dates; newer less older.

    Of two groups D is one number, so it is tested once.

    Parameters
    ----------
    dates : sequence of str
        Two dates, or years that fit one date each; the oldest and the newest of each table when empty.
    side : str
        ``greater`` asks whether the newer value is larger.
    measure, group : str
        Only these: the name of a measure; a part of the name of a group.
    progress : callable, optional
        Called with a sentence before each test.

    Raises
    ------
    CallError
        For another side, dates that are not two, a city without any table at both, or a measure or a
        group that is not tested.
    """
    if side not in SIDES:
        raise CallError(f"--test {side}: allowed are {', '.join(SIDES)}")
    if dates and len(set(dates)) != 2:
        raise CallError("a test between dates takes two different dates: --dates 2010,2020")
    if measure and measure not in (ALL, ONE):
        raise CallError(f'between dates only {ALL} and {ONE} are tested, not "{measure}"')
    pairs = list(_pairs(told_apart(city), dates))
    if not pairs:
        have = ", ".join(sorted({c.date for c in city.counts})) or "none"
        both = f"both {' and '.join(dates)}" if dates else "two dates"
        raise CallError(
            f"no table of {city.name} is there at {both} with the same groups; dates of its tables: {have}"
        )
    names = Names.of(city)
    asked = [(old, new, a) for old, new in pairs for a in _asked(old, names, measure, group.casefold())]
    if not asked:
        raise CallError(_no_group(pairs, names, measure, group))
    found: list[Tested] = []
    for n, (old, new, a) in enumerate(asked, start=1):
        if progress:
            progress(f"{a.measure} {a.about}, {old.date} to {new.date} ({n} of {len(asked)})")
        found += _tests(old, new, a, side, seed, count)
    raised = iter(benjamini_yekutieli([t.difference.p for t in found if t.difference is not None]).tolist())
    return tuple(t if t.difference is None else replace(t, adjusted=float(next(raised))) for t in found)


def _pairs(city: City, dates: Sequence[str]) -> Iterator[tuple[Counts, Counts]]:
    """Yield each dimension at both dates, counted among the same people in the same categories."""
    kept: dict[tuple[str, tuple[str, ...], str], dict[str, Counts]] = {}
    for counts in city.counts:
        for dimension in counts.dimensions:
            at = kept.setdefault((dimension.name, dimension.categories, counts.universe), {})
            if counts.date not in at or counts.values.size < at[counts.date].values.size:
                at[counts.date] = counts
    for date in dates:
        known = {d for at in kept.values() for d in at}
        if not any(d == date or d.startswith(f"{date}-") for d in known):
            date_of(date, known, city.name)
    for (name, *_), at in kept.items():
        wanted = [_meant(d, at, name) for d in dates] if dates else [min(at), max(at)]
        old, new = min(wanted), max(wanted)
        if old and old != new:
            yield at[old].margin(name), at[new].margin(name)


def _meant(date: str, at: dict[str, Counts], name: str) -> str:
    """Return the date of a table that is meant; empty where the table has none that fits."""
    fits = any(d == date or d.startswith(f"{date}-") for d in at)
    return date_of(date, at, name) if fits else ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One test: a measure of all groups, or of the group in column `group` against the rest."""

    measure: str
    group: int
    about: str


def _asked(old: Counts, names: Names, measure: str, group: str) -> list[_Asked]:
    dimension = old.dimensions[0]
    title = names.dimension(dimension.name)
    rows = [(_Asked(ALL, -1, title), f"{dimension.name} {title}")]
    for g, category in enumerate(dimension.categories):
        own = f"{dimension.name}={category}"
        rows.append((_Asked(ONE, g, names.group(own)), f"{own} {dimension.label_of(category)}"))
    if len(dimension.categories) == 2:
        ends = dict(zip(("first", "second"), dimension.categories, strict=True))
        told = {k: standard(dimension.label_of(c)) for k, c in ends.items()}
        pair = phrase("“{first}” against “{second}” ({dimension})", **told, dimension=title)
        rows = [rows[0], (_Asked(ONE, 0, pair), f"{rows[1][1]} {rows[2][1]}")]
    return [a for a, text in rows if measure in ("", a.measure) and group in text.casefold()]


def _no_group(pairs: Sequence[tuple[Counts, Counts]], names: Names, measure: str, group: str) -> str:
    dimensions = [old.dimensions[0] for old, _ in pairs]
    known = [d.name for d in dimensions] if measure == ALL else [c for d in dimensions for c in d.categories]
    of = ", ".join(d.name for d in dimensions)
    return f'no group of {of} has "{group}" in its name: {near(group, known)}'


def _tests(old: Counts, new: Counts, asked: _Asked, side: str, seed: int, count: int) -> Iterator[Tested]:
    g, kernel = asked.group, _number(MEASURES[asked.measure].kernel)
    title = phrase(
        "{measure}: {group}, {first} to {last}",
        measure=title_of(asked.measure),
        group=asked.about,
        first=old.date,
        last=new.date,
    )
    why, before, after = _together(old, new)
    tables = [t if g < 0 else np.stack([t[:, g], t.sum(axis=1) - t[:, g]], axis=1) for t in (before, after)]
    if any((t.sum(axis=0) == 0).sum() > t.shape[1] - 2 for t in tables):
        none = phrase("fewer than two groups were counted at one of the dates")
        yield Tested(title, None, why_none=why or none)
        return
    values = kernel(tables[0]), kernel(tables[1])
    if why:
        # a hidden count is only known to lie between two numbers, so there is no value as published
        known = np.isfinite(values).all() and not (old.hidden.any() or new.hidden.any())
        yield Tested(title, None, why_none=why, values=values if known else None)
        return
    found = dates_shuffled(tables[0], tables[1], kernel, seed=seed, count=count, side=side)
    yield Tested(title, found, values=values)


def _number(kernel: Callable[[Floats], object]) -> Callable[[Floats], float]:
    return lambda x: float(np.asarray(kernel(x)))


def _together(old: Counts, new: Counts) -> tuple[str, Floats, Floats]:
    """Both tables over the zones that were counted at both dates, and why they cannot be tested.

    Where they cannot be, each table has the zones of its own date, so that its value can still be said.
    """
    first, last = table_of(old), table_of(new)
    if why := joint(list(dict.fromkeys(w for t in (first, last) for w in _inexact(t))), "; "):
        return why, first.seen.x, last.seen.x
    ids = [np.asarray(t.counts.zone_ids)[t.kept].astype(str) for t in (first, last)]
    if sorted(ids[0]) != sorted(ids[1]):
        return phrase("the zones counted at the two dates are not the same"), first.seen.x, last.seen.x
    order = [np.argsort(i, kind="stable") for i in ids]
    return "", first.seen.x[order[0]], last.seen.x[order[1]]


def _inexact(table: Table) -> list[str]:
    """Say what keeps counts from being whole persons, all counted; empty where nothing does."""
    cells = np.asarray(table.counts.mechanism)[table.kept]
    base = table.counts.parameter or 0.0
    rounded = phrase("the counts were rounded to multiples of {base}", base=Number(f"{base:g}"))
    reasons = {
        Mechanism.SAMPLE: phrase("the counts come from a sample"),
        Mechanism.ROUNDED: rounded if base else phrase("the counts were rounded"),
        Mechanism.CELL_KEY: phrase("noise was added to the counts"),
        Mechanism.DP: phrase("noise was added to the counts"),
        Mechanism.MODELLED: phrase("the counts are estimates"),
        Mechanism.INTERVAL: phrase("some counts are hidden"),
        Mechanism.NOT_COLLECTED: phrase("some counts were not collected"),
    }
    out = [text for code, text in reasons.items() if (cells == code).any()]
    if not out and (table.seen.se is not None or table.counts.weighted):
        out = [reasons[Mechanism.MODELLED]]
    return out
