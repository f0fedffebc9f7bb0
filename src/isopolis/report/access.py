"""Access to a service as a page: for whom, where, when, how sure, what would help."""

from __future__ import annotations

from collections.abc import Callable

from isopolis.flows.access_asked import AccessFound, GroupAccess
from isopolis.flows.access_digital import digital_said
from isopolis.flows.access_words import in_short, minutes_said, question_said, service_said, worst_zones
from isopolis.flows.words import percent
from isopolis.model.text import count, phrase
from isopolis.model.vocabulary import standard

from .access_charts import ROWS, group_chart, hour_chart
from .access_maps import bound_map, near_map, survey_map
from .access_tables import (
    changes_blocks,
    facts_of,
    inequality_table,
    reasons_blocks,
    sites_blocks,
    split_blocks,
)
from .blocks import Block, Bullets, Facts, Report, Section, Table, Text

__all__ = ["access_report"]

Say = Callable[[str], str]


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
    subtitle = say(question_said(found))
    notices = tuple(say(standard(n)) for n in found.data.notes)
    return Report(title, subtitle, notices, tuple(sections), language=language)


def _where(found: AccessFound, say: Say) -> Section:
    rows = tuple(
        (name, say(count(people)), say(minutes_said(minutes, found.looked)))
        for name, people, minutes in worst_zones(found, 30)
    )
    head = (phrase("Where"), phrase("People outside the standard"), phrase("To the nearest place"))
    caption = say(phrase("Places with most people outside the standard"))
    figure = near_map(found, say)
    blocks: list[Block] = [] if figure is None else [figure]
    if rows:
        blocks.append(Table(caption, tuple(map(say, head)), rows, frozenset({0, 2}), folded=len(rows) > ROWS))
    return Section("where", say(phrase("Where it is far")), tuple(blocks))


def _bodies(found: AccessFound, say: Say) -> Section | None:
    if len(found.profiles) < 2:
        return None
    rows = [(p.title, p.everyone) for p in found.profiles]
    words = (
        phrase("One city, by how people move"),
        phrase("The same people and the same places; only the body and its aids differ."),
    )
    chart = group_chart(found, "bodies", rows, words, say, gaps=False)
    blocks = [*([] if chart is None else [chart]), *reasons_blocks(found, say)]
    return Section("bodies", say(phrase("For whom the city is smallest")), tuple(blocks))


def _level(found: AccessFound, group: GroupAccess) -> float:
    """Return what groups are ordered by: how many are in reach, or the share that reaches one."""
    return (group.reached or 0.0) if found.counted else group.finding.number


def _groups(found: AccessFound, say: Say) -> Section | None:
    groups = found.main.groups[1:]
    single = [(g.label, g) for g in groups if "×" not in g.dimension]
    crossed = sorted(
        ((g.label, g) for g in groups if "×" in g.dimension and g.finding.defined and g.people >= 1),
        key=lambda pair: _level(found, pair[1]),
    )
    everyone = [(phrase("everyone"), found.main.everyone)]
    charts = []
    if single:
        summary = (
            phrase("How many the average person of each group has near enough.")
            if found.counted
            else phrase("Share of each group that is near enough.")
        )
        words = (phrase("By group"), summary)
        charts.append(group_chart(found, "groups", [*everyone, *single], words, say))
    if crossed:
        words = (
            phrase("Where groups cross, furthest behind first"),
            phrase("People who belong to two groups at once can be worse off than either group."),
        )
        charts.append(group_chart(found, "crossings", [*everyone, *crossed], words, say))
    blocks = [*(c for c in charts if c is not None), *split_blocks(found, say)]
    return Section("groups", say(phrase("By group")), tuple(blocks)) if blocks else None


def _hours(found: AccessFound, say: Say) -> Section | None:
    chart = hour_chart(found, say)
    return None if chart is None else Section("hours", say(phrase("At which hours")), (chart,))


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
    blocks = [*sites_blocks(found, say), *changes_blocks(found, say)]
    return Section("change", say(phrase("What would change it")), tuple(blocks)) if blocks else None


def _inequality(found: AccessFound, say: Say) -> Section | None:
    table = inequality_table(found, say)
    return Section("inequality", say(phrase("Inequality in numbers")), (table,)) if table else None


def _method(found: AccessFound, say: Say) -> Section:
    caveats = Bullets(tuple(say(p.said()) for p in found.caveats))
    facts = Facts(tuple((say(a), say(b)) for a, b in facts_of(found)))
    blocks: tuple[Block, ...] = (facts, caveats) if found.caveats else (facts,)
    return Section("method", say(phrase("What this rests on")), blocks)
