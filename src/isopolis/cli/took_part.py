"""The command on who took part: participants beside the census."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["took_part"]

Lang = Annotated[str, typer.Option(metavar="CODE", help="Language of the sentences.")]


def took_part(
    participants: Annotated[
        Path,
        typer.Argument(
            metavar="PARTICIPANTS",
            help="Table with a row per person, or per neighbourhood and group with a number of people.",
        ),
    ],
    city: Annotated[Path, typer.Argument(metavar="CITY", help="City folder, or one file of zones.")],
    by: Annotated[str, typer.Option(metavar="A,B", help="Dimensions to cross, such as age,origin.")] = "",
    level: Annotated[
        str, typer.Option(metavar="LEVEL", help="Of neighbourhoods: zone, or a larger one.")
    ] = "",
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="GROUP", help="Who could not take part, such as age=0-14; may be repeated."),
    ] = None,
    zone: Annotated[str, typer.Option(metavar="COLUMN", help="Column of neighbourhoods.")] = "",
    people: Annotated[str, typer.Option(metavar="COLUMN", help="Column of how many people.")] = "",
    residents: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column of how many could have taken part.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="A=COLUMN", help="Column of a dimension by another name; may be repeated."),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="An answer to weight to the census; may be repeated."),
    ] = None,
    budget: Annotated[float, typer.Option(min=0, help="Money for letters; 0 for no plan of letters.")] = 0.0,
    letter: Annotated[float, typer.Option(min=0.01, help="What one letter costs.")] = 1.0,
    brings: Annotated[float, typer.Option(min=0, max=1, help="Part of letters that bring somebody.")] = 0.03,
    threshold: Annotated[int, typer.Option(min=3, help="Fewest people that are shown.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page here.")] = None,
    lang: Lang = "en",
) -> None:
    """Say who took part, and who did not, against the census by group and neighbourhood."""
    from isopolis.flows.cities import load
    from isopolis.flows.took_part_answers import weigh
    from isopolis.flows.who_took_part import people_of, who_took_part
    from isopolis.model import CallError, Group

    if report is not None and report.exists():
        raise CallError(f"{report} is there already; name a place that is new")
    _say(f"reading {city}")
    place = load(city)
    _say(f"reading {participants}")
    turnout = people_of(
        participants, place, zone=zone, people=people, residents=residents, dimensions=_pairs(column)
    )
    names = tuple(n.strip() for n in by.split(",") if n.strip())
    outside = [Group.parse(text) for text in leave_out or ()]
    found = who_took_part(
        turnout, place, by=names, level=level, leave_out=outside, policy=_policy(threshold), progress=_say
    )
    answers = [weigh(turnout, place, a, leave_out=outside) for a in answer or ()]
    plan = _letters(found, budget, letter, brings)
    if report is not None:
        _write(report, found, place, plan, answers, lang)
    if as_json:
        _print_json(found, turnout, plan, answers)
    else:
        _print(found, place, plan, answers, lang)


def _pairs(texts: list[str] | None) -> dict[str, str]:
    from isopolis.model import CallError

    out = {}
    for text in texts or ():
        name, sign, column = text.partition("=")
        if not sign or not name.strip() or not column.strip():
            raise CallError(f"write --column DIMENSION=COLUMN, not {text!r}")
        out[name.strip()] = column.strip()
    return out


def _policy(threshold: int) -> Any:
    from isopolis.flows.who_took_part import policy_of

    return policy_of(threshold)


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def _letters(found: Any, budget: float, letter: float, brings: float) -> Any:
    from isopolis.engage.representation.invite import invite

    if budget <= 0:
        return None
    return invite(found.board, round(budget * 100), round(letter * 100), answer=brings)


def _write(path: Path, found: Any, place: Any, plan: Any, answers: list[Any], lang: str) -> None:
    from functools import partial

    from isopolis.explain.languages import said
    from isopolis.report.took_part import compose_took_part, took_part_html

    told = [(a.question, a.shares, a.note) for a in answers]
    page = compose_took_part(
        found, place, plan=plan, answers=told, language=lang, say=partial(said, code=lang)
    )
    path.write_text(took_part_html(page), encoding="utf-8")
    print(path.resolve(), file=sys.stderr)


def _print_json(found: Any, turnout: Any, plan: Any, answers: list[Any]) -> None:
    from isopolis.flows.took_part_answers import answer_json, plan_json
    from isopolis.flows.took_part_words import as_json

    out = as_json(found) | {"columns": dict(turnout.columns or {})}
    if plan is not None:
        out["invite"] = plan_json(plan)
    if answers:
        out["answers"] = [answer_json(a) for a in answers]
    print(json.dumps(out, ensure_ascii=False, allow_nan=False, indent=1))


def _print(found: Any, place: Any, plan: Any, answers: list[Any], lang: str) -> None:
    from isopolis.explain.languages import said
    from isopolis.flows.took_part_words import (
        invitation_listing,
        lead,
        listings,
        share_listing,
        unequal_said,
    )

    def line(text: str, mark: str = "  - ") -> None:
        print(mark + said(text, lang))

    for text in (*lead(found, place), *unequal_said(found.board, place)):
        line(text)
    tables = [t for t in listings(found, place) if t.key not in ("cells", "zones")]
    if plan is not None:
        sentence, table = invitation_listing(plan, found, place)
        line(sentence)
        tables.append(table)
    for one in answers:
        tables.append(share_listing(one.question, one.shares))
        line(one.note)
    for table in tables:
        print("\n" + said(table.caption, lang))
        for row in (table.head, *((r.label, *r.cells) for r in table.rows)):
            print("  " + " | ".join(said(c, lang) if c else "–" for c in row))
    print()
    for note in found.notes:
        line(note)
    for caveat in found.caveats:
        line(caveat.said())
