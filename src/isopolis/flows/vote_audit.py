"""Audit the result of a vote on a budget, and publish it as a bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from isopolis.engage.budget.audit import Audit, audit
from isopolis.engage.budget.bundle import make_bundle
from isopolis.engage.budget.card import RuleCard
from isopolis.engage.budget.election import Election
from isopolis.engage.budget.outcome import Outcome
from isopolis.model import DataError
from isopolis.model.text import phrase

from .vote import run_vote
from .vote_names import rule_name

__all__ = ["COMPARED", "Audited", "audit_vote", "bundle_vote", "guarantees"]

Say = Callable[[str], None]
COMPARED = ("equal_shares", "greedy", "phragmen")
"""Rules that a result is compared with, beside the official outcome."""
OFFICIAL = "official"


@dataclass(frozen=True)
class Audited:
    """An audit, and what could not be compared.

    Parameters
    ----------
    audit : Audit
    notes : tuple of str
        Sentences about rules that gave no answer.
    """

    audit: Audit
    notes: tuple[str, ...]


def audit_vote(
    outcome: Outcome, *, rules: tuple[str, ...] = COMPARED, progress: Say | None = None
) -> Audited:
    """Audit an outcome beside the official one and other rules.

    Parameters
    ----------
    outcome : Outcome
    rules : tuple of str
        Rules to compare with, with the thresholds, ties and lot of the card.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Audited
    """
    say = progress or (lambda _: None)
    election, card = outcome.election, outcome.card
    others: dict[str, tuple[int, ...]] = {}
    notes: list[str] = []
    if election.official is not None:
        others[OFFICIAL] = election.official
    for rule in rules:
        if rule != outcome.rule:
            say(phrase("comparing with {rule}", rule=rule_name(rule)))
            plain = RuleCard(
                rule=rule,
                min_score=card.min_score,
                ties=card.ties,
                lot_seed=card.lot_seed,
                lot_order=card.lot_order,
            )
            _try(others, notes, rule, election, plain, say)
    without: dict[str, tuple[int, ...]] = {}
    for name, bare in guarantees(card).items():
        say(phrase("counting without: {guarantee}", guarantee=name))
        _try(without, notes, name, election, bare, say)
    say(phrase("auditing"))
    return Audited(audit(outcome, others, without=without), tuple(notes))


def _try(
    found: dict[str, tuple[int, ...]],
    notes: list[str],
    name: str,
    election: Election,
    card: RuleCard,
    say: Say,
) -> None:
    """Count under another card; a tie that nobody has drawn a lot for is a note."""
    try:
        found[name] = run_vote(election, card=card, progress=say).winners
    except DataError as error:
        why = error.problems[0].said()
        notes.append(phrase("There is no comparison with “{name}”: {why}", name=rule_name(name), why=why))


def guarantees(card: RuleCard) -> dict[str, RuleCard]:
    """Every guarantee of a card, and the card without it."""
    out: dict[str, RuleCard] = {}
    if card.attribute and card.shares:
        name = phrase("money by {attribute}", attribute=card.attribute)
        out[name] = replace(card, attribute="", shares={}, cap="")
    for i, floor in enumerate(card.floors):
        what = floor.place or floor.target or floor.label or f"{i + 1}"
        rest = card.floors[:i] + card.floors[i + 1 :]
        out[phrase("floor {money} for {what}", money=floor.money, what=what)] = replace(card, floors=rest)
    if card.min_score:
        out[phrase("minimum support of {n}", n=f"{card.min_score}")] = replace(card, min_score=0)
    if card.comparison != "none":
        name = phrase("comparison with {rule}", rule=rule_name(card.comparison))
        out[name] = replace(card, comparison="none")
    return out


def bundle_vote(outcome: Outcome, audited: Audited | None = None) -> dict[str, bytes]:
    """Make the public bundle of a result, with tables by group that may be shown where there is an audit."""
    from isopolis import __version__

    tables = audited.audit.tables if audited else None
    return make_bundle(outcome, version=__version__, tables=tables)
