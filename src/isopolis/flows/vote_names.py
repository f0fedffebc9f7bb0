"""Rules of a vote by their names, and a rule card in sentences."""

from __future__ import annotations

from dataclasses import fields

from isopolis.engage.budget.card import RuleCard
from isopolis.engage.budget.outcome import Outcome
from isopolis.model.text import count, phrase

__all__ = ["RULE_NAMES", "card_words", "rule_name"]

RULE_NAMES = {
    "equal_shares": phrase("method of equal shares"),
    "phragmen": phrase("Phragmén's sequential rule"),
    "greedy": phrase("most votes first"),
    "greedy_stop": phrase("most votes first, ending at the first that does not fit"),
    "greedy_value": phrase("most votes per cost first"),
    "official": phrase("official outcome"),
}
WHAT = {
    "equal_shares": phrase(
        "Every voter has the same share of the budget. A project is funded when those who chose it can pay "
        "for it together out of their shares. The project that asks least of each of them comes first."
    ),
    "phragmen": phrase(
        "All voters are given money little by little, at the same pace. As soon as those who chose a "
        "project have enough for it together, it is funded and they have paid."
    ),
    "greedy": phrase(
        "The project with the most votes is funded first, then the next one. One that no longer fits into "
        "the budget is left out."
    ),
    "greedy_stop": phrase(
        "The project with the most votes is funded first, then the next one, until one no longer fits into "
        "the budget."
    ),
    "greedy_value": phrase(
        "The project with the most votes for its cost is funded first, then the next one. One that no "
        "longer fits into the budget is left out."
    ),
}
SAID = {
    "version", "rule", "utility", "completion", "fill", "comparison", "min_score", "ties", "lot_seed",
    "lot_order", "floors",
}  # fmt: skip
"""Fields of a card that `card_words` says in sentences."""


def rule_name(name: str) -> str:
    """Name a rule, or any outcome, in words; what has no name is its own."""
    return RULE_NAMES.get(name, name)


def card_words(outcome: Outcome) -> list[str]:
    """Say everything in the rule card that can change the outcome, a sentence each."""
    card, currency = outcome.card, outcome.election.currency
    said = [WHAT[card.rule], *_how(card)]
    if card.min_score:
        said.append(phrase(
            "A project needs at least {n} votes or points to be funded.", n=count(card.min_score)
        ))  # fmt: skip
    for floor in card.floors:
        money = f"{floor.money} {currency}".strip()
        where = floor.place or floor.target or phrase("some projects")
        said.append(phrase("{money} are kept for {where} first.", money=money, where=where))
    said += _ties(card)
    usual = RuleCard()
    other = [
        f"{f.name.replace('_', ' ')} = {_plain(getattr(card, f.name))}"
        for f in fields(card)
        if f.name not in SAID and getattr(card, f.name) != getattr(usual, f.name)
    ]
    if other:
        said.append(phrase("Other settings of the rule card: {fields}.", fields="; ".join(other)))
    return said


def _how(card: RuleCard) -> list[str]:
    said = []
    if card.rule == "equal_shares":
        said.append(
            phrase("A project counts for a voter by what it costs.")
            if card.utility == "cost"
            else phrase("Every project counts the same for a voter, whatever it costs.")
        )
        if card.completion == "add1":
            said.append(phrase(
                "Money that would be over goes to all voters: their shares rise step by step, as long as "
                "everything together costs no more than the budget."
            ))  # fmt: skip
    if card.fill != "none":
        said.append(phrase(
            "What is over in the end goes to the projects with the most votes that still fit."
        ))  # fmt: skip
    if card.comparison != "none":
        said.append(phrase(
            "Where more voters gain more by “most votes first” than lose by it, that outcome counts."
        ))  # fmt: skip
    return said


def _ties(card: RuleCard) -> list[str]:
    first = {
        "lower_cost": phrase("Between equals the one that costs less comes first."),
        "more_votes": phrase("Between equals the one with more votes comes first."),
    }
    said = [first[t] for t in card.ties]
    if card.lot_seed:
        said.append(phrase(
            "What is still equal is decided by a lot that was drawn in public and stands here: “{seed}”.",
            seed=card.lot_seed,
        ))  # fmt: skip
    elif card.lot_order:
        said.append(phrase("What is still equal is decided by a list that was drawn in public."))
    else:
        said.append(phrase(
            "What is still equal is decided by a lot, drawn in public after the vote is closed."
        ))  # fmt: skip
    return said


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    return ", ".join(f"{k}: {v}" for k, v in value.items()) if hasattr(value, "items") else str(value)
