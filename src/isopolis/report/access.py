"""Access to a service as a page: for whom, where, when, how sure, what would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from isopolis.flows.access_asked import AccessFound, GroupAccess, ProfileAccess
from isopolis.flows.access_digital import digital_said
from isopolis.flows.access_words import (
    hour_said,
    in_short,
    minutes_said,
    service_said,
    worst_zones,
)
from isopolis.flows.words import number, percent
from isopolis.model import Undefined
from isopolis.model.text import Number, count, phrase
from isopolis.model.vocabulary import standard

from .access_maps import bound_map, near_map, survey_map
from .access_tables import facts_of, inequality_table, points, sites_blocks, split_table
from .blocks import Block, Bullets, Facts, Figure, Report, Section, Table, Text
from .charts import Dot, bars, dots
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
    makers = (_where, _bodies, _groups, _hours, _barriers, _digital, _sure, _change, _inequality, _method)
    made = [make(found, say) for make in makers]
    sections += [s for s in made if s is not None and not s.empty]
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
        (name, say(count(people)), say(minutes_said(minutes, found.looked)))
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
    key: str, rows: Sequence[tuple[str, GroupAccess]], words: tuple[str, str], looked: float, say: Say, *,
    gaps: bool = True,
) -> Figure | None:  # fmt: skip
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

    table = _table(rows, words[0], looked, say, gaps=gaps)
    return Figure(key, say(words[0]), say(words[1]), draw(paint, key), table)  # type: ignore[arg-type]


def _table(
    rows: Sequence[tuple[str, GroupAccess]], caption: str, looked: float, say: Say, *, gaps: bool
) -> Table:
    counted = any(g.reached is not None and not float(g.reached).is_integer() for _, g in rows)
    drawn = any(_drawn(g) is not None for _, g in rows)
    head = [phrase("Who"), phrase("Within the standard"), phrase("Left open by streets")]
    head += [phrase("Interval from counts")] if drawn else []
    head += [phrase("Middle person"), phrase("Outside")]
    head += [phrase("Gap, points"), phrase("People")] if gaps else []
    head += [phrase("In reach, on average")] if counted else []
    cells = []
    for label, g in rows:
        value = g.finding.value
        row = [label, g.finding.explanation if isinstance(value, Undefined) else percent(value)]
        row.append(_between((g.low, g.high) if g.low is not None and g.high is not None else None))
        row += [_between(_drawn(g))] if drawn else []
        row += [minutes_said(g.median, looked), count(g.beyond)]
        gap = "–" if g.gap is None else points(g.gap)
        row += [gap, count(g.people)] if gaps else []
        cells.append((*row, number(g.reached)) if counted else tuple(row))
    note = phrase(
        "Left open by streets: the share if everything that nobody has recorded is a barrier, and if nothing "
        "of it is. Interval: 95 in 100, from how people were counted; none where counts are exact."
    )
    words = frozenset({0, 4 if drawn else 3})
    return Table(
        say(caption), tuple(map(say, head)), tuple(tuple(map(say, c)) for c in cells), words,
        folded=len(cells) > ROWS, note=say(note),
    )  # fmt: skip


def _drawn(group: GroupAccess) -> tuple[float, float] | None:
    """Return the interval from counts, where counts are not exact."""
    ends = group.finding.detail.get("count_interval")
    return (ends[0], ends[1]) if ends and ends[0] != ends[1] else None


def _between(ends: tuple[float, float] | None) -> str:
    if ends is None:
        return "–"
    return phrase("{low} to {high}", low=percent(ends[0]), high=percent(ends[1]))


def _bodies(found: AccessFound, say: Say) -> Section | None:
    if len(found.profiles) < 2:
        return None
    rows = [(p.title, p.everyone) for p in found.profiles]
    words = (
        phrase("One city, by how people move"),
        phrase("The same people and the same places; only the body and its aids differ."),
    )
    blocks: list[Block] = [f] if (f := _chart("bodies", rows, words, found.looked, say, gaps=False)) else []
    reasons = [
        (say(p.title), say(percent(None if p.usable is None else 1 - p.usable)), say(percent(p.unknown)),
         _reasons(p, say) or "–")
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


def _reasons(profile: ProfileAccess, say: Say) -> str:
    return "; ".join(say(phrase("{reason} {share}", reason=r, share=percent(s))) for r, s in profile.reasons)


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
        if figure := _chart("groups", [*everyone, *single], words, found.looked, say):
            blocks.append(figure)
    if crossed:
        words = (
            phrase("Where groups cross, furthest behind first"),
            phrase("People who belong to two groups at once can be worse off than either group."),
        )
        if figure := _chart("crossings", [*everyone, *crossed], words, found.looked, say):
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
    main = [h for h in found.hours if h.profile == found.main.name]
    drawn = [Dot(say(hour_said(h)), h.share, text=say(percent(h.share))) for h in main]
    axis = say(phrase("Share of people within the standard"))
    svg = draw(lambda: bars(drawn, axis=axis, as_percent=True), "hours")
    summary = phrase(
        "Departures of one day, {date}: {profile}", date=found.service_day, profile=found.main.title
    )
    figure = Figure("hours", say(phrase("Hour by hour")), say(summary), svg, table)
    return Section("hours", say(phrase("At which hours")), (figure,))


def _barriers(found: AccessFound, say: Say) -> Section | None:
    if not found.barriers:
        return None
    lead = phrase("Being near is not enough: a place must admit those who come.")
    said = tuple(map(say, found.barriers))
    return Section("barriers", say(phrase("At the door")), (Text(say(lead)), Bullets(said)))


def _digital(found: AccessFound, say: Say) -> Section | None:
    if found.digital is None:
        return None
    head = (phrase("Who"), phrase("Online at home"), phrase("Online or near a help point"),
            phrase("Left out"), phrase("People"))  # fmt: skip
    rows = [
        tuple(map(say, (g.label, percent(g.online), percent(g.helped), percent(g.left_out), count(g.people))))
        for g in found.digital.groups
    ]
    lead = tuple(map(say, digital_said(found.digital)))
    note = phrase("The share online of a zone is taken for every group that lives in it.")
    title = say(phrase("Digital access"))
    table = Table(title, tuple(map(say, head)), tuple(rows), folded=len(rows) > ROWS, note=say(note))
    return Section("digital", title, (Bullets(lead), table))


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
