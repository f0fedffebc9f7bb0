"""The desk of the city: the rules of the budget, ideas that wait, and each idea with its checks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from isopolis.web.actions import ValidationError
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module

from .access import address, budget_of, context_of, found, idea_of, settled
from .checks_actions import (
    AcceptIdea,
    AskRepair,
    CheckIdea,
    MergeIdea,
    RefuseIdea,
    ReopenIdea,
    lacking,
    latest,
)
from .forms import CheckForm, MergeForm, ReasonForm, RepairForm, RulesForm
from .models import Check, Idea
from .rules_actions import SaveRules
from .similar import similar

PER_PAGE = 30


@in_module("budget", "budget.manage")
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest, module: Module) -> HttpResponse:
    """Set the rules before the vote is opened."""
    budget = budget_of(module)
    form = RulesForm.of(budget, module, request.POST or None)
    if request.method == "POST":
        # what the form finds and what the rules find together stand on one page
        valid = form.is_valid()
        try:
            if valid:
                SaveRules(request.user, module.process.workspace, module, form.cleaned_data).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if valid:
                messages.success(request, _("The rules are kept."))
                return redirect(address(module, "budget_desk"))
    context = context_of(request, module, budget) | {
        "form": form, "stands": budget is not None and settled(budget)
    }  # fmt: skip
    return render(request, "modules/budget/settings.html", context)


@in_module("budget", "idea.check")
@require_GET
def desk(request: HttpRequest, module: Module) -> HttpResponse:
    """List the ideas that wait for the city, or those of any state."""
    budget = budget_of(module)
    context = context_of(request, module, budget)
    if budget is None:
        return render(request, "modules/budget/unset.html", context | {"desk": True})
    asked = request.GET.get("state", "")
    states = (asked,) if asked in Idea.PUBLIC else Idea.WAITING
    rows = budget.ideas.filter(state__in=states).order_by("number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    counts = dict(budget.ideas.values_list("state").annotate(n=Count("pk")).order_by())
    context |= {
        "page": page,
        "rows": [(i, *_progress(i)) for i in _with_checks(page.object_list)],
        "asked": {"state": asked if asked in Idea.PUBLIC else ""},
        "query": urlencode({"state": asked}) if asked in Idea.PUBLIC else "",
        "counts": [(s, name, counts.get(s, 0)) for s, name in Idea.State.choices if s in Idea.PUBLIC],
        "waiting": sum(counts.get(s, 0) for s in Idea.WAITING),
        "stands": settled(budget),
        "reported": budget.ideas.filter(notices__settled_at=None, notices__isnull=False).distinct().count(),
    }
    return render(request, "modules/budget/desk.html", context)


def _with_checks(ideas: Any) -> list[Idea]:
    return list(ideas.prefetch_related("checks"))


def _progress(idea: Idea) -> tuple[int, bool]:
    """How many of the checks were passed, and whether the time to repair is over."""
    last = {c.kind: c for c in sorted(idea.checks.all(), key=lambda c: (c.at, c.pk))}
    passed = sum(c.verdict == Check.Verdict.PASSED for c in last.values())
    over = idea.state == Idea.State.REPAIR and not idea.is_fresh(timezone.now())
    return passed, over


@in_module("budget", "idea.check")
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, module: Module, idea: int) -> HttpResponse:
    """Show an idea to those who check it, and take what they find or decide."""
    held = idea_of(module, idea, None)
    forms: dict[str, Any] = {
        "check": CheckForm(), "repair": RepairForm(prefix="repair"), "refuse": ReasonForm(prefix="refuse"),
        "merge": MergeForm(prefix="merge"), "reopen": ReasonForm(prefix="reopen"),
    }  # fmt: skip
    if request.method == "POST":
        name = next((n for n in _STEPS if n in request.POST), "check")
        form_of, action, done = _STEPS[name]
        form = forms[name] = form_of(request)
        if form is None or form.is_valid():
            try:
                action(request, module, held, form).run()
            except ValidationError as error:
                _told(request, form, error)
            else:
                messages.success(request, done())
                return redirect(address(module, "budget_check", held.number))
    return _check_page(request, module, held, forms)


def _told(request: HttpRequest, form: Any, error: ValidationError) -> None:
    if form is not None:
        form.add_error(None, error)
        return
    for told in error.messages:
        messages.error(request, told)


def _check_page(request: HttpRequest, module: Module, held: Idea, forms: dict[str, Any]) -> HttpResponse:
    held.refresh_from_db()
    held.budget = found(module)
    last = latest(held)
    context = context_of(request, module, held.budget) | {
        "idea": held,
        "zone": held.budget.zone_name(held.zone),
        "forms": forms,
        "results": [(name, last.get(kind)) for kind, name in Check.Kind.choices],
        "earlier": [c for c in held.checks.order_by("-at", "-pk") if c != last.get(c.kind)],
        "versions": list(held.versions.order_by("-until", "-pk")[:20]),
        "lacking": lacking(held),
        "alike": similar(held.budget, f"{held.title} {held.text}", held) if held.title else [],
        "open": held.state in Idea.WAITING,
        "stands": settled(held.budget),
        "on_paper": held.author is None or held.author.user_id is None,
    }
    return render(request, "modules/budget/check.html", context)


# what can be done with an idea: its form, its action, and what is said afterwards
def _checked(request: Any, module: Module, held: Idea, form: Any) -> CheckIdea:
    said = form.cleaned_data
    return CheckIdea(
        request.user, module.process.workspace, held, kind=said["kind"], verdict=said["verdict"],
        reasons=said["reasons"], cost=said["cost"],
    )  # fmt: skip


def _repair(request: Any, module: Module, held: Idea, form: Any) -> AskRepair:
    return AskRepair(
        request.user, module.process.workspace, held, until=form.until(), reason=form.cleaned_data["reason"]
    )  # fmt: skip


def _merged(request: Any, module: Module, held: Idea, form: Any) -> MergeIdea:
    said = form.cleaned_data
    into = held.budget.ideas.filter(Q(number=said["number"]), state__in=Idea.PUBLIC).first()
    return MergeIdea(request.user, module.process.workspace, held, into=into, reason=said["reason"])


def _accepted(request: Any, module: Module, held: Idea, _form: Any) -> AcceptIdea:
    return AcceptIdea(request.user, module.process.workspace, held)


def _refused(request: Any, module: Module, held: Idea, form: Any) -> RefuseIdea:
    return RefuseIdea(request.user, module.process.workspace, held, reason=form.cleaned_data["reason"])


def _reopened(request: Any, module: Module, held: Idea, form: Any) -> ReopenIdea:
    return ReopenIdea(request.user, module.process.workspace, held, reason=form.cleaned_data["reason"])


_STEPS: dict[str, Any] = {
    "check": (lambda r: CheckForm(r.POST), _checked, lambda: _("The check is published.")),
    "repair": (
        lambda r: RepairForm(r.POST, prefix="repair"), _repair,
        lambda: _("Whoever proposed it can mend it now, until the end of that day."),
    ),
    "merge": (lambda r: MergeForm(r.POST, prefix="merge"), _merged, lambda: _("The idea was merged.")),
    "accept": (lambda _r: None, _accepted, lambda: _("The idea is accepted.")),
    "refuse": (lambda r: ReasonForm(r.POST, prefix="refuse"), _refused, lambda: _("The idea is refused.")),
    "reopen": (
        lambda r: ReasonForm(r.POST, prefix="reopen"), _reopened,
        lambda: _("The idea is being checked again."),
    ),
}  # fmt: skip
