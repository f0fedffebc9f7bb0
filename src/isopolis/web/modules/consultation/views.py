"""Pages of a consultation for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from isopolis.act import plan as act
from isopolis.web.actions import ValidationError
from isopolis.web.api.limits import network_of
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module, Participant
from isopolis.web.permissions import may, require
from isopolis.web.plans.showing import glance_of
from isopolis.web.plans.standing import label, words_of

from .actions import Answer, WithdrawPoint, questions_of
from .exports import as_csv, response_rows
from .forms import AnswerForm
from .limits import issued, too_fast
from .models import Consultation, Point

__all__ = ["base_context", "of_module"]

PER_PAGE = 20
COLUMNS = ("action", "point", "said_by", "decision", "why")
WHOLE = "plan"
"""In an address: the plan as a whole. No action has this id: those of the platform are a1, a2 and so on."""


def of_module(module: Module) -> Consultation | None:
    """Return the consultation of a module, None when its plan is not chosen yet."""
    found = Consultation.objects.filter(module=module).select_related("plan__workspace").first()
    if found is not None:
        found.module = module
    return found


def base_context(request: HttpRequest, module: Module) -> dict[str, Any]:
    """Return what every page needs."""
    now, city = timezone.now(), module.process.workspace
    return {
        "module": module,
        "process": module.process,
        "city": city,
        "phases": [(p, p.stands(now)) for p in module.phases()],
        "answer": may(request.user, "answer.add", city, module, now=now),
        "manages": may(request.user, "consultation.manage", city),
    }


def address(module: Module, name: str, *more: Any) -> str:
    """Address of a page of this module."""
    return reverse(name, args=[module.process.workspace.slug, module.process.number, module.pk, *more])


@in_module("consultation")
@require_GET
def consultation(request: HttpRequest, module: Module) -> HttpResponse:
    """Show what is asked; afterwards the answers of the city, and protected counts."""
    found, context = of_module(module), base_context(request, module)
    if found is None:
        return render(request, "consultation/unset.html", context)
    shown = act.read_plan(found.shown)
    actions = Paginator(
        [(a, address(module, "consultation_answer", a.id)) for a in shown.actions], PER_PAGE
    ).get_page(request.GET.get("page"))
    names = label(words_of(found.plan.workspace))
    context |= {
        "consultation": found,
        "shown": shown,
        "page": actions,
        "whole": address(module, "consultation_answer", WHOLE),
        "glance": glance_of(shown, names) if actions.number == 1 else None,
        "mine": _mine(request, found),
    }
    if found.published is not None:
        context |= {"responses": response_rows(found), "tallies": _tallies(found, shown)}
    return render(request, "consultation/consultation.html", context)


def _mine(request: HttpRequest, found: Consultation) -> Any:
    if not request.user.is_authenticated:
        return []
    mine = Point.objects.filter(consultation=found, author__user=request.user, withdrawn=False)
    return mine.order_by("-day", "pk")[:50]


def _tallies(found: Consultation, shown: act.Plan) -> list[tuple[str, Any, Any]]:
    """Return the protected counts for each action, as they were published."""
    counted = (found.published or {}).get("tallies", {})
    titles = [(a.id, f"{a.id}: {a.title}") for a in shown.actions] + [("", _("the plan as a whole"))]
    return [
        (title, counted[action]["stances"], counted[action]["people"])
        for action, title in titles
        if action in counted
    ]


@in_module("consultation")
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, module: Module, action: str) -> HttpResponse:
    """Take somebody's answer on one action, or on the plan as a whole; no account is needed."""
    found, name = of_module(module), "" if action == WHOLE else action
    if found is None:
        raise Http404
    one = act.read_plan(found.shown).action(name) if name else None
    questions = questions_of(found, name)
    if not questions or (name and one is None):
        raise Http404
    now, city = timezone.now(), module.process.workspace
    linkable = (
        request.user.is_authenticated
        and Participant.objects.filter(user=request.user, workspace=city).exists()
    )
    context = base_context(request, module) | {"action": one, "deeper": True}
    if request.method != "POST":
        form = AnswerForm(questions, sign=issued(now), linkable=linkable)
        return render(request, "consultation/answer.html", context | {"form": form})
    require(request.user, "answer.add", city, module, now=now)
    form = AnswerForm(questions, request.POST, linkable=linkable)
    if form.is_valid() and form.is_from_a_machine():
        # whoever fills in what people do not see is told nothing
        return redirect(module)
    if form.is_valid() and too_fast(form.cleaned_data["sign"], now):
        form.add_error(None, _("This came back very quickly, or very late. Please send it once more."))
        form.data = form.data.copy()
        form.data["sign"] = issued(now)
    if form.is_valid() and _taken(request, found, form):
        return redirect(module)
    return render(request, "consultation/answer.html", context | {"form": form})


def _taken(request: HttpRequest, found: Consultation, form: AnswerForm) -> bool:
    linked = bool(form.cleaned_data.get("linked"))
    # whoever does not want a link to the account leaves none in the log either
    actor = request.user if linked else AnonymousUser()
    change = Answer(
        actor, found.process.workspace, found, form.said(), linked, network_of(request),
    )  # fmt: skip
    try:
        change.run()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(
        request, _("Thank you. Your answer is not published by itself; the city answers every point.")
    )
    return True


@in_module("consultation", "own")
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, module: Module, point: Any) -> HttpResponse:
    """Ask, then take back an answer of one's own."""
    mine = get_object_or_404(Point.objects.select_related("author"), pk=point, consultation__module=module)
    if not mine.belongs_to(request.user):
        raise Http404
    if request.method == "POST":
        try:
            WithdrawPoint(request.user, module.process.workspace, mine).run()
            messages.success(request, _("Your answer was taken back."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect(module)
    context = base_context(request, module) | {"point": mine, "deeper": True}
    return render(request, "consultation/withdraw.html", context)


@in_module("consultation")
@require_GET
def responses(request: HttpRequest, module: Module) -> HttpResponse:
    """Give the table of responses as a file, once it is published."""
    found = of_module(module)
    if found is None or found.published is None:
        raise Http404
    answered = HttpResponse(as_csv(response_rows(found), COLUMNS), content_type="text/csv; charset=utf-8")
    answered["Content-Disposition"] = 'attachment; filename="responses.csv"'
    return answered
