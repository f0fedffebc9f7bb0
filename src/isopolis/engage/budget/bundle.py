"""The public bundle of a result: everything that others need to count again, and nothing about voters.

A bundle is a few texts. `vote.json` holds budget and projects, `ballots.jsonl` every different ballot with
how often it was cast, in the order of their contents, so that neither a person's number nor the order of
voting is in it; `rule_card.json` the rule; `lot.json` the order that a public lot gives; `outcome.json` the
winners; `rounds.json` why each of them won; `manifest.json` the version, totals and the fingerprint of each
text. The fingerprint of the manifest is that of the whole bundle.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from isopolis.model import DataError, Problem
from isopolis.model.text import phrase

from .card import RuleCard
from .election import Attribute, Election, Limits, Project, ballots_of
from .outcome import Outcome
from .ties import lot_places

if TYPE_CHECKING:
    from .audit.published import Tables  # brings solvers with it, which a recount does not need

__all__ = ["FEWEST", "FILES", "FORMAT", "digest_of", "election_from", "make_bundle", "texts_of", "totals"]

FORMAT = 1
FILES = ("vote.json", "ballots.jsonl", "rule_card.json", "lot.json", "outcome.json", "rounds.json")
"""What is always there, beside the manifest; `groups.json` may be added."""
FEWEST = 10
"""Fewest voters of a label that a rule needs to know; with fewer, their ballots could be found out."""

Row = tuple[tuple[str, ...], tuple[int, ...], str]
"""One ballot: projects in the voter's order, points (empty when all are 1), and label (empty for none)."""


def digest_of(text: bytes) -> str:
    """Return the fingerprint of a text: SHA-256, in hexadecimal."""
    return hashlib.sha256(text).hexdigest()


def make_bundle(outcome: Outcome, *, version: str, tables: Tables | None = None) -> dict[str, bytes]:
    """Make the texts of a bundle.

    Parameters
    ----------
    outcome : Outcome
    version : str
        Of the program that counted.
    tables : Tables, optional
        Tables by group that passed the rules of publication.

    Returns
    -------
    dict of str to bytes
        Name → text in UTF-8; the same for the same outcome and version, byte for byte.

    Raises
    ------
    DataError
        When the rule depends on an attribute of which some label has fewer than `FEWEST` voters.
    """
    texts = texts_of(outcome)
    if tables is not None:
        texts["groups.json"] = _json(tables.to_dict())
    texts["manifest.json"] = _json(
        {
            "format": FORMAT,
            "isopolis": version,
            "files": {name: {"sha256": digest_of(t), "bytes": len(t)} for name, t in sorted(texts.items())},
            "totals": totals(outcome.election),
        }
    )
    return texts


def texts_of(outcome: Outcome) -> dict[str, bytes]:
    """Make every text but the manifest; a recount makes the same ones."""
    election, card = outcome.election, outcome.card
    plain = outcome.to_dict()
    steps = plain.pop("steps")
    plain.pop("rule_card")
    return {
        "vote.json": _json(_vote(election)),
        "ballots.jsonl": _ballots(election, card),
        "rule_card.json": _json(card.to_dict()),
        "lot.json": _json(_lot(election, card)),
        "outcome.json": _json(plain),
        "rounds.json": _json(_rounds(outcome, steps)),
    }


def totals(election: Election) -> dict[str, Any]:
    """What says at a glance which ballots, projects or money were changed."""
    return {
        "ballots": election.n_voters,
        "budget": election.budget,
        "cost": {p.id: p.cost for p in election.projects},
        "votes": dict(zip(election.ids, election.ballots.votes.tolist(), strict=True)),
    }


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _vote(election: Election) -> dict[str, Any]:
    return {
        "name": election.name,
        "currency": election.currency,
        "units_to_one": election.scale,
        "budget": election.budget,
        "ballot": election.ballot,
        "limits": asdict(election.limits),
        "min_score": election.min_score,
        "official_rule": election.official_rule,
        "projects": [
            {
                "id": p.id, "cost": p.cost, "name": p.name, "category": list(p.category),
                "target": list(p.target), "place": p.place, "selected": p.selected,
            }
            for p in election.projects
        ],
    }  # fmt: skip


def _lot(election: Election, card: RuleCard) -> dict[str, Any]:
    places = lot_places(card, election.ids)
    order = None if places is None else sorted(election.ids, key=lambda p: (places[p], p))
    return {"seed": card.lot_seed, "order": order}


def _rounds(outcome: Outcome, steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    left, out = outcome.election.budget, []
    for number, (step, plain) in enumerate(zip(outcome.steps, steps, strict=True), start=1):
        project = outcome.election.projects[step.project]
        left -= project.cost
        out.append({"round": number, **plain, "name": project.name, "cost": project.cost, "left": left})
    return out


# -- ballots -----------------------------------------------------------------------------------------------
def _needed(card: RuleCard) -> str:
    """The one attribute that the rule reads; empty when it reads none."""
    names = {card.attribute if card.shares else "", *(f.attribute for f in card.floors)} - {""}
    if len(names) > 1:
        raise DataError([
            Problem(
                "two-attributes",
                phrase("the rule reads two attributes of voters, and ballots with both cannot be published"),
                value=", ".join(sorted(names)),
                rule=phrase("one attribute"),
            )
        ])  # fmt: skip
    return next(iter(names), "")


def _ballots(election: Election, card: RuleCard) -> bytes:
    ids, side = election.ids, election.ballots.by_voter
    labels = _labels(election, _needed(card))
    plain = not election.ballots.weighted
    counted: Counter[Row] = Counter()
    for i in range(election.n_voters):
        # where the order of a ballot says nothing, it must not tell how somebody filled it in
        pairs = list(zip(side.row(i).tolist(), side.weights(i).tolist(), strict=True))
        pairs = pairs if election.ballot == "ordinal" else sorted(pairs)
        points = () if plain else tuple(w for _, w in pairs)
        counted[tuple(ids[p] for p, _ in pairs), points, labels[i] if labels else ""] += 1
    lines = []
    for (projects, points, label), n in sorted(counted.items()):
        line: dict[str, Any] = {"ballots": n, "projects": list(projects)}
        line |= {"points": list(points)} if points else {}
        line |= {"label": label} if label else {}
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def _labels(election: Election, name: str) -> list[str]:
    if not name:
        return []
    attribute = election.attributes[name]
    size = np.bincount(attribute.codes + 1, minlength=len(attribute.labels) + 1)
    names = ["", *attribute.labels]
    few = [n or "–" for n, k in zip(names, size.tolist(), strict=True) if 0 < k < FEWEST]
    if few:
        raise DataError([
            Problem(
                "few-voters",
                phrase(
                    "the rule needs to know the label of each ballot, and so few voters have it that their "
                    "ballots could be found out"
                ),
                column=name, value=", ".join(few[:5]), rule=f"≥ {FEWEST}", count=len(few),
                hint=phrase("Put small labels together before the vote."),
            )
        ])  # fmt: skip
    return [names[c + 1] for c in attribute.codes.tolist()]


def election_from(texts: Mapping[str, bytes], card: RuleCard) -> Election:
    """Read the election of a bundle back.

    Raises
    ------
    DataError
        When `vote.json` or `ballots.jsonl` cannot be read as what they should be.
    """
    try:
        vote = json.loads(texts["vote.json"])
        projects = tuple(
            Project(
                str(p["id"]), _whole(p["cost"]), str(p["name"]), tuple(p["category"]), tuple(p["target"]),
                str(p["place"]), p["selected"],
            )
            for p in vote["projects"]
        )  # fmt: skip
        index = {p.id: i for i, p in enumerate(projects)}
        rows = [row for line in texts["ballots.jsonl"].splitlines() for row in _repeated(line, index)]
        attribute = _needed(card)
        known = {attribute: Attribute.of(attribute, [r[2] for r in rows])} if attribute else {}
        weights = [r[1] or [1] * len(r[0]) for r in rows] if any(r[1] for r in rows) else None
        return Election(
            name=vote["name"],
            currency=vote["currency"],
            scale=_whole(vote["units_to_one"]),
            budget=_whole(vote["budget"]),
            projects=projects,
            ballot=vote["ballot"],
            ballots=ballots_of([r[0] for r in rows], len(projects), weights),
            attributes=known,
            limits=Limits(**vote["limits"]),
            min_score=_whole(vote["min_score"]),
            official_rule=vote["official_rule"],
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise DataError([
            Problem("unreadable", phrase("the vote in the bundle cannot be read"), value=str(error)[:80])
        ]) from None  # fmt: skip


MOST_BALLOTS = 20_000_000


def _repeated(line: bytes, index: Mapping[str, int]) -> list[tuple[list[int], list[int], str]]:
    row = json.loads(line)
    n = _whole(row["ballots"])
    if not 1 <= n <= MOST_BALLOTS:
        raise ValueError(n)
    projects = [index[str(p)] for p in row["projects"]]
    points = [_whole(w) for w in row.get("points", [])]
    if points and len(points) != len(projects):
        raise ValueError(points)
    return [(projects, points, str(row.get("label", "")))] * n


def _whole(number: Any) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(number)
    return number
