"""Tables of the access page: inequality, sites, what-if, the parts of a gap, what it rests on."""

from __future__ import annotations

from collections.abc import Callable

from isopolis.flows.access_asked import AccessFound
from isopolis.flows.words import number, percent
from isopolis.model.text import Number, count, phrase

from .blocks import Block, Table, Text

__all__ = ["facts_of", "inequality_table", "points", "sites_blocks", "split_table"]

Say = Callable[[str], str]


def points(share: float) -> str:
    """Write a difference of shares in points, with its sign."""
    # a rounded 0 has no sign
    value = round(100 * share, 1) + 0.0
    return Number(f"{value:+.1f}".replace("-", "−") if value else "0.0")


def inequality_table(found: AccessFound, say: Say) -> Table | None:
    """Return the measures of inequality, each with its sentence; None when there is none."""
    rows = tuple(
        (
            say(f.detail.get("title", f.measure)),
            say(number(f.number) if f.defined else "–"),
            say(
                "–"
                if f.interval is None
                else phrase("{low} to {high}", low=number(f.interval[0]), high=number(f.interval[1]))
            ),
            say(f.explanation if f.defined else str(f.value)),
        )
        for f in found.inequality
    )
    if not rows:
        return None
    head = (phrase("Measure"), phrase("Value"), phrase("Interval"), phrase("In words"))
    return Table(
        say(phrase("How unequally access is spread")), tuple(map(say, head)), rows, frozenset({0, 3})
    )


def split_table(found: AccessFound, say: Say) -> Table | None:
    """Return what each group's gap to everyone is made of; None when no gap was split."""
    rows = tuple(
        (say(label), *(say(points(parts[k])) for k in ("gap", "where", "how", "admits")), say(parts["said"]))
        for label, parts in found.split.items()
    )
    if not rows:
        return None
    head = (phrase("Who"), phrase("Gap, points"), phrase("Where they live"), phrase("How they move"),
            phrase("What the service admits"), phrase("Who can act"))  # fmt: skip
    note = phrase(
        "Shapley parts: each the average of what changing one cause alone does, over every order of causes; "
        "they add up to the gap. Older people, children and disabled people are taken to move like the "
        "profile beside them, everybody else like an adult; that is a reading, not a fact about each person."
    )
    caption = say(phrase("What gaps are made of"))
    return Table(caption, tuple(map(say, head)), rows, frozenset({0, 5}), note=say(note))


def _repeats(stability: float | None) -> str:
    return "–" if stability is None else phrase("{share} of repeats", share=percent(stability))


def sites_blocks(found: AccessFound, say: Say) -> list[Block]:
    """Return tables of new sites and of what-if edits."""
    blocks: list[Block] = []
    if found.sites:
        worst = sorted(found.sites[-1].levels.items(), key=lambda kv: kv[1][0])[:3]
        head = [phrase("Site"), phrase("Where"), phrase("People gained")]
        head += [phrase("{group}: share after", group=label) for label, _ in worst]
        head += [phrase("Chosen in")]
        rows = tuple(
            (
                say(count(n)), s.name, say(count(s.gained)),
                *(say(percent(s.levels[label][1])) for label, _ in worst),
                say(_repeats(s.stability)),
            )
            for n, s in enumerate(found.sites, 1)
        )  # fmt: skip
        before = phrase(
            "Before: {shares}.",
            shares="; ".join(
                say(phrase("{group} {share}", group=g, share=percent(b))) for g, (b, _) in worst
            ),
        )
        table = Table(
            say(phrase("New sites that serve the worst-off group first")), tuple(map(say, head)), rows,
            frozenset({1}), note=say(before),
        )  # fmt: skip
        blocks += [Text(say(found.sites_note)), table] if found.sites_note else [table]
    if found.changed:
        head = [
            phrase("What if"),
            phrase("People within the standard"),
            phrase("Groups that gain or lose most"),
        ]
        rows = tuple(
            (
                say(c.said),
                say(Number(f"{c.gained:+,.0f}".replace("-", "−"))),
                "; ".join(
                    say(phrase("{group} {before} → {after}", group=g, before=percent(b), after=percent(a)))
                    for g, (b, a) in sorted(c.levels.items(), key=lambda kv: -abs(kv[1][1] - kv[1][0]))[:4]
                    if a != b
                ) or say(phrase("nobody")),
            )
            for c in found.changed
        )  # fmt: skip
        blocks.append(Table(say(phrase("What if")), tuple(map(say, head)), rows, frozenset({0, 2})))
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
