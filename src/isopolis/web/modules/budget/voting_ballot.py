"""From accepted ideas to what stands on a ballot, in an order that nobody chose."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isopolis.engage.budget.election import Limits, Project
from isopolis.engage.ledger.ballot import Question
from isopolis.model import CallError, DataError
from isopolis.web.ballots.about import About, Sheet
from isopolis.web.ballots.models import Vote
from isopolis.web.languages import page_language, said
from isopolis.web.modules.models import Module

from .forms import LANGUAGES
from .models import Budget, Idea, unpacked
from .money import shown

__all__ = ["about", "against_opening", "card_of", "in_order", "price", "question_of", "tongue_of"]

SHORT = 280
"""Letters of a text on the ballot itself; the rest is one link away."""
STATES = (Idea.State.ACCEPTED, Idea.State.ON_BALLOT)


def price(budget: Budget, units: int | None) -> str:
    """Write an amount of a budget with its currency; nothing where there is none."""
    return shown(units, budget.scale, budget.currency)


def card_of(budget: Budget, seed: str) -> dict[str, Any]:
    """Return the rule card with the lot that was drawn."""
    return {**budget.card, "lot_seed": seed, "lot_order": []}


def in_order(projects: list[Project], seed: str) -> list[Project]:
    """Put places, and the projects of each, in the order of a lot.

    Each comes by the SHA-256 of the seed, what is ordered (``place`` or ``ballot``) and its name or id, a
    line each, so that anyone can repeat it. Ties are decided by another order out of the same seed.
    """

    def lot(what: str, name: str) -> bytes:
        return hashlib.sha256(f"{seed}\n{what}\n{name}".encode()).digest()

    return sorted(projects, key=lambda p: (lot("place", p.place), p.place, lot("ballot", p.id)))


def question_of(budget: Budget, seed: str) -> Question:
    """Make what is voted on out of the ideas that are on the ballot.

    Raises
    ------
    DataError, CallError
        With what makes no sense.
    """
    ideas = budget.ideas.filter(state=Idea.State.ON_BALLOT).order_by("number")
    projects = [
        Project(i.project_id, i.cost or 0, i.title, tuple(unpacked(i.topics)), (),
                budget.zone_name(i.zone) if i.zone else "")
        for i in ideas
    ]  # fmt: skip
    try:
        limits = Limits(**budget.limits)
    except TypeError as error:
        raise CallError(str(error)) from None
    return Question(
        name=budget.process.title, budget=budget.money, projects=tuple(in_order(projects, seed)),
        ballot=budget.ballot, limits=limits, min_score=budget.threshold, currency=budget.currency,
        scale=budget.scale,
    )  # fmt: skip


def against_opening(budget: Budget) -> list[str]:
    """Say everything that has to be done before the vote can be opened, but for the lot."""
    ideas = list(budget.ideas.filter(state__in=STATES).order_by("number"))
    chosen = [i for i in ideas if i.state == Idea.State.ON_BALLOT]
    wrong = []
    if not budget.money:
        wrong.append(_("Say how much money there is."))
    if len(chosen) < 2:
        wrong.append(_("Put at least two projects on the ballot."))
    unpriced = [str(i.number) for i in chosen if not i.cost]
    if unpriced:
        wrong.append(_("These projects have no cost yet: %(n)s.") % {"n": ", ".join(unpriced)})
    dear = [str(i.number) for i in chosen if i.cost and budget.money and i.cost > budget.money]
    if dear:
        wrong.append(_("These projects cost more than the whole budget: %(n)s.") % {"n": ", ".join(dear)})
    waiting = budget.ideas.filter(state__in=Idea.WAITING).count()
    if waiting:
        told = ngettext("%(n)s idea is still being checked.", "%(n)s ideas are still being checked.", waiting)
        wrong.append(told % {"n": waiting})
    if not budget.module.windows("vote"):
        wrong.append(_("Set the dates of the phase in which people vote."))
    return wrong + ([] if wrong else _nonsense(budget))


def _nonsense(budget: Budget) -> list[str]:
    try:
        question_of(budget, "")
    except DataError as error:
        return [said(p.said()) for p in error.problems]
    except CallError as error:
        return [said(error.args[0])]
    return []


def tongue_of(language: str) -> str:
    """Name a language in itself, where it is another one than that of the page."""
    return LANGUAGES.get(language, language) if language and language != page_language() else ""


def about(module: Module) -> Sheet:
    """Tell what stands on the ballot beside names and costs."""
    vote = Vote.objects.filter(module=module).values_list("card", flat=True).first() or {}
    rows = Idea.objects.filter(budget__module=module, state=Idea.State.ON_BALLOT, hidden_at=None)
    listed = rows.select_related("budget__module__process__workspace")
    told: Mapping[str, About] = {
        i.project_id: About(
            Truncator(i.text).chars(SHORT), i.language, i.get_absolute_url(), tongue_of(i.language)
        )
        for i in listed
    }
    order = _(
        "No order was chosen by anybody: places and projects stand as a public lot put them (“%(seed)s”)."
    )
    return Sheet(order % {"seed": vote.get("lot_seed", "")}, told)
