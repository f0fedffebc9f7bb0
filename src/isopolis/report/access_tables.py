"""Tables of the access page: inequality, sites, what-if, the parts of a gap, what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from isopolis.flows.access_asked import AccessFound, ProfileAccess
from isopolis.flows.words import number, percent
from isopolis.model.text import Number, count, phrase

from .access_maps import sites_map
from .blocks import Block, Table, Text

__all__ = [
    "changes_blocks",
    "facts_of",
    "inequality_table",
    "points",
    "reasons_blocks",
    "shares",
    "sites_blocks",
    "split_blocks",
]

WORST = 6
"""Groups shown beside new sites, those furthest behind today."""

Say = Callable[[str], str]


def points(share: float) -> str:
    """Write a difference of shares in points, with its sign."""
    # a rounded 0 has no sign
    value = round(100 * share, 1) + 0.0
    return Number(f"{value:+.1f}".replace("-", "−") if value else "0.0")


def shares(ends: Sequence[float] | None) -> str:
    """Write an interval of shares as ``7.6–11.4%``; a dash where its ends print the same."""
    if ends is None:
        return "–"
    low, high = map(_short, ends)
    return "–" if low == high else Number(f"{low}–{high}%")


def _short(share: float) -> str:
    value = 100 * share
    return "<0.1" if 0 < value < 0.1 else f"{value + 0.0:.1f}"


def inequality_table(found: AccessFound, say: Say) -> Table | None:
    """Return the measures of inequality, each with its sentence, folded; None when there is none."""
    rows = tuple(
        (
            say(f.detail.get("title", f.measure)),
            say(number(f.number) if f.defined else "–"),
            say(_between(f.interval)),
            say(f.explanation if f.defined else str(f.value)),
        )
        for f in found.inequality
    )
    if not rows:
        return None
    head = (phrase("Measure"), phrase("Value"), phrase("Interval"), phrase("In words"))
    return Table(
        say(phrase("How unequally access is spread")), tuple(map(say, head)), rows, frozenset({0, 3}),
        folded=True,
    )  # fmt: skip


def _between(ends: tuple[float, float] | None) -> str:
    """Write an interval; a dash where there is none, or where its ends print the same."""
    if ends is None or number(ends[0]) == number(ends[1]):
        return "–"
    return phrase("{low} to {high}", low=number(ends[0]), high=number(ends[1]))


def split_blocks(found: AccessFound, say: Say) -> list[Block]:
    """Return what each group's gap to everyone is made of, and below it who can act."""
    if not found.split:
        return []
    rows = tuple(
        (say(label), *(say(points(parts[k])) for k in ("gap", "where", "how", "admits")))
        for label, parts in found.split.items()
    )
    head = (phrase("Who"), phrase("Gap, points"), phrase("Where they live"), phrase("How they move"),
            phrase("What the service admits"))  # fmt: skip
    note = phrase(
        "Shapley parts: each the average of what changing one cause alone does, over every order of causes; "
        "they add up to the gap. Older people, children and disabled people are taken to move like the "
        "profile beside them, everybody else like an adult; that is a reading, not a fact about each person."
    )
    caption = say(phrase("What gaps are made of"))
    blocks: list[Block] = [Table(caption, tuple(map(say, head)), rows, note=say(note))]
    acts: dict[str, list[str]] = {}
    for label, parts in found.split.items():
        if parts["said"] != "–":
            acts.setdefault(say(parts["said"]), []).append(say(label))
    if len(acts) == 1:
        blocks.append(Text(say(phrase("For all of these groups: {text}.", text=next(iter(acts))))))
    elif acts:
        names = (phrase("Who can act"), phrase("For whom"))
        who = tuple((lever, "; ".join(labels)) for lever, labels in acts.items())
        blocks.append(Table(say(phrase("Who can act")), tuple(map(say, names)), who, frozenset({0, 1})))
    return blocks


def reasons_blocks(found: AccessFound, say: Say) -> list[Block]:
    """Return how much of the streets each way of moving cannot use, and below it why."""
    known = [p for p in found.profiles if p.usable is not None]
    if not known:
        return []
    rows = tuple(
        (
            say(p.title),
            say(percent(1 - (p.usable or 0.0))),
            say("–" if p.unknown is None else percent(p.unknown)),
        )
        for p in known
    )
    head = (phrase("Way of moving"), phrase("Streets that cannot be used"), phrase("Streets left open"))
    note = phrase("Shares of the length of all streets, before paths around a barrier are looked for.")
    blocks: list[Block] = [
        Table(say(phrase("What stands in the way")), tuple(map(say, head)), rows, note=say(note))
    ]
    why = tuple((say(p.title), _reasons(p, say)) for p in known if p.reasons)
    if why:
        names = (phrase("Way of moving"), phrase("Why"))
        caption = say(phrase("Why streets cannot be used"))
        blocks.append(Table(caption, tuple(map(say, names)), why, frozenset({0, 1})))
    return blocks


def _reasons(profile: ProfileAccess, say: Say) -> str:
    return "; ".join(say(phrase("{reason} {share}", reason=r, share=percent(s))) for r, s in profile.reasons)


def _again(again: tuple[int, int] | None) -> str:
    return "–" if again is None else phrase("{n} of {all}", n=count(again[0]), all=count(again[1]))


def sites_blocks(found: AccessFound, say: Say) -> list[Block]:
    """Return the new sites on a map with their table, and what they do for those who are furthest behind."""
    if not found.sites:
        return []
    head = (phrase("Site"), phrase("Where"), phrase("People gained"), phrase("Chosen again"))
    rows = tuple(
        (say(count(n)), s.name, say(count(s.gained)), say(_again(s.again)))
        for n, s in enumerate(found.sites, 1)
    )
    table = Table(
        say(phrase("New sites that serve the worst-off group first")), tuple(map(say, head)), rows,
        frozenset({1}),
        note=say(phrase("Chosen again: in how many repeats with slightly other times, counts or readings.")),
    )  # fmt: skip
    blocks: list[Block] = [Text(say(found.sites_note))] if found.sites_note else []
    blocks.append(sites_map(found, table, say) or table)
    worst = sorted(found.sites[-1].levels.items(), key=lambda kv: (kv[1][0], str(kv[0])))[:WORST]
    if worst:
        names = [phrase("Who"), phrase("Today"), phrase("With the new sites")]
        levels = tuple((say(g), say(percent(b)), say(percent(a))) for g, (b, a) in worst)
        caption = say(phrase("What the new sites do for those furthest behind"))
        blocks.append(Table(caption, tuple(map(say, names)), levels))
    if found.bodies_gained:
        names = [phrase("Way of moving"), phrase("People gained")]
        gained = tuple((say(title), say(count(n))) for title, n in found.bodies_gained)
        caption = say(phrase("The same sites, for other ways of moving"))
        blocks.append(Table(caption, tuple(map(say, names)), gained))
    return blocks


def changes_blocks(found: AccessFound, say: Say) -> list[Block]:
    """Return what each what-if edit does, and below it to which groups."""
    if not found.changed:
        return []
    head = (phrase("What if"), phrase("People within the standard"))
    rows = tuple((say(c.said), say(Number(f"{c.gained:+,.0f}".replace("-", "−")))) for c in found.changed)
    blocks: list[Block] = [Table(say(phrase("What if")), tuple(map(say, head)), rows)]
    moved = []
    for change in found.changed:
        levels = sorted(change.levels.items(), key=lambda kv: -abs(kv[1][1] - kv[1][0]))[:4]
        said = [
            say(phrase("{group} {before} → {after}", group=g, before=percent(b), after=percent(a)))
            for g, (b, a) in levels
            if a != b
        ]
        moved.append((say(change.said), "; ".join(said) or say(phrase("nobody"))))
    head = (phrase("What if"), phrase("Groups that gain or lose most"))
    caption = say(phrase("Groups that gain or lose most"))
    blocks.append(Table(caption, tuple(map(say, head)), tuple(moved), frozenset({0, 1})))
    return blocks


def facts_of(found: AccessFound) -> tuple[tuple[str, str], ...]:
    """Return what the answer rests on."""
    data = found.data
    out: list[tuple[str, str]] = [
        (phrase("people counted"), count(found.main.everyone.people)),
        (phrase("places to start from"), count(len(data.origins))),
        (phrase("places of the service"), count(len(found.places))),
    ]
    if found.streets is not None:
        length = Number(f"{found.streets.kilometres:,.0f}")
        out.append((phrase("streets"), phrase("{n} kilometres", n=length)))
    if found.service_day:
        out.append((phrase("timetable of"), found.service_day))
    out += [(phrase("source"), text) for text in data.sources]
    return tuple(out)
