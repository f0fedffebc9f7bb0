"""Who took part as a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from isopolis.engage.representation.invite import Invitations
from isopolis.engage.representation.weighted import Share
from isopolis.flows.took_part_words import (
    Listing,
    invitation_listing,
    lead,
    listings,
    share_listing,
    unequal_said,
)
from isopolis.flows.who_took_part import Taken
from isopolis.model import City
from isopolis.model.text import phrase
from isopolis.model.vocabulary import standard

from . import charts
from .blocks import Block, Bullets, Facts, Figure, Report, Section, Table, Text
from .charts import Dot
from .svg import draw

__all__ = ["compose_took_part", "ratio_figure", "took_part_html"]

Say = Callable[[str], str]

DRAWN_MOST = 30
OPEN_ROWS = 40


def ratio_figure(listing: Listing, key: str, say: Say = str) -> Figure | None:
    """Draw the ratios of a listing with their intervals beside 1, the share itself; None without any."""
    rows = [r for r in listing.rows if r.value is not None][:DRAWN_MOST]
    if not rows:
        return None
    axis = say(phrase("Share of participants over share of residents"))
    dots = [Dot(say(r.label), r.value or 0.0, 1.0, r.low, r.high, f"{r.value:.2f}") for r in rows]

    def paint() -> Any:
        return charts.dots(
            dots, axis=axis, value=say(phrase("ratio")), mark=say(phrase("its share")),
            band=say(phrase("interval")),
        )  # fmt: skip

    title = say(phrase("{caption}: who has less or more than their share", caption=listing.caption))
    summary = say(
        phrase("A dot left of 1 has less than its share; where the line crosses 1, chance may do it.")
    )
    return Figure(key, title, summary, draw(paint, key), _table(listing, say))


def _table(listing: Listing, say: Say, *, folded: bool = False) -> Table:
    rows = tuple((say(r.label), *map(say, r.cells)) for r in listing.rows)
    words = frozenset({0, 7}) if len(listing.head) > 7 else frozenset({0})
    return Table(say(listing.caption), tuple(map(say, listing.head)), rows, words, folded)


def compose_took_part(
    taken: Taken,
    city: City,
    *,
    plan: Invitations | None = None,
    answers: Sequence[tuple[str, Sequence[Share], str]] = (),
    language: str = "en",
    say: Say = str,
) -> Report:
    """Return the board as a report.

    Parameters
    ----------
    taken, city
        As `who_took_part` made it.
    plan : Invitations, optional
        The next letters.
    answers : sequence of (question, shares, what was weighted by)
    language, say
        The language and how a text of ours is said in it.
    """
    sections = [Section("first", say(phrase("In short")), (Bullets(tuple(map(say, lead(taken, city)))),))]
    for listing in listings(taken, city):
        blocks: list[Block] = []
        figure = ratio_figure(listing, listing.key, say) if listing.key != "cells" else None
        if figure is not None and len(listing.rows) <= DRAWN_MOST:
            blocks.append(figure)
        else:
            blocks.append(_table(listing, say, folded=len(listing.rows) > OPEN_ROWS))
        sections.append(Section(listing.key, say(listing.caption), tuple(blocks)))
    uneven = tuple(map(say, unequal_said(taken.board, city)))
    sections.append(Section("uneven", say(phrase("How uneven it is")), (Bullets(uneven),)))
    if plan is not None:
        said, table = invitation_listing(plan, taken, city)
        sections.append(Section("invite", say(table.caption), (Text(say(said)), _table(table, say))))
    for n, (question, shares, note) in enumerate(answers, start=1):
        rows = _table(share_listing(question, shares), say)
        sections.append(Section(f"answer-{n}", say(question), (rows, Text(say(note), "note"))))
    sections.append(_notes(taken, say))
    notices = (say(phrase("Example data, not a real place.")),) if _invented(city) else ()
    title = say(phrase("Who took part in {city}", city=city.name))
    return Report(title, "", notices, tuple(sections), language=language)


def _invented(city: City) -> bool:
    return any("example data" in n for n in city.notes)


def _notes(taken: Taken, say: Say) -> Section:
    card = tuple((k.replace("_", " "), _plain(v)) for k, v in taken.board.card.items())
    found = tuple(say(p.said()) for p in taken.caveats)
    blocks: tuple[Block, ...] = (
        Bullets((*(say(standard(n)) for n in taken.notes), *found)),
        Facts((*card, ("level", taken.level))),
    )
    return Section("notes", say(phrase("How to read this, and every choice that was made")), blocks)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items() if v)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def took_part_html(report: Report) -> str:
    """Return a whole page that needs nothing else."""
    from isopolis import __version__

    from .html import environment

    page = environment().get_template("plan.html.j2")
    return str(page.render(report=report, version=__version__))
