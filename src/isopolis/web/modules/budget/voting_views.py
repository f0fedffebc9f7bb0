"""What is voted on, for everybody; the list and the opening, for the officer."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.engage.budget.election import Project
from isopolis.web import ballots
from isopolis.web.actions import ValidationError
from isopolis.web.ballots.models import Vote
from isopolis.web.ballots.sheet import rules_of
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.permissions import may

from .access import address, found
from .models import Budget, Idea
from .voting_actions import ChooseProjects, OpenBudgetVote
from .voting_ballot import STATES, about, against_opening, in_order, price, tongue_of
from .voting_forms import ChooseForm, OpenForm
from .voting_rule import rule_name, words_of

__all__ = ["KIND", "base"]

KIND = "budget"


def base(request: HttpRequest, budget: Budget) -> dict[str, Any]:
    """Return what every page of the vote, the result and the delivery needs."""
    module, city, now = budget.module, budget.module.process.workspace, timezone.now()
    names = ("vote", "prepare", "result", "lost", "rules", "recount", "delivery", "delivery_feed", "mails")
    return {
        "budget": budget,
        "module": module,
        "process": module.process,
        "city": city,
        "vote": ballots.vote_of(module),
        "phases": [(p, p.stands(now)) for p in module.phases()],
        "manages": may(request.user, "budget.ballot", city),
        "urls": {n: address(module, f"budget_{n}") for n in names}
        | {
            f"ballot_{n}": address(module, f"ballot_{n}")
            for n in ("vote", "desk", "log", "receipt", "bundle")
        },
        "follows": budget.ideas.filter(won=True).exists(),
        "sends": bool(settings.OPTIONS["email_url"]),
        "deeper": True,
        "below": True,
    }


@in_module(KIND)
@require_GET
def vote(request: HttpRequest, module: Module) -> HttpResponse:
    """Show what is voted on, by which rule, and where to vote."""
    budget = found(module)
    context = base(request, budget)
    held = context["vote"]
    context |= {
        "places": _places(budget, held),
        "rule": rule_name((held.card if held else budget.card).get("rule", "equal_shares")),
        "rule_words": _rule(budget, held),
        "money": price(budget, budget.money),
        "ballot_rules": rules_of(held.question) if held else [],
        "open": may(request.user, "ballot.cast", context["city"], module, now=timezone.now()),
        "order": about(module).order if held else "",
    }
    return render(request, "modules/budget/vote_projects.html", context)


def _rule(budget: Budget, held: Vote | None) -> list[str]:
    """Say the rule of the vote, or the one that is planned."""
    return words_of(
        held.card if held else budget.card, lambda units: price(budget, units), budget.scale,
        budget.threshold,
    )  # fmt: skip


def _places(budget: Budget, held: Vote | None) -> list[tuple[str, list[tuple[Idea, str, str]]]]:
    """Return the projects by neighbourhood in the order of the ballot, each with its cost."""
    ideas = {i.project_id: i for i in budget.ideas.filter(state=Idea.State.ON_BALLOT)}
    for idea in ideas.values():
        idea.budget = budget
    rows = [Project(i.project_id, i.cost or 1, place=budget.zone_name(i.zone) if i.zone else "")
            for i in ideas.values()]  # fmt: skip
    ordered = list(held.question.projects) if held else in_order(rows, "")
    known = [p for p in ordered if p.id in ideas]
    return [
        (place, [_shown(budget, ideas[p.id]) for p in part])
        for place, part in groupby(known, key=lambda p: p.place)
    ]


def _shown(budget: Budget, idea: Idea) -> tuple[Idea, str, str]:
    """Return an idea with its cost and, where it is another one than that of the page, its language."""
    return idea, price(budget, idea.cost), tongue_of(idea.language)


@in_module(KIND, "budget.ballot")
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, module: Module) -> HttpResponse:
    """Choose what is on the ballot."""
    budget = found(module)
    form = _choose_form(budget, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            ChooseProjects(
                request.user, module.process.workspace, budget, form.numbers(), said["reason"]
            ).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The list was kept."))
            return redirect(address(module, "budget_prepare"))
    drawn = (budget.card or {}).get("lot_seed", "")
    return _prepare_page(request, budget, form, OpenForm(initial={"seed": drawn}))


def _choose_form(budget: Budget, sent: Any) -> ChooseForm:
    ideas = list(budget.ideas.filter(state__in=STATES).order_by("number"))
    # a title has its own direction, whatever stands around it
    choices = [
        (str(i.number), f"{i.number}. \u2068{i.title}\u2069 · {price(budget, i.cost) or '–'}") for i in ideas
    ]
    # before anything was chosen, everything that was accepted is
    on = [str(i.number) for i in ideas if i.state == Idea.State.ON_BALLOT] or [c[0] for c in choices]
    reason = next((i.reason for i in ideas if i.state == Idea.State.ACCEPTED and i.reason), "")
    return ChooseForm(choices, sent, initial={"projects": on, "reason": reason})


def _prepare_page(request: HttpRequest, budget: Budget, form: ChooseForm, opening: OpenForm) -> HttpResponse:
    context = base(request, budget)
    context |= {
        "form": form,
        "opening": opening,
        "chosen": budget.ideas.filter(state=Idea.State.ON_BALLOT).count(),
        "any": budget.ideas.filter(state__in=STATES).exists(),
        "missing": against_opening(budget),
        "money": price(budget, budget.money),
        "rule": rule_name((budget.card or {}).get("rule", "equal_shares")),
        "rule_words": _rule(budget, context["vote"]),
    }
    return render(request, "modules/budget/vote_prepare.html", context)


@in_module(KIND, "budget.ballot")
@require_POST
def open_vote(request: HttpRequest, module: Module) -> HttpResponse:
    """Open the vote."""
    budget, form = found(module), OpenForm(request.POST)
    if form.is_valid():
        try:
            OpenBudgetVote(request.user, module.process.workspace, budget, form.cleaned_data["seed"]).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The vote is opened. Now put people on the roll."))
            return redirect(address(module, "ballot_desk"))
    return _prepare_page(request, budget, _choose_form(budget, None), form)
