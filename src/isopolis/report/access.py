"""Access to a service as a page: for whom, where, when, how sure, what would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from isopolis.flows.access_asked import AccessFound, GroupAccess
from isopolis.flows.access_words import (
    bounds_said,
    hour_said,
    in_short,
    minutes_said,
    service_said,
    worst_zones,
)
from isopolis.flows.words import number, percent
from isopolis.model.text import Number, count, phrase
from isopolis.model.vocabulary import standard

from .access_maps import bound_map, near_map, survey_map
from .access_tables import facts_of, inequality_table, sites_blocks, split_table
from .blocks import Block, Bullets, Facts, Figure, Report, Section, Table, Text
from .charts import Dot, dots
from .svg import draw

__all__ = ["access_report"]

Say = Callable[[str], str]

ROWS = 24
"""Groups drawn in one chart; the table beside it has all."""


def access_report(found: AccessFound, language: str = "en", say: Say = str) -> Report:
    """Return the page of an answer about access.

    Parameters
    ----------
    found : AccessFound
    language, say
        The language, and how a text of ours is said in it.
    """
    sections = [Section("first", say(phrase("In short")), (Bullets(tuple(map(say, in_short(found)))),))]
    for section in (_where(found, say), _bodies(found, say), _groups(found, say), _hours(found, say),
                    _barriers(found, say), _sure(found, say), _change(found, say), _inequality(found, say),
                    _method(found, say)):  # fmt: skip
        if section is not None and not section.empty:
            sections.append(section)
    title = say(phrase("Access to {service} in {city}", service=service_said(found), city=found.data.name))
    subtitle = say(
        phrase(
            "Within {minutes} minutes, {profile}",
            minutes=Number(f"{found.asked.minutes:g}"),
            profile=found.main.title,
        )
    )
    notices = tuple(say(standard(n)) for n in found.data.notes)
    return Report(title, subtitle, notices, tuple(sections), language=language)


def _where(found: AccessFound, say: Say) -> Section:
    figure = near_map(found, say)
    rows = tuple(
        (name, say(count(people)), say(minutes_said(minutes)))
        for name, people, minutes in worst_zones(found, 30)
    )
    head = (phrase("Where"), phrase("People outside the standard"), phrase("To the nearest place"))
    table = Table(
        say(phrase("Places with most people outside the standard")), tuple(map(say, head)), rows,
        frozenset({0, 2}),
    )  # fmt: skip
    blocks: list[Block] = []
    if figure is not None:
        blocks.append(Figure("near", *figure, table=table))
    elif rows:
        blocks.append(table)
    return Section("where", say(phrase("Where it is far")), tuple(blocks))


def _chart(
    key: str, rows: Sequence[tuple[str, GroupAccess]], words: tuple[str, str], say: Say
) -> Figure | None:
    shown = [
        Dot(
            say(label), g.finding.number, None,
            g.low if g.low is not None else None, g.high if g.low is not None else None,
            say(percent(g.finding.number)),
        )
        for label, g in rows
        if g.finding.defined
    ]  # fmt: skip
    if not shown:
        return None
    axis = say(phrase("Share of people within the standard"))
    band = say(phrase("what unknown streets leave open"))
    value = say(phrase("as expected"))

    def paint() -> object:
        return dots(shown[:ROWS], axis=axis, value=value, band=band, as_percent=True)

    table = _table(rows, words[0], say)
    return Figure(key, say(words[0]), say(words[1]), draw(paint, key), table)  # type: ignore[arg-type]


def _table(rows: Sequence[tuple[str, GroupAccess]], caption: str, say: Say) -> Table:
    counted = any(g.reached is not None for _, g in rows)
    head = [phrase("Who"), phrase("People"), phrase("Within the standard"), phrase("Interval"),
            phrase("Middle person"), phrase("Gap to everyone, points"), phrase("Outside")]  # fmt: skip
    head += [phrase("In reach, on average")] if counted else []
    cells = []
    for label, g in rows:
        ends = g.finding.interval
        interval = (
            "–" if ends is None else phrase("{low} to {high}", low=percent(ends[0]), high=percent(ends[1]))
        )
        gap = "–" if g.gap is None else Number(f"{100 * g.gap:+.1f}".replace("-", "−"))
        row = (label, count(g.people), bounds_said(g), interval, minutes_said(g.median), gap, count(g.beyond))
        cells.append((*row, number(g.reached)) if counted else row)
    note = phrase(
        "Interval: 95 in 100, from how people were counted, and from what nobody has recorded of streets. In "
        "brackets: the share if every unknown tag is a barrier, and if none is."
    )
    return Table(
        say(caption), tuple(map(say, head)), tuple(tuple(map(say, c)) for c in cells), frozenset({0, 4}),
        folded=len(cells) > ROWS, note=say(note),
    )  # fmt: skip


def _bodies(found: AccessFound, say: Say) -> Section | None:
    if len(found.profiles) < 2:
        return None
    rows = [(p.title, p.everyone) for p in found.profiles]
    words = (
        phrase("One city, by how people move"),
        phrase("The same people and the same places; only the body and its aids differ."),
    )
    blocks: list[Block] = [f] if (f := _chart("bodies", rows, words, say)) else []
    reasons = [
        (say(p.title), say(percent(None if p.usable is None else 1 - p.usable)), say(percent(p.unknown)),
         "; ".join(say(phrase("{reason} {share}", reason=r, share=percent(s))) for r, s in p.reasons) or "–")
        for p in found.profiles
        if p.usable is not None
    ]  # fmt: skip
    if reasons:
        head = (phrase("Way of moving"), phrase("Streets that cannot be used"), phrase("Streets left open"),
                phrase("Why"))  # fmt: skip
        note = phrase("Shares of the length of all streets, before paths around a barrier are looked for.")
        blocks.append(
            Table(say(phrase("What stands in the way")), tuple(map(say, head)), tuple(reasons),
                  frozenset({0, 3}), note=say(note))
        )  # fmt: skip
    return Section("bodies", say(phrase("For whom the city is smallest")), tuple(blocks))


def _groups(found: AccessFound, say: Say) -> Section | None:
    groups = found.main.groups[1:]
    single = [(g.label, g) for g in groups if "×" not in g.dimension]
    crossed = sorted(
        ((g.label, g) for g in groups if "×" in g.dimension and g.finding.defined and g.people >= 1),
        key=lambda pair: pair[1].finding.number,
    )
    blocks: list[Block] = []
    everyone = [(phrase("everyone"), found.main.everyone)]
    if single:
        words = (phrase("By group"), phrase("Share of each group that is near enough."))
        if figure := _chart("groups", [*everyone, *single], words, say):
            blocks.append(figure)
    if crossed:
        words = (
            phrase("Where groups cross, furthest behind first"),
            phrase("People who belong to two groups at once can be worse off than either group."),
        )
        if figure := _chart("crossings", [*everyone, *crossed], words, say):
            blocks.append(figure)
    if table := split_table(found, say):
        blocks.append(table)
    return Section("groups", say(phrase("By group")), tuple(blocks)) if blocks else None


def _hours(found: AccessFound, say: Say) -> Section | None:
    if not found.hours:
        return None
    head = [phrase("Departure"), *dict.fromkeys(h.title for h in found.hours)]
    spans = list(dict.fromkeys((h.begin, h.end) for h in found.hours))
    rows = []
    for span in spans:
        mine = {h.title: h for h in found.hours if (h.begin, h.end) == span}
        first = next(iter(mine.values()))
        rows.append(
            (say(hour_said(first)), *(say(percent(mine[t].share)) if t in mine else "–" for t in head[1:]))
        )
    table = Table(
        say(phrase("People within the standard by hour of departure")), tuple(map(say, head)), tuple(rows)
    )
    return Section("hours", say(phrase("At which hours")), (table,))


def _barriers(found: AccessFound, say: Say) -> Section | None:
    if not found.barriers:
        return None
    lead = phrase("Being near is not enough: a place must admit those who come.")
    said = tuple(map(say, found.barriers))
    return Section("barriers", say(phrase("At the door")), (Text(say(lead)), Bullets(said)))


def _sure(found: AccessFound, say: Say) -> Section | None:
    figures = [f for f in (bound_map(found, say), survey_map(found, say)) if f is not None]
    return (
        Section("sure", say(phrase("How sure, and where to look first")), tuple(figures)) if figures else None
    )


def _change(found: AccessFound, say: Say) -> Section | None:
    blocks = sites_blocks(found, say)
    return Section("change", say(phrase("What would change it")), tuple(blocks)) if blocks else None


def _inequality(found: AccessFound, say: Say) -> Section | None:
    table = inequality_table(found, say)
    return Section("inequality", say(phrase("Inequality in numbers")), (table,)) if table else None


def _method(found: AccessFound, say: Say) -> Section:
    caveats = Bullets(tuple(say(p.said()) for p in found.caveats))
    facts = Facts(tuple((say(a), say(b)) for a, b in facts_of(found)))
    blocks: tuple[Block, ...] = (facts, caveats) if found.caveats else (facts,)
    return Section("method", say(phrase("What this rests on")), blocks)
