"""What became of the projects that won: for everybody, with a feed to follow; steps for the officer."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from isopolis.web.actions import ValidationError
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.permissions import may

from .access import address, found
from .delivery_actions import SaveStep
from .delivery_forms import StepForm
from .delivery_standing import STANDS, Standing, standing_of
from .models import Budget, Idea, Milestone
from .voting_ballot import price
from .voting_views import KIND, base

PER_PAGE = 20
IN_FEED = 50


def _won(budget: Budget, **more: Any) -> list[Standing]:
    """Return the funded projects and how each stands."""
    today = timezone.localdate()
    ideas = list(budget.ideas.filter(won=True, **more).prefetch_related("milestones").order_by("number"))
    for idea in ideas:
        idea.budget = budget
    return [standing_of(i, list(i.milestones.all()), today) for i in ideas]


def _context(request: HttpRequest, budget: Budget) -> dict[str, Any]:
    city = budget.module.process.workspace
    return base(request, budget) | {
        "delivers": may(request.user, "delivery.manage", city),
        "whole": _counted(budget),
    }


def _counted(budget: Budget) -> bool:
    """Tell whether the result page has reasons and tables."""
    kept = getattr(budget, "result", None)
    return bool(kept is not None and kept.told.get("projects"))


def _row(budget: Budget, one: Standing) -> dict[str, Any]:
    return {
        "one": one,
        "idea": one.idea,
        "cost": price(budget, one.idea.cost),
        "spent": price(budget, one.spent),
        "place": budget.zone_name(one.idea.zone) if one.idea.zone else "",
        "address": address(budget.module, "budget_built", one.idea.number),
    }


@in_module(KIND)
@require_GET
def delivery(request: HttpRequest, module: Module) -> HttpResponse:
    """Show how far everything is that was funded."""
    budget = found(module)
    rows = _won(budget)
    if not rows:
        raise Http404
    counts = Counter(r.stands for r in rows)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = _context(request, budget) | {
        "page": page,
        "rows": [_row(budget, r) for r in page],
        "counts": [(STANDS[key], counts[key]) for key in STANDS if counts[key]],
        "granted": price(budget, sum(r.idea.cost or 0 for r in rows)),
        "spent": price(budget, sum(r.spent for r in rows)),
        "all": len(rows),
        "built": counts["built"],
    }
    return render(request, "modules/budget/delivery_page.html", context)


def _one(budget: Budget, number: int) -> Standing:
    rows = _won(budget, number=number)
    if not rows:
        raise Http404
    return rows[0]


@in_module(KIND)
@require_GET
def built(request: HttpRequest, module: Module, project: int) -> HttpResponse:
    """Show the steps of one project."""
    budget = found(module)
    one = _one(budget, project)
    steps = [
        (
            s,
            price(budget, s.row.spent) if s.row.spent else "",
            address(module, "budget_step", project, s.row.pk),
        )
        for s in one.steps
    ]
    context = _context(request, budget) | {
        **_row(budget, one), "steps": steps, "new": address(module, "budget_step_new", project),
        "outcome": address(module, "budget_outcome", project),
    }  # fmt: skip
    return render(request, "modules/budget/delivery_project.html", context)


@in_module(KIND, "delivery.manage")
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, module: Module, project: int, step: int | None = None) -> HttpResponse:
    """Plan a step, or say how far one is."""
    budget = found(module)
    idea = _one(budget, project).idea
    row = None
    if step is not None:
        row = Milestone.objects.filter(pk=step, idea=idea).first()
        if row is None:
            raise Http404
    sent = request.POST if request.method == "POST" else None
    form = StepForm(budget, sent) if row is None else StepForm.of(budget, row, sent)
    if sent is not None and form.is_valid() and _saved(request, budget, idea, row, form):
        messages.success(request, _("The step was kept."))
        return redirect(address(module, "budget_built", project))
    context = _context(request, budget) | {
        "form": form, "idea": idea, "back": address(module, "budget_built", project), "row": row,
    }  # fmt: skip
    return render(request, "modules/budget/delivery_step.html", context)


def _saved(request: HttpRequest, budget: Budget, idea: Idea, row: Milestone | None, form: StepForm) -> bool:
    got = form.cleaned_data
    try:
        SaveStep(
            request.user, budget.module.process.workspace, budget, idea, got["what"], got["planned_on"],
            got["state"], got["reached_on"], got["spent"], got["note"], row,
        ).run()  # fmt: skip
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@in_module(KIND)
@require_GET
def feed(request: HttpRequest, module: Module) -> HttpResponse:
    """Give the newest steps to feed readers: following needs no account and leaves nothing here."""
    budget = found(module)
    rows = Milestone.objects.filter(idea__budget=budget, idea__won=True, changed_at__isnull=False)
    newest = list(rows.select_related("idea").order_by("-changed_at", "-pk")[:IN_FEED])
    if not newest and not budget.ideas.filter(won=True).exists():
        raise Http404
    there = request.build_absolute_uri(address(module, "budget_delivery"))
    out = Atom1Feed(
        title=f"{_('What became of it')}: {module.process.title}", link=there, description="",
        language=get_language() or "en", feed_url=request.build_absolute_uri(),
    )  # fmt: skip
    states = dict(Milestone.State.choices)
    for row in newest:
        where = request.build_absolute_uri(address(module, "budget_built", row.idea.number))
        out.add_item(
            title=f"{row.idea.title}: {row.what} ({states[row.state]})", link=where, description=row.note,
            unique_id=f"{where}#{row.pk}-{row.state}", updateddate=row.changed_at, pubdate=row.changed_at,
        )  # fmt: skip
    return HttpResponse(out.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
