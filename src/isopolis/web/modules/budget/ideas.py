"""Pages of ideas: what people proposed, proposing, changing, withdrawing; and what came on paper."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from isopolis.web.actions import ValidationError
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module, Participant
from isopolis.web.permissions import may

from .access import address, budget_of, context_of, found, idea_of
from .checks_actions import latest
from .forms import EnterForm, IdeaForm
from .ideas_actions import EditIdea, EnterIdea, HandIn, RepairForAuthor, WithdrawIdea
from .models import Budget, Check, Idea, Topic
from .similar import similar

PER_PAGE = 20
MINE_MOST = 50


# -- for everybody -----------------------------------------------------------------------------------------
@in_module("budget")
@require_GET
def ideas(request: HttpRequest, module: Module) -> HttpResponse:
    """List the ideas, by neighbourhood, topic and state, and one's own."""
    budget = budget_of(module)
    context = context_of(request, module, budget)
    if budget is None:
        return render(request, "modules/budget/unset.html", context)
    asked = {k: request.GET.get(k, "")[:80] for k in ("zone", "topic", "state")}
    rows = budget.ideas.filter(state__in=Idea.PUBLIC).select_related("author").order_by("-number")
    rows = _filtered(rows, asked)
    context |= {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "asked": asked,
        "query": urlencode({k: v for k, v in asked.items() if v}),
        "topics": Topic.choices,
        "states": [s for s in Idea.State.choices if s[0] in Idea.PUBLIC],
        "mine": _mine(request, budget),
        "add": may(request.user, "idea.add", module.process.workspace, module),
        # nobody is asked to sign in for something that is over
        "over": all(end <= timezone.now() for _start, end in module.windows("propose")),
        "shown_ideas": True,
    }
    return render(request, "modules/budget/ideas.html", context)


def _filtered(rows: Any, asked: dict[str, str]) -> Any:
    """Keep what was asked for; a value that is none of ours finds nothing."""
    if asked["zone"]:
        rows = rows.filter(zone="" if asked["zone"] == "-" else asked["zone"])
    if asked["topic"]:
        rows = rows.filter(topics__contains=f"|{asked['topic']}|")
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    return rows


def _mine(request: HttpRequest, budget: Budget) -> list[Idea]:
    if not request.user.is_authenticated:
        return []
    mine = budget.ideas.filter(author__user=request.user).exclude(state=Idea.State.WITHDRAWN)
    return list(mine.order_by("-number")[:MINE_MOST])


@in_module("budget")
@require_GET
def idea(request: HttpRequest, module: Module, idea: int) -> HttpResponse:
    """Show one idea: its text, what the city found, how it was changed."""
    held = idea_of(module, idea, request.user)
    city, now = module.process.workspace, timezone.now()
    context = context_of(request, module, held.budget)
    mine = held.belongs_to(request.user)
    context |= {
        "idea": held,
        "zone": held.budget.zone_name(held.zone),
        "mine": mine,
        # a hidden text is for those who decide about it, and for whoever wrote it
        "readable": held.hidden_at is None or mine or bool(context["moderates"]),
        "results": _results(held),
        "versions": list(held.versions.order_by("-until", "-pk")[:20]),
        "merged_here": [i for i in held.merged.order_by("number") if i.is_public],
        "decisions": list(held.decisions.order_by("pk")),
        "edit": may(request.user, "idea.edit", city, held, now=now),
        "report": may(request.user, "idea.report", city, held),
        "fresh": held.is_fresh(now),
    }
    return render(request, "modules/budget/idea.html", context)


def _results(held: Idea) -> list[tuple[Any, Check | None, list[Check]]]:
    """Return, for each kind of check, the last one and earlier ones."""
    last, rows = latest(held), list(held.checks.order_by("-at", "-pk"))
    return [
        (name, last.get(kind), [c for c in rows if c.kind == kind and c != last.get(kind)])
        for kind, name in Check.Kind.choices
    ]


# -- for whoever proposes ----------------------------------------------------------------------------------
@in_module("budget", "idea.add")
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, module: Module) -> HttpResponse:
    """Help to write an idea, show what is there already, and take it."""
    budget = found(module)
    return _write(request, module, budget, IdeaForm(budget, request.POST or None), None)


def _write(
    request: HttpRequest, module: Module, budget: Budget, form: IdeaForm, draft: Idea | None
) -> HttpResponse:
    known: list[Idea] = []
    if request.method == "POST" and form.is_valid():
        said, keep = form.cleaned_data, "draft" in request.POST
        if not keep and not said.get("seen"):
            known = similar(budget, f"{said['title']} {said['text']}", draft)
        if not known:
            action = HandIn(
                request.user, module.process.workspace, module, said, keep, draft, said.get("home_zone", "")
            )
            made = _tried(form, action)
            if made is not None:
                messages.success(request, _drafted() if keep else _handed_in())
                return redirect(made)
    return render(request, "modules/budget/write.html", _writing(request, module, budget, form, known))


def _drafted() -> str:
    return _("The draft is kept. Only you see it until you hand it in.")


def _handed_in() -> str:
    return _("Your idea is handed in. You can change it for an hour; then the city checks it.")


def _tried(form: Any, action: Any) -> Idea | None:
    """Run an action; put what is wrong into the form."""
    try:
        made: Idea = action.run()
    except ValidationError as error:
        form.add_error(None, error)
        return None
    return made


def _writing(
    request: HttpRequest, module: Module, budget: Budget, form: IdeaForm, known: list[Idea]
) -> dict[str, Any]:
    if known:
        # what was shown is not shown a second time: the same form now hands the idea in
        form.data = form.data.copy()
        form.data["seen"] = "1"
    named = Participant.objects.filter(user=request.user, workspace=module.process.workspace).exists()
    return context_of(request, module, budget) | {"form": form, "known": known, "named": named}


@in_module("budget", "own")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, module: Module, idea: int) -> HttpResponse:
    """Change a draft, an idea that was just handed in, or one that needs repair."""
    held = idea_of(module, idea, request.user)
    city, officer = module.process.workspace, not held.belongs_to(request.user)
    if officer and not may(request.user, "budget.manage", city, module):
        raise Http404
    if held.state == Idea.State.DRAFT:
        return _write(request, module, held.budget, IdeaForm.of(held, request.POST or None), held)
    form = IdeaForm.of(held, request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind = RepairForAuthor if officer else EditIdea
        repaired = held.state == Idea.State.REPAIR
        made = _tried(form, kind(request.user, city, held, fields=form.cleaned_data))
        if made is not None:
            done = _("The repair was sent to the city.") if repaired else _("The change was kept.")
            messages.success(request, done)
            return redirect(made)
    context = _writing(request, module, held.budget, form, [])
    return render(request, "modules/budget/write.html", context | {"idea": held, "officer": officer})


@in_module("budget", "own")
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, module: Module, idea: int) -> HttpResponse:
    """Ask once more, then withdraw an idea of one's own."""
    held = idea_of(module, idea, request.user)
    if not held.belongs_to(request.user):
        raise Http404
    context = context_of(request, module, held.budget) | {"idea": held}
    if request.method == "POST":
        try:
            WithdrawIdea(request.user, module.process.workspace, held).run()
        except ValidationError as error:
            context["wrong"] = error.messages
        else:
            messages.success(request, _("The idea is withdrawn, and its text is gone."))
            return redirect(module)
    return render(request, "modules/budget/withdraw.html", context)


# -- for the officer ---------------------------------------------------------------------------------------
@in_module("budget", "budget.manage")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, module: Module) -> HttpResponse:
    """Enter an idea that came on paper, at a meeting or through somebody who helps."""
    budget = found(module)
    form = EnterForm(budget, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        action = EnterIdea(
            request.user, module.process.workspace, module, said, said["channel"], said.get("home_zone", ""),
            not said["again"],
        )  # fmt: skip
        made = _tried(form, action)
        if made is not None:
            messages.success(request, _("The idea is kept under number %(n)s.") % {"n": made.number})
            return redirect(address(module, "budget_enter"))
    return render(request, "modules/budget/enter.html", context_of(request, module, budget) | {"form": form})
