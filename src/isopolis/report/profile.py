"""A profile over scales: charts with their tables, as a section and as a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from isopolis.flows.profile import Profiled
from isopolis.flows.profile_words import corrected, scale_said, sentences, shown
from isopolis.measure.scale import Point
from isopolis.model import Undefined
from isopolis.model.text import Number, capital, count, joint, phrase
from isopolis.model.vocabulary import standard

from .blocks import Block, Bullets, Facts, Figure, Report, Section, Table, Text
from .style import ACCENT, CHANCE, GRID, WIDTH
from .svg import draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

__all__ = ["compose_profile", "profile_section", "tables"]

Say = Callable[[str], str]

SEEN = 0.00005
"""Half of the last digit that tables show."""

PARTS = (
    ("distance", ("zone", "distance", "kernel"), phrase("By distance in a straight line")),
    ("people", ("people",), phrase("By the number of nearest people")),
    ("network", ("network",), phrase("By the way")),
    ("reached", ("network people",), phrase("By the number of people reached first")),
)


def tables(found: Profiled, say: Say = str) -> list[Table]:
    """Return the values of every kind of scale, and the barrier."""
    parts = [(title, found.profile.of(*kinds)) for _, kinds, title in PARTS]
    out = [_table(found, title, points, say) for title, points in parts if points]
    if found.profile.barrier:
        title = phrase("The way less the straight line")
        out.append(_table(found, title, found.profile.barrier, say, change=True))
    return out


def _table(found: Profiled, title: str, points: Sequence[Point], say: Say, *, change: bool = False) -> Table:
    first = phrase("Difference") if change else phrase("Measured")
    head = [phrase("Surroundings"), first, phrase("By chance"), phrase("Chance, 95 of 100")]
    head += [] if change else [phrase("Excess over chance")]
    fixed = any(abs(p.found.shift or 0) >= SEEN for p in points if corrected(p) is not None)
    head += [phrase("Corrected")] if fixed else []
    head.append(phrase("Interval"))
    rows = []
    for p in points:
        e = p.found
        cells = [
            capital(scale_said(p.near)),
            shown(found.spec, e.value),
            shown(found.spec, e.expected),
            _ends(found, p.chance),
        ]
        if not change:
            known = e.excess is not None and e.maximum is not None and e.maximum < float("inf")
            cells.append(shown(found.spec, e.excess if known else None))
        cells += [shown(found.spec, corrected(p))] if fixed else []
        cells.append(_narrow(found, e.interval))
        rows.append(tuple(say(c) for c in cells))
    reasons = {p.found.value.reason for p in points if isinstance(p.found.value, Undefined)}
    notes = [next(iter(reasons))] if reasons else []
    notes += _notes(points, fixed=fixed, change=change)
    return Table(
        say(title), tuple(say(h) for h in head), tuple(rows), note=say(joint(notes)) if notes else ""
    )


def _notes(points: Sequence[Point], *, fixed: bool, change: bool) -> list[str]:
    out = []
    if not change and any(p.found.excess is not None for p in points):
        out.append(
            phrase(
                "Excess over chance: measured less by chance, as a part of the most possible less by chance."
            )
        )
    if fixed:
        out.append(
            phrase(
                "Corrected: measured, less what the error of the counts adds; the interval lies around it."
            )
        )
    if any(_same(p.found.interval) for p in points):
        out.append(
            phrase(
                "Where an interval is that narrow, it is about errors of the counts such as rounding only."
            )
        )
    return out


def _same(ends: tuple[float, float] | None) -> bool:
    return ends is not None and f"{ends[0]:.4f}" == f"{ends[1]:.4f}"


def _narrow(found: Profiled, ends: tuple[float, float] | None) -> str:
    if _same(ends):
        return phrase("narrower than {width}", width=Number(f"{2 * SEEN:.4f}"))
    return _ends(found, ends)


def _ends(found: Profiled, ends: tuple[float, float] | None) -> str:
    if ends is None:
        return "–"
    low, high = (shown(found.spec, e) for e in ends)
    return phrase("{low} to {high}", low=low, high=high)


def profile_section(found: Profiled, key: str = "profile", say: Say = str) -> Section:
    """Return a profile as a section: in words, a chart with its table for each kind of scale, caveats."""
    blocks: list[Block] = [Bullets(tuple(say(t) for t in sentences(found)))]
    for name, kinds, title in PARTS:
        points = found.profile.of(*kinds)
        if points:
            blocks.append(_figure(found, f"{key}-{name}", title, points, say))
    if found.profile.barrier:
        title = phrase("The way less the straight line")
        blocks.append(_figure(found, f"{key}-barrier", title, found.profile.barrier, say, change=True))
    if found.caveats:
        blocks.append(Bullets(tuple(say(c) for c in found.caveats)))
    return Section(key, say(phrase("{about}: near and far", about=capital(found.about))), tuple(blocks))


def _figure(
    found: Profiled, key: str, title: str, points: Sequence[Point], say: Say, *, change: bool = False
) -> Block:
    table = _table(found, title, points, say, change=change)
    known = [p for p in points if not isinstance(p.found.value, Undefined)]
    if len(known) < 2:
        return table
    summary = say(
        phrase(
            "{first} for {near}, {last} for {far}. The hollow diamonds are what chance alone would give.",
            first=shown(found.spec, known[0].found.value), near=scale_said(known[0].near),
            last=shown(found.spec, known[-1].found.value), far=scale_said(known[-1].near),
        )
    )  # fmt: skip
    if all(p.found.expected is None for p in known):
        summary = say(
            phrase(
                "{first} for {near}, {last} for {far}.",
                first=shown(found.spec, known[0].found.value), near=scale_said(known[0].near),
                last=shown(found.spec, known[-1].found.value), far=scale_said(known[-1].near),
            )
        )  # fmt: skip
    return Figure(key, say(title), summary, draw(lambda: _drawn(known, say), key), table)


def _drawn(points: Sequence[Point], say: Say) -> Drawing:
    from .charts import TOP, _axes, _caption, _handle, _key, _written
    from .charts import _figure as canvas

    figure = canvas(WIDTH, 330)
    axes = _axes(figure, 76, 34, TOP + 12, 56)
    axes.grid(color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    at = list(range(len(points)))
    values = [float(p.found.value) for p in points]  # type: ignore[arg-type]
    handles = [_handle(say(phrase("measured")), marker="o", colour=ACCENT, line="-")]
    ends = [*values, 0.0, 1e-9]
    chance = [
        (i, p.found.expected, p.chance)
        for i, p in enumerate(points)
        if p.chance is not None and p.found.expected is not None
    ]
    if chance:
        low, high = ([c[2][k] for c in chance if c[2]] for k in (0, 1))
        places = [c[0] for c in chance]
        axes.fill_between(places, low, high, color=CHANCE, alpha=0.18, linewidth=0)
        axes.plot(
            places, [c[1] for c in chance], color=CHANCE, linewidth=2, linestyle="--", marker="D",
            markerfacecolor="white", markeredgewidth=2, markersize=6,
        )  # fmt: skip
        ends += [*low, *high]
        handles.append(
            _handle(say(phrase("expected by chance")), marker="D", colour=CHANCE, hollow=True, line="--")
        )
    for i, p in enumerate(points):
        if p.found.interval is not None:
            axes.plot([i, i], p.found.interval, color=ACCENT, linewidth=6, alpha=0.35, solid_capstyle="butt")
            ends += p.found.interval
    middles = [(i, m) for i, p in enumerate(points) if (m := corrected(p)) is not None]
    if any(abs(m - values[i]) >= SEEN for i, m in middles):
        axes.plot(
            *zip(*middles, strict=True), color=ACCENT, linewidth=0, marker="s", markersize=6,
            markerfacecolor="white", markeredgewidth=2,
        )  # fmt: skip
        handles.append(_handle(say(phrase("corrected")), marker="s", colour=ACCENT, hollow=True))
    axes.plot(at, values, color=ACCENT, linewidth=2.5, marker="o", markersize=8, markeredgecolor="white")
    room = 0.12 * (max(ends) - min(ends))
    axes.set_ylim(min(ends) - (room if min(ends) < 0 else 0), max(ends) + room)
    axes.set_xlim(-0.3, len(points) - 0.7)
    axes.set_xticks(at, [say(_tick(p)) for p in points])
    axes.yaxis.set_major_formatter(_written(False))
    _caption(axes, say(_axis(points[-1])))
    _key(figure, handles, 76)
    return figure


def _tick(point: Point) -> str:
    near = point.near
    if near.kind == "zone":
        return phrase("zone")
    if near.unit == "m":
        if near.scale >= 1000:
            return phrase("{length} km", length=Number(f"{near.scale / 1000:g}"))
        return phrase("{length} m", length=count(near.scale))
    if near.unit == "min":
        return phrase("{n} min", n=count(near.scale))
    return count(near.scale)


def _axis(point: Point) -> str:
    if point.near.unit == "people":
        return phrase("people who count as the surroundings")
    if point.near.kind == "network":
        return phrase("way from each zone that counts as its surroundings")
    return phrase("distance around each zone that counts as its surroundings")


def compose_profile(found: Profiled, *, language: str = "en", say: Say = str) -> Report:
    """Return a profile as a report of its own."""
    facts: list[tuple[str, str]] = [
        (say(phrase("Measure")), say(phrase(found.spec.explain.title))),
        (say(phrase("Date")), found.date),
        (say(phrase("People counted")), say(count(found.people))),
        (say(phrase("Zones")), say(count(found.zones))),
        (say(phrase("Weighting")), say(WEIGHTING[found.profile.convention])),
        (say(phrase("Seed")), str(found.seed)),
    ]
    known = [p.found for p in found.profile.points]
    facts += _methods(known, say)
    how = Section("how", say(phrase("How it was found")), (Text(say(HOW)), Facts(tuple(facts))))
    title = say(phrase("Near and far in {city}", city=found.city))
    notices = tuple(say(standard(n)) for n in found.notes)
    return Report(title, "", notices, (profile_section(found, "parts", say), how), language=language)


def _methods(known: Sequence[Any], say: Say) -> list[tuple[str, str]]:
    chance = next((f.null_method for f in known if f.null_method), "")
    interval = next((f.interval_method for f in known if f.interval_method), "")
    out = [(say(phrase("What chance gives")), say(chance))] if chance else []
    return out + ([(say(phrase("Interval")), say(interval))] if interval else [])


WEIGHTING = {
    "local": phrase("each zone by its own people"),
    "environment": phrase("each zone by everybody around it"),
}
HOW = phrase(
    "The same measure is asked again and again, each time with wider surroundings around every zone. Where "
    "it falls quickly, the pattern is small: streets and blocks. Where it stays high, whole parts of the "
    "city differ. The same by the ways people really take shows barriers: rivers, railways, motorways."
)
