"""Pages of moderation: reporting, the queue, deciding, appealing, and the public log."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from isopolis.web.actions import ValidationError
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module

from .access import address, context_of, found, idea_of
from .forms import AppealForm, ModerateForm, NoticeForm
from .models import Decision, HouseRule, Idea
from .moderation_actions import AppealIdea, HideIdea, KeepIdea, ReportIdea, RestoreIdea

PER_PAGE = 30


@in_module("budget")
@require_GET
def log(request: HttpRequest, module: Module) -> HttpResponse:
    """Show everybody what was hidden and shown again, by which rule, and why."""
    budget = found(module)
    rows = Decision.objects.filter(idea__budget=budget).select_related("idea").order_by("-pk")
    context = context_of(request, module, budget) | {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "house_rules": HouseRule.labels,
    }
    return render(request, "modules/budget/log.html", context)


@in_module("budget", "own")
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, module: Module, idea: int) -> HttpResponse:
    """Take a report of an idea."""
    held = idea_of(module, idea, None)
    form = NoticeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        action = ReportIdea(
            request.user, module.process.workspace, held, rule=said["rule"], text=said["text"]
        )  # fmt: skip
        if _tried(form, action):
            messages.success(request, _("Thank you. A moderator will look at it."))
            return redirect(held)
    context = context_of(request, module, held.budget) | {"idea": held, "form": form}
    return render(request, "modules/budget/report.html", context)


def _tried(form: Any, action: Any) -> bool:
    try:
        action.run()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@in_module("budget", "own")
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, module: Module, idea: int) -> HttpResponse:
    """Let whoever wrote a hidden idea ask for it to be shown again."""
    held = idea_of(module, idea, request.user)
    if not held.belongs_to(request.user):
        raise Http404
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if _tried(form, AppealIdea(request.user, module.process.workspace, held, text=said["text"])):
            messages.success(request, _("You will read here what was decided."))
            return redirect(held)
    context = context_of(request, module, held.budget) | {"idea": held, "form": form}
    return render(request, "modules/budget/appeal.html", context)


@in_module("budget", "idea.moderate")
@require_GET
def queue(request: HttpRequest, module: Module) -> HttpResponse:
    """List ideas that were reported or are hidden, those with the most open reports first."""
    budget = found(module)
    waiting = Count("notices", filter=Q(notices__settled_at=None))
    rows = budget.ideas.filter(state__in=Idea.PUBLIC).annotate(waiting=waiting)
    rows = rows.filter(Q(waiting__gt=0) | Q(hidden_at__isnull=False)).order_by("-waiting", "number")
    context = context_of(request, module, budget) | {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    }  # fmt: skip
    return render(request, "modules/budget/queue.html", context)


@in_module("budget", "idea.moderate")
@require_http_methods(["GET", "POST"])
def moderate(request: HttpRequest, module: Module, idea: int) -> HttpResponse:
    """Show an idea with what was said about it, and take the decision."""
    held = idea_of(module, idea, None)
    form = ModerateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kinds = {"hide": HideIdea, "restore": RestoreIdea, "keep": KeepIdea}
        kind = next((k for name, k in kinds.items() if name in request.POST), KeepIdea)
        said = form.cleaned_data
        action = kind(
            request.user, module.process.workspace, held, rule=said["rule"], reason=said["reason"]
        )  # fmt: skip
        if _tried(form, action):
            messages.success(request, _("The decision is kept, and stands in the public log."))
            return redirect(address(module, "budget_queue"))
    held.refresh_from_db()
    held.budget = found(module)
    context = context_of(request, module, held.budget) | {
        "idea": held,
        "form": form,
        "notices": list(held.notices.order_by(F("settled_at").asc(nulls_first=True), "pk")[:100]),
        "decisions": list(held.decisions.order_by("pk")),
        "waiting": held.notices.filter(settled_at=None).exists(),
    }
    return render(request, "modules/budget/moderate.html", context)
