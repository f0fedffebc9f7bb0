"""Who took part in words: sentences and tables for the command line, the report and the platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isopolis.engage.representation.board import Board, Line
from isopolis.engage.representation.chance import Unequal
from isopolis.engage.representation.invite import Invitations
from isopolis.engage.representation.weighted import Share
from isopolis.model import City, Undefined
from isopolis.model.text import Number, capital, count, joint, phrase, phrases
from isopolis.model.vocabulary import standard

from .who_took_part import Taken
from .words import Names, percent

__all__ = [
    "Listing", "Row", "as_json", "between", "group_names", "invitation_listing", "invitation_table", "lead",
    "listings", "share_listing",
    "unequal_said", "widest",
]  # fmt: skip

WIDEST = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: words for readers, and the ratio for a drawing."""

    label: str
    cells: tuple[str, ...]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    side: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A table with what it is about."""

    key: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]


def ratio_said(value: float | Undefined) -> str:
    """Write a ratio with two decimals, or why there is none."""
    return value.reason if isinstance(value, Undefined) else Number(f"{value:.2f}")


def between(interval: tuple[float, float] | None, *, share: bool = False) -> str:
    """Write an interval."""
    if interval is None:
        return ""
    low, high = (percent(x) if share else Number(f"{x:.2f}") for x in interval)
    return phrase("{low} to {high}", low=low, high=high)


def side_said(side: str) -> str:
    """Say in a word whether a group has its share, as far as the interval tells."""
    return {
        "below": phrase("less than their share"),
        "above": phrase("more than their share"),
        "about": phrase("their share, as far as can be told"),
    }.get(side, "")


class _Words:
    """Names for readers of zones and groups."""

    def __init__(self, taken: Taken, city: City) -> None:
        self.names, self.zones = Names.of(city), taken.zone_names

    def line(self, line: Line) -> str:
        parts = [self.zones.get(line.zone, line.zone)] if line.zone else []
        for name, category in line.group:
            known = self.names.dimensions.get(name)
            parts.append(standard(known.label_of(category) if known else category))
        return joint(parts, ", ")


HEAD = (
    phrase("Residents, about"), phrase("Took part"), phrase("Rate"), phrase("Rate, interval"),
    phrase("Share of participants over share of residents"), phrase("Interval"), phrase("Read as"),
    phrase("Missing to the average"),
)  # fmt: skip


def _row(line: Line, words: _Words) -> Row:
    took = phrase("hidden") if line.took is None else count(line.took)
    known = isinstance(line.ratio, float)
    low, high = line.ratio_interval or (None, None)
    cells = (
        count(line.residents), took,
        percent(line.rate) if isinstance(line.rate, float) else line.rate.reason,
        between(line.rate_interval, share=True), ratio_said(line.ratio) if known else "",
        between(line.ratio_interval), side_said(line.side), count(line.missing) if line.missing else "",
    )  # fmt: skip
    value = line.ratio if isinstance(line.ratio, float) else None
    return Row(words.line(line), cells, value, low, high, line.side)


def group_names(taken: Taken, city: City) -> dict[str, str]:
    """Return the words of every group of a board by its canonical text."""
    words = _Words(taken, city)
    groups = {line.group for line in taken.board.cells}
    return {str(g): str(words.line(Line("", g, 0, None, 0.0, 0.0))) for g in groups}


def widest(lines: Iterable[Line], most: int = WIDEST) -> list[Line]:
    """Return the lines that are surely below their share, most people missing first."""
    below = [line for line in lines if line.side == "below"]
    return sorted(below, key=lambda line: (-line.missing, str(line.zone), str(line.group)))[:most]


def listings(taken: Taken, city: City) -> tuple[Listing, ...]:
    """Return the tables of a board: by dimension, by neighbourhood, the widest gaps, every cell."""
    words, board = _Words(taken, city), taken.board
    head = (phrase("Who"), *HEAD)

    def made(key: str, caption: str, lines: Sequence[Line]) -> Listing:
        return Listing(key, caption, head, tuple(_row(line, words) for line in lines))

    out = [
        made(f"by-{n}", phrase("By {dimension}", dimension=words.names.dimension(name)), lines)
        for n, (name, lines) in enumerate(board.groups.items(), start=1)
    ]
    out.append(made("zones", phrase("By neighbourhood"), board.zones))
    if board.cells:
        out.append(
            made("gaps", phrase("Groups in neighbourhoods with most people missing"), widest(board.cells))
        )
        out.append(made("cells", phrase("By neighbourhood and group"), board.cells))
    return tuple(out)


def lead(taken: Taken, city: City) -> tuple[str, ...]:
    """Return the sentences that a board begins with."""
    board, words = taken.board, _Words(taken, city)
    out = [
        phrase(
            "{n} people took part, {share} of about {all} who could have.",
            n=count(board.participants), share=percent(board.rate), all=count(board.residents),
        )
    ]  # fmt: skip
    groups = [line for lines in board.groups.values() for line in lines if line.side == "below"]
    groups.sort(key=lambda line: line.ratio if isinstance(line.ratio, float) else 1.0)
    out += [_gap(line, words) for line in groups[:3]]
    zones = widest(board.zones, 1)
    out += [_gap(line, words) for line in zones]
    if not groups and not zones:
        out.append(phrase("No group and no neighbourhood has surely less than its share."))
    return tuple(out)


def _gap(line: Line, words: _Words) -> str:
    assert isinstance(line.rate, float)
    assert isinstance(line.ratio, float)
    return phrase(
        "{who}: {rate} took part; their share of the participants is {ratio} of their share of the residents "
        "({interval}). At the average rate {missing} would have taken part.",
        who=capital(words.line(line)), rate=percent(line.rate), ratio=Number(f"{line.ratio:.2f}"),
        interval=between(line.ratio_interval),
        missing=phrases("{n} more person", "{n} more people", line.missing),
    )  # fmt: skip


def unequal_said(board: Board, city: City) -> tuple[str, ...]:
    """Say how unequal participation is by dimension and neighbourhood, beside chance."""
    names, out = Names.of(city), []
    for name, found in board.unequal.items():
        what = phrase("neighbourhood") if name == "zones" else names.dimension(name)
        if isinstance(found, Unequal):
            out.append(
                phrase(
                    "By {what}: {value} of the participants would have to be others for every group to have "
                    "its share; a lot among all residents would give {chance}.",
                    what=what, value=percent(found.value), chance=percent(found.by_chance),
                )
            )  # fmt: skip
        p = board.tests.get(name)
        if isinstance(p, float):
            out.append(
                phrase(
                    "By {what}, a lot would give a picture as uneven as this, or more, in {times} of 100 "
                    "cases.",
                    what=what, times=phrase("fewer than 1") if p < 0.01 else Number(f"{100 * p:.0f}"),
                )
            )  # fmt: skip
    return tuple(out)


def money(cents: int) -> str:
    """Write cents as an amount with two decimals."""
    return Number(f"{cents // 100:,}.{cents % 100:02d}")


def invitation_listing(plan: Invitations, taken: Taken, city: City) -> tuple[str, Listing]:
    """Return what the letters do in a sentence, and the table of letters."""
    words = _Words(taken, city)
    who = words.line(Line(plan.widest.zone, plan.widest.group, 0, None, 0.0, 0.0))
    return invitation_table(plan, taken.zone_names, who)


def invitation_table(plan: Invitations, names: Mapping[str, str], who: str = "") -> tuple[str, Listing]:
    """Return the same where only the names of zones are at hand."""
    group = names.get(str(plan.widest.group), str(plan.widest.group)) if plan.widest.group.parts else ""
    who = who or joint((names.get(plan.widest.zone, plan.widest.zone), group), ", ")
    if not plan.letters:
        said = phrase("No letter helps: no group is below the average, or there is no money for a batch.")
    else:
        said = phrase(
            "{money} for letters lift the smallest cover, that of {who}, from {before} to {after} (1 is the "
            "average of the city), if {answer} of the letters bring somebody.",
            money=money(plan.spent), before=ratio_said(plan.cover), after=ratio_said(plan.cover_after),
            who=who, answer=percent(plan.answer),
        )  # fmt: skip
    head = (
        phrase("Neighbourhood"), phrase("Letters"), phrase("Cost"), phrase("People expected"),
        phrase("Smallest cover before"), phrase("and after"),
    )  # fmt: skip
    rows = tuple(
        Row(
            names.get(i.zone, i.zone),
            (count(i.letters), money(i.cost), Number(f"{i.expected:.1f}"), ratio_said(i.cover),
             ratio_said(i.cover_after)),
        )
        for i in plan.letters
    )  # fmt: skip
    return said, Listing("invite", phrase("Where to send the next letters"), head, rows)


def share_listing(question: str, found: Sequence[Share]) -> Listing:
    """Return the table of an answer, raw and weighted."""
    head = (
        phrase("Answer"), phrase("People"), phrase("As answered"), phrase("Interval"),
        phrase("Weighted to the census"), phrase("Interval"),
    )  # fmt: skip
    rows = tuple(
        Row(
            s.answer,
            (count(s.people), percent(s.raw), between(s.raw_interval, share=True),
             percent(s.weighted) if isinstance(s.weighted, float) else s.weighted.reason,
             between(s.weighted_interval, share=True)),
        )
        for s in found
    )  # fmt: skip
    return Listing("answer", question, head, rows)


# -- for programs --------------------------------------------------------------------------------------
def _value(value: float | Undefined | None) -> Any:
    if isinstance(value, Undefined):
        return {"undefined": value.code, "reason": str(value.reason)}
    return None if value is None else round(value, 6)


def _pair(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else [round(x, 6) for x in interval]


def line_json(line: Line) -> dict[str, Any]:
    """Return one line as plain values."""
    return {
        "zone": line.zone, "group": str(line.group), "residents": line.residents, "took_part": line.took,
        "hidden": line.took is None, "counted": line.counted, "rate": _value(line.rate),
        "rate_interval": _pair(line.rate_interval), "ratio": _value(line.ratio),
        "ratio_interval": _pair(line.ratio_interval), "side": line.side, "missing": line.missing,
    }  # fmt: skip


def as_json(taken: Taken) -> dict[str, Any]:
    """Return the whole board as plain values; nothing in it that the gate hides."""
    board = taken.board
    unequal: Mapping[str, Any] = {
        name: {"value": round(u.value, 6), "by_chance": round(u.by_chance, 6), "excess": round(u.excess, 6)}
        if isinstance(u, Unequal) else _value(u)
        for name, u in board.unequal.items()
    }  # fmt: skip
    return {
        "city": taken.city, "level": taken.level, "participants": board.participants,
        "placed": board.counted, "residents": board.residents, "rate": _value(board.rate),
        "rate_interval": _pair(board.rate_interval), "hidden_cells": board.hidden,
        "groups": {name: [line_json(x) for x in lines] for name, lines in board.groups.items()},
        "zones": [line_json(x) for x in board.zones], "cells": [line_json(x) for x in board.cells],
        "unequal": unequal, "tests": {n: _value(p) for n, p in board.tests.items()},
        "notes": [str(n) for n in taken.notes], "rule_card": dict(board.card) | {"level": taken.level},
    }  # fmt: skip
