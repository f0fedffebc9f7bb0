"""What the result page says, out of the public bundle and nothing else: whoever has it can check it all.

Texts are kept in the JSON form of `isopolis.model.text.to_tree`, so that a page says them in the language of
its reader without counting again.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import unescape
from typing import Any

from isopolis.engage.budget.audit.lost import Lost
from isopolis.engage.budget.bundle import digest_of, election_from
from isopolis.engage.budget.card import RuleCard
from isopolis.engage.budget.election import Election
from isopolis.flows.vote import run_vote
from isopolis.flows.vote_audit import Audited, audit_vote
from isopolis.model.text import noted, phrase, to_plain, to_tree

__all__ = ["MOST_BYTES", "told_of", "unpacked_bundle"]

MOST_BYTES = 2**30
TOPICS = {
    "streets": "Streets and ways",
    "green": "Parks and nature",
    "play": "Play and sport",
    "culture": "Culture and meeting",
    "learning": "Schools and learning",
    "care": "Health and care",
    "safety": "Safety",
    "access": "Access for everybody",
    "climate": "Heat, cold and energy",
    "other": "Something else",
}
"""English names of topics as they stand in drawings, by what a ballot calls them; pages say them anew."""

SECTIONS = ("glance", "where", "promises", "others")


def unpacked_bundle(packed: bytes) -> dict[str, bytes]:
    """Return the texts of a bundle that this server made."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        if sum(i.file_size for i in archive.infolist()) > MOST_BYTES:
            raise ValueError("the bundle is too large")
        return {name: archive.read(name) for name in archive.namelist()}


def told_of(texts: Mapping[str, bytes], say: Callable[[str], None]) -> dict[str, Any]:
    """Count and audit a bundle, and return everything that the pages say.

    Parameters
    ----------
    texts : mapping of str to bytes
        Of the bundle.
    say : callable
        Told how far it is.

    Returns
    -------
    dict
        ``lead``, ``facts`` and ``sections`` (blocks by key), ``projects`` (won and lost, with the reason and
        where the votes went), ``ties``, ``numbers`` and ``digest``.
    """
    from isopolis.report.vote import compose_vote

    card = RuleCard.from_json(texts["rule_card.json"].decode())
    election = _named(election_from(texts, card))
    outcome = run_vote(election, card=card)
    audited = audit_vote(outcome, progress=say)
    say("tables and drawings")
    with noted() as seen:
        report = compose_vote(audited)
    kept = {s.key: s for s in report.sections if s.key in SECTIONS}
    return {
        "sections": {
            key: [_block(b, seen) for b in section.blocks] for key, section in kept.items()
        },
        "projects": _projects(audited),
        "ties": _ties(audited),
        "numbers": {
            "winners": len(outcome.winners), "projects": election.n_projects, "voters": election.n_voters,
            "nothing": outcome.voters_with_nothing, "cost": outcome.cost, "budget": election.budget,
        },
        "digest": digest_of(texts["manifest.json"]),
    }  # fmt: skip


def _named(election: Election) -> Election:
    """Name topics in words, as drawings show them."""
    projects = tuple(
        replace(p, category=tuple(TOPICS.get(t, t) for t in p.category)) for p in election.projects
    )
    return replace(election, projects=projects)


# -- blocks of the report as plain values ------------------------------------------------------------------
def _block(block: Any, seen: Mapping[str, Any]) -> dict[str, Any]:
    from isopolis.report import blocks

    if isinstance(block, blocks.Text):
        return {"is": "text", "text": to_tree(block.text), "tone": block.tone}
    if isinstance(block, blocks.Bullets):
        return {"is": "bullets", "items": to_tree(list(block.items))}
    if isinstance(block, blocks.Facts):
        return {"is": "facts", "pairs": to_tree([list(p) for p in block.pairs])}
    if isinstance(block, blocks.Table):
        return {"is": "table", "table": _table(block)}
    if isinstance(block, blocks.Figure):
        return {"is": "figure", "figure": _figure(block, seen)}
    raise TypeError(type(block).__name__)


def _table(one: Any) -> dict[str, Any]:
    made: dict[str, Any] = to_tree(
        {
            "caption": one.caption,
            "head": list(one.head),
            "rows": [list(r) for r in one.rows],
            "note": one.note,
        }
    )
    return made | {"text_columns": sorted(one.text_columns), "folded": one.folded}


def _figure(one: Any, seen: Mapping[str, Any]) -> dict[str, Any]:
    from isopolis.web.diagnoses.drawings import without_inline_styles

    nodes = {unescape(t) for t in re.findall(r"<(?:text|title)(?:\s[^>]*)?>([^<]+)<", one.svg)}
    words = {node: {"is": to_plain(seen[node])} for node in sorted(nodes & seen.keys())}
    made: dict[str, Any] = to_tree(
        {"key": one.key, "title": one.title, "summary": one.summary, "note": one.note}
    )
    table = None if one.table is None else _table(one.table)
    return made | {"svg": without_inline_styles(one.svg), "words": words, "table": table}


# -- projects ------------------------------------------------------------------------------------------------
def _apart(names: Any) -> tuple[str, ...]:
    """Give each name its own direction inside a sentence of another language."""
    return tuple(f"\u2068{name}\u2069" for name in names)


def _projects(audited: Audited) -> list[dict[str, Any]]:
    """Tell of every project: the funded ones in the order in which they won, then the others by votes."""
    from isopolis.report.vote_words import money_of, names_of

    outcome = audited.audit.outcome
    e, money = outcome.election, money_of(outcome.election)
    names = _apart(names_of(e))
    greedy = audited.audit.judged.get("greedy")
    by_votes = set(greedy.winners) if greedy is not None else set()
    votes = e.ballots.votes.tolist()

    def one(p: int, more: dict[str, Any]) -> dict[str, Any]:
        project = e.projects[p]
        return {
            "id": project.id, "name": project.name, "place": project.place, "units": project.cost,
            "cost": to_tree(money(project.cost)), "votes": votes[p],
            "greedy": None if greedy is None else p in by_votes,
        } | more  # fmt: skip

    won = [
        one(s.project, {"won": n, "support": None if s.support is None else round(s.support, 1)})
        for n, s in enumerate(outcome.steps, start=1)
    ]
    lost = [one(x.project, _why(x, audited, names, money)) for x in audited.audit.lost]
    return [*won, *lost]


def _why(x: Lost, audited: Audited, names: Any, money: Any) -> dict[str, Any]:
    """Say why a project lost, and where the votes of its supporters went."""
    e = audited.audit.outcome.election
    return {
        "won": 0,
        "why": to_tree(x.said(names, money)),
        "near": None if x.support is None else int(100 * x.support),
        "nothing": x.nothing,
        "elsewhere": [
            {
                "id": e.projects[o.project].id, "name": e.projects[o.project].name, "voters": o.voters,
                "money": None if o.money is None else to_tree(money(o.money)),
            }
            for o in x.elsewhere
        ],
    }  # fmt: skip


def _ties(audited: Audited) -> list[Any]:
    from isopolis.report.vote_words import names_of

    outcome = audited.audit.outcome
    names = _apart(names_of(outcome.election))
    how = {
        "lower_cost": phrase("the lower cost"), "more_votes": phrase("more votes"),
        "lot": phrase("the public lot"),
    }  # fmt: skip
    said = [
        phrase(
            "“{winner}” came before {others}, decided by {by}.", winner=names[t.winner],
            others=", ".join(f"“{names[p]}”" for p in t.over), by=how.get(t.by, t.by),
        )
        for t in outcome.ties if t.by in how
    ]  # fmt: skip
    made: list[Any] = to_tree(said)
    return made
