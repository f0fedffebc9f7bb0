"""A change in parts: a waterfall with its table, as a section and as a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from isopolis.flows.change import Changed
from isopolis.flows.change_words import most_changed, people_said, sentences, signed
from isopolis.measure.change import METHODS, Decomposed
from isopolis.measure.change.fit import CLOSE
from isopolis.measure.change.stable import said
from isopolis.model.text import Number, capital, count, joint, phrase
from isopolis.model.vocabulary import standard

from .blocks import Block, Bullets, Facts, Figure, Report, Section, Table, Text
from .style import ACCENT, CHANCE, FAINT, INK
from .svg import draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

__all__ = ["change_html", "change_section", "compose_change", "tables", "waterfall"]

Say = Callable[[str], str]


def tables(found: Changed, say: Say = str) -> list[Table]:
    """Return the parts of the change at once, of every step, and the zones that did most."""
    out = [_parts(found.path.direct, found.dates[0], found.dates[-1], say)]
    if len(found.path.steps) > 1:
        steps = zip(found.dates[:-1], found.dates[1:], found.path.steps, strict=True)
        out += [_parts(d, a, b, say) for a, b, d in steps]
        out.append(_summed(found, say))
    rows = most_changed(found)
    if rows:
        body = tuple((name, say(signed(s, 5)), say(signed(m, 5))) for name, s, m in rows)
        head = (phrase("Zone"), phrase("Spread of groups"), phrase("Sizes of zones and groups"))
        caption = say(phrase("Zones that did most for the spread of groups"))
        out.append(Table(caption, tuple(map(say, head)), body))
    return out


def _parts(one: Decomposed, first: str, last: str, say: Say) -> Table:
    head = (phrase("Part"), phrase("Value"), phrase("Least"), phrase("Most"), phrase("Empty cells filled"))
    rows: list[tuple[str, ...]] = [
        (say(phrase("Value at {date}", date=first)), say(_written(one.parts.before)), "", "", "")
    ]
    for p in one.parts.parts:
        filled = "" if one.other is None else say(signed(one.other.of(p.name)))
        rows.append((say(said(p.name)), *(say(signed(v)) for v in (p.value, p.low, p.high)), filled))
    if one.other is not None:
        rows.append((say(said("zeros")), "", "", "", say(signed(one.other.of("zeros")))))
    rows.append((say(phrase("Value at {date}", date=last)), say(_written(one.parts.after)), "", "", ""))
    caption = phrase("The change from {first} to {last} in parts", first=first, last=last)
    return Table(say(caption), tuple(map(say, head)), tuple(rows), note=say(_note(one)))


def _note(one: Decomposed) -> str:
    """Say what is true of the method, and how well tables were fitted where it is not to the last digit."""
    told = []
    if any(p.low != p.high for p in one.parts.parts):
        told.append(
            phrase(
                "Parts can be changed one after the other in several orders: value is the mean over them, "
                "least and most are its ends."
            )
        )
    if one.other is not None:
        told.append(phrase("The last column fills every empty cell with half a person at most."))
    zones, groups = count(int(one.zones.sum())), count(int(one.groups.sum()))
    told.append(phrase("{zones} zones and {groups} groups are at both dates.", zones=zones, groups=groups))
    residual = max(one.parts.residual, one.other.residual if one.other else 0.0)
    if residual > CLOSE:
        share = Number(f"{residual:.1e}")
        told.append(phrase("Largest difference of a fitted total: {residual} of everyone.", residual=share))
    return joint(told, " ")


def _summed(found: Changed, say: Say) -> Table:
    summed = found.path.summed()
    direct = found.path.direct.parts
    rows = tuple((say(said(n)), say(signed(v)), say(signed(direct.of(n)))) for n, v in summed.items())
    head = (phrase("Part"), phrase("Sum of the steps"), phrase("At once"))
    note = phrase(
        "Both columns add up to the same change; what happened in between counts only in the first."
    )
    caption = say(phrase("All steps together"))
    return Table(caption, tuple(map(say, head)), rows, note=say(note))


def _written(value: float) -> str:
    return Number(f"{value:.4f}")


def waterfall(found: Changed, key: str = "change", say: Say = str) -> Figure:
    """Draw the value at the first date, each part on top of the last, and the value at the last date."""
    direct = found.path.direct
    steps = [(say(said(p.name)), p.value) for p in direct.parts.parts if p.value != 0]
    ends = [say(phrase("Value at {date}", date=d)) for d in (found.dates[0], found.dates[-1])]
    title = say(phrase("What the change is made of"))
    summary = say(
        phrase(
            "From {before} to {after}: each bar begins where the one above it ends. Left is less, right is "
            "more.",
            before=_written(direct.parts.before),
            after=_written(direct.parts.after),
        )
    )

    def paint() -> Any:
        return _drawn(ends, direct.parts.before, direct.parts.after, steps, say)

    return Figure(key, title, summary, draw(paint, key), tables(found, say)[0])


def _drawn(ends: list[str], before: float, after: float, steps: list[tuple[str, float]], say: Say) -> Drawing:
    from .charts import _rows, _value
    from .charts import _written as form

    figure, axes, middles = _rows([ends[0], *(name for name, _ in steps), ends[1]])
    at, edges = before, [before, after]
    for (_, value), y in zip(steps, middles[1:-1], strict=True):
        left, right = sorted((at, at + value))
        axes.barh(y, right - left, left=left, height=16, color=ACCENT if value > 0 else CHANCE, linewidth=0)
        # a thread from the end of this bar to the next row
        axes.plot([at + value] * 2, [y, y + 26], color=FAINT, linewidth=1)
        _value(axes, right, y, say(signed(value)))
        at += value
        edges.append(at)
    for value, y in ((before, middles[0]), (after, middles[-1])):
        axes.plot([value], [y], "o", color=INK, markersize=9)
        _value(axes, value, y, say(_written(value)))
    span = (max(edges) - min(edges)) or max(abs(before), 1e-3)
    axes.set_xlim(min(edges) - 0.08 * span, max(edges) + 0.28 * span)
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(4, min_n_ticks=3))
    axes.xaxis.set_major_formatter(form(False))
    return figure


def change_section(found: Changed, key: str = "change", say: Say = str) -> Section:
    """Return a change as a section: in words, the waterfall unless it is refused, the tables."""
    blocks: list[Block] = [Bullets(tuple(say(t) for t in sentences(found)))]
    rest = tables(found, say)
    if found.refusal is None:
        blocks.append(waterfall(found, f"{key}-parts", say))
        rest = rest[1:]
    blocks += rest
    if found.caveats:
        blocks.append(Bullets(tuple(say(c) for c in found.caveats)))
    title = say(phrase("{about}: what changed, and why", about=capital(found.about)))
    return Section(key, title, tuple(blocks))


def compose_change(found: Changed, *, language: str = "en", say: Say = str) -> Report:
    """Return a change as a report of its own."""
    facts = [
        (say(phrase("Measure")), say(phrase(found.spec.explain.title))),
        (say(phrase("Method")), METHODS[found.method]),
        (say(phrase("People counted")), say(people_said(found))),
    ]
    if found.crosswalk:
        facts.append((say(phrase("Older zones brought to newer ones by")), found.crosswalk))
    how = Section("how", say(phrase("How it was found")), (Text(say(HOW)), Facts(tuple(facts))))
    title = say(phrase("What changed in {city}", city=found.city))
    notices = tuple(say(standard(n)) for n in found.notes)
    return Report(title, "", notices, (change_section(found, "parts", say), how), language=language)


HOW = phrase(
    "Tables are made that have the pattern of one date and the sizes of groups or zones of the other. How "
    "the value moves from one to the next is a part of the change. The parts add up to the change. An empty "
    "cell can mean that nobody may be there, or that nobody happened to be; both are tried, and where they "
    "disagree about rise or fall, no part is told."
)


def change_html(report: Report) -> str:
    """Return a whole page that needs nothing else."""
    from isopolis import __version__

    from .html import environment

    page = environment().get_template("plan.html.j2")
    return str(page.render(report=report, version=__version__))
