"""A rule card in plain words: what counts, why, and what happens between equals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isopolis.engage.budget.card import RuleCard

__all__ = ["NAMES", "rule_name", "words_of"]

NAMES = {
    "equal_shares": gettext_lazy("Method of equal shares"),
    "phragmen": gettext_lazy("Phragmén's sequential rule"),
    "greedy": gettext_lazy("Most votes first"),
    "greedy_stop": gettext_lazy("Most votes first, ending at the first that does not fit"),
    "greedy_value": gettext_lazy("Most votes for the money first"),
}
WHAT = {
    "equal_shares": gettext_lazy(
        "Every voter has the same share of the budget. A project is funded when those who chose it can pay "
        "for it together out of their shares. The project that asks least of each of them comes first."
    ),
    "phragmen": gettext_lazy(
        "All voters are given money little by little, at the same pace. As soon as those who chose a "
        "project have enough for it together, it is funded and they have paid."
    ),
    "greedy": gettext_lazy(
        "The project with the most votes is funded first, then the next one. One that no longer fits into "
        "the budget is left out."
    ),
    "greedy_stop": gettext_lazy(
        "The project with the most votes is funded first, then the next one, until one no longer fits into "
        "the budget."
    ),
    "greedy_value": gettext_lazy(
        "The project with the most votes for its cost is funded first, then the next one. One that no "
        "longer fits into the budget is left out."
    ),
}
WHY = {
    "equal_shares": gettext_lazy(
        "Why: people who agree decide about their part of the money, and nobody decides about all of it."
    ),
    "phragmen": gettext_lazy(
        "Why: whoever has paid for a project waits until the others have had something, too."
    ),
}
WHY_NOT = gettext_lazy(
    "This is easy to follow. But people who vote alike can decide about the whole budget, and the others "
    "about nothing."
)


def rule_name(rule: str) -> Any:
    """Name a rule in words; anything else is its own name."""
    return NAMES.get(rule, rule)


def words_of(plain: Mapping[str, Any], money: Callable[[int], str], scale: int, least: int = 0) -> list[str]:
    """Say everything that can change the outcome, a sentence each.

    Parameters
    ----------
    plain : mapping
        The rule card as plain JSON.
    money : callable
        Units → text.
    scale : int
        Units to one of the currency.
    least : int
        Smallest score with which a project may be funded, where the card leaves it to the vote.
    """
    card = RuleCard.from_dict(plain)
    said = [str(WHAT[card.rule]), str(WHY.get(card.rule, WHY_NOT))]
    said += _how(card)
    needed = least if card.min_score is None else card.min_score
    if needed:
        said.append(_("A project needs at least %(n)s votes or points to be funded.") % {"n": needed})
    for floor in card.floors:
        where = floor.place or floor.target or _("some projects")
        kept = {"money": money(round(float(floor.money) * scale)), "where": where}
        said.append(_("%(money)s are kept for %(where)s first.") % kept)
    return [*said, *_ties(card)]


def _how(card: RuleCard) -> list[str]:
    said = []
    if card.rule == "equal_shares":
        said.append(
            _("A project counts for a voter by what it costs.")
            if card.utility == "cost"
            else _("Every project counts the same for a voter, whatever it costs.")
        )
        if card.completion == "add1":
            said.append(
                _("Money that would be over goes to all voters: their shares rise step by step, as long as "
                  "everything together costs no more than the budget.")
            )  # fmt: skip
    if card.fill != "none":
        said.append(_("What is over in the end goes to the projects with the most votes that still fit."))
    if card.comparison != "none":
        said.append(
            _("Where more voters gain more by “most votes first” than lose by it, that outcome counts.")
        )
    return said


def _ties(card: RuleCard) -> list[str]:
    first = {
        "lower_cost": _("Between equals the one that costs less comes first."),
        "more_votes": _("Between equals the one with more votes comes first."),
    }
    said = [first[t] for t in card.ties]
    if card.lot_seed:
        told = _(
            "What is still equal is decided by a lot that was drawn in public and stands here: “%(seed)s”."
        )
        return [*said, told % {"seed": card.lot_seed}]
    if card.lot_order:
        return [*said, _("What is still equal is decided by a list that was drawn in public.")]
    return [*said, _("What is still equal is decided by a lot, drawn in public after the vote is closed.")]
