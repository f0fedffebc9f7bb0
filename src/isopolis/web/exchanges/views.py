"""Pages of exchanges: planned, checked by the rules, followed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.act.exchange import due, effect, facts_of, precheck, shipped, shipped_names, without_change
from isopolis.web.actions import Action, ValidationError
from isopolis.web.frames.actions import BeginSheet
from isopolis.web.frames.kept import word
from isopolis.web.languages import page_language, said
from isopolis.web.workspaces.access import allowed, inside
from isopolis.web.workspaces.models import Workspace

from . import actions as acts
from .forms import (
    CloseForm,
    EditForm,
    FactsForm,
    FollowForm,
    LessonForm,
    NewForm,
    PeerForm,
    StepsForm,
    VisitForm,
)
from .models import ExchangePlan

PER_PAGE = 30


def _one(workspace: Workspace, number: int) -> ExchangePlan:
    rows = ExchangePlan.objects.select_related("workspace", "form__workspace")
    return get_object_or_404(rows, workspace=workspace, number=number)


@inside("exchange.read")
@require_GET
def exchanges(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the exchanges, what is due, and those that changed nothing."""
    rows = ExchangePlan.objects.filter(workspace=workspace).select_related("workspace").order_by("-number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    whole = [(row, row.record()) for row in rows.prefetch_related("peers", "visits", "steps", "lessons")]
    idle = {id(r) for r in without_change([r for _row, r in whole], today)}
    reminders = sorted(
        ((r, row) for row, record in whole for r in due(record, today, page_language())),
        key=lambda p: p[0].day,
    )
    context = {
        "workspace": workspace,
        "page": page,
        "reminders": [(r, said(r.text), row) for r, row in reminders[:PER_PAGE]],
        "idle": [row for row, record in whole if id(record) in idle],
        "can": allowed(request, workspace, "exchange.manage"),
    }
    return render(request, "exchanges/list.html", context)


@inside("exchange.manage")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Plan an exchange."""
    form = NewForm(
        request.POST or None, initial={"started": timezone.localdate(), "kind": shipped_names()[0]}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        action = acts.PlanExchange(request.user, workspace, data["kind"], data["title"], data["started"])
        try:
            return redirect(action.run())
        except ValidationError as error:
            form.add_error(None, error)
    kinds = [(word(shipped(n).title), word(shipped(n).about)) for n in shipped_names()]
    return render(request, "exchanges/new.html", {"workspace": workspace, "form": form, "kinds": kinds})


@inside("exchange.read")
@require_GET
def exchange(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Show an exchange: the pre-check with reasons, peers, visits, steps, lessons, what is due."""
    row = _one(workspace, number)
    record, today = row.record(), timezone.localdate()
    verdict = precheck(record, today, page_language())
    dated = {d.step: d for d in record.steps}
    context = {
        "workspace": workspace,
        "row": row,
        "workflow": record.workflow,
        "kind": word(record.workflow.title),
        "about": word(record.workflow.about),
        "verdict": verdict,
        "answer": ANSWERS[str(verdict.answer)] if verdict else "",
        "rules": [
            {
                "answer": ANSWERS[str(v.answer)],
                "state": str(v.answer),
                "reason": said(v.reason),
                "source": v.rule.source,
                "soft": not v.rule.hard,
                "proposal": v.rule.status == "proposal",
            }
            for v in (verdict.rules if verdict else ())
        ],
        "todo": [said(t) for t in (verdict.todo if verdict else ())],
        "steps": [(word(s.title), dated.get(s.id)) for s in record.workflow.steps],
        "peers": row.peers.order_by("pk"),
        "visits": row.visits.order_by("start", "pk"),
        "lessons": [_lesson(lesson) for lesson in row.lessons.order_by("pk")],
        "reminders": [(r, said(r.text)) for r in due(record, today, page_language())],
        "can": allowed(request, workspace, "exchange.manage"),
    }
    return render(request, "exchanges/exchange.html", context)


class _Answers(dict[str, Any]):
    """Words for the answers of rules, in the language of the page."""

    def __getitem__(self, key: str) -> str:
        words = {
            "yes": _("met"),
            "no": _("not met"),
            "unknown": _("not known yet"),
            "not applicable": _("does not apply"),
            "not in force": _("not in force"),
        }
        return words[key]


ANSWERS = _Answers()


def _lesson(lesson: Any) -> dict[str, Any]:
    found = effect(lesson.record())
    return {"row": lesson, "says": said(found.says), "state": found.state}


# -- changes --------------------------------------------------------------------------------------------
def _asked(
    request: HttpRequest, row: ExchangePlan, form: Any, action: Any, title: str, done: str, note: str = ""
) -> HttpResponse:
    """Show a form; when it is sent, run the action made of it."""
    if request.method == "POST" and form.is_valid():
        try:
            action(form).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, done)
            return redirect(row)
    context = {"workspace": row.workspace, "row": row, "form": form, "title": title, "note": note}
    return render(request, "exchanges/form.html", context)


@inside("exchange.manage")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Change title and questions."""
    row = _one(workspace, number)
    initial = {"title": row.title} | {f"question_{n}": q for n, q in enumerate(row.questions, 1)}
    form = EditForm(row.workflow(), request.POST or None, initial=initial)

    def action(sent: EditForm) -> Action:
        return acts.EditExchange(request.user, workspace, row, sent.cleaned_data["title"], sent.questions)

    return _asked(request, row, form, action, _("Title and questions"), _("The change was kept."))


@inside("exchange.manage")
@require_http_methods(["GET", "POST"])
def facts(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """State the facts that the rules ask for."""
    row = _one(workspace, number)
    if not row.workflow().rules:
        raise Http404
    record = row.record()
    told = set(facts_of(record)) - set(record.stated)
    form = FactsForm(row.workflow(), told, request.POST or None, initial=_shown(row.stated))

    def action(sent: FactsForm) -> Action:
        return acts.StateFacts(request.user, workspace, row, sent.facts)

    note = _(
        "What the plan tells by itself, such as peers and visits, is not asked. Leave open what is not known."
    )
    return _asked(request, row, form, action, _("Facts for the rules"), _("The facts are kept."), note)


def _shown(stated: dict[str, Any]) -> dict[str, Any]:
    words = {True: "yes", False: "no"}
    return {k: words[v] if isinstance(v, bool) else v for k, v in stated.items()}


@inside("exchange.manage")
@require_http_methods(["GET", "POST"])
def steps(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Set the days of the steps."""
    row = _one(workspace, number)
    initial: dict[str, Any] = {}
    for step in row.steps.all():
        initial |= {f"{step.step}-planned": step.planned, f"{step.step}-done": step.done}
    form = StepsForm(row.workflow(), request.POST or None, initial=initial)

    def action(sent: StepsForm) -> Action:
        return acts.DateSteps(request.user, workspace, row, sent.dates)

    return _asked(request, row, form, action, _("Days of the steps"), _("The days are kept."))


@inside("exchange.manage")
@require_http_methods(["GET", "POST"])
def add_peer(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Add a city."""
    row = _one(workspace, number)

    def action(sent: PeerForm) -> Action:
        return acts.AddPeer(request.user, workspace, row, **sent.cleaned_data)

    return _asked(
        request, row, PeerForm(request.POST or None), action, _("Add a city"), _("The city was added.")
    )


@inside("exchange.manage")
@require_http_methods(["GET", "POST"])
def add_visit(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Add a visit."""
    row = _one(workspace, number)

    def action(sent: VisitForm) -> Action:
        return acts.AddVisit(request.user, workspace, row, **sent.cleaned_data)

    return _asked(
        request, row, VisitForm(request.POST or None), action, _("Add a visit"), _("The visit was added.")
    )


@inside("exchange.manage")
@require_http_methods(["GET", "POST"])
def add_lesson(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Write down what was learnt."""
    row = _one(workspace, number)
    form = LessonForm(request.POST or None, initial={"learnt": timezone.localdate()})

    def action(sent: LessonForm) -> Action:
        return acts.AddLesson(request.user, workspace, row, **sent.cleaned_data)

    return _asked(request, row, form, action, _("What was learnt"), _("The lesson is kept."))


@inside("exchange.manage")
@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest, workspace: Workspace, number: int, pk: int) -> HttpResponse:
    """Record what came of a lesson."""
    row = _one(workspace, number)
    lesson = get_object_or_404(row.lessons, pk=pk)
    initial = {
        "text": lesson.change,
        "changed": lesson.changed,
        "before": lesson.before["ref"] if lesson.before else "",
        "after": lesson.after["ref"] if lesson.after else "",
    }

    def action(sent: FollowForm) -> Action:
        return acts.ChangeLesson(request.user, workspace, row, lesson, **sent.cleaned_data)

    form = FollowForm(request.POST or None, initial=initial)
    return _asked(request, row, form, action, _("What came of it"), _("It is kept."), lesson.text)


@inside("exchange.manage")
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """End an exchange, or take it up again."""
    row = _one(workspace, number)
    if request.method == "POST" and "open" in request.POST:
        acts.CloseExchange(request.user, workspace, row, None).run()
        return redirect(row)
    form = CloseForm(request.POST or None, initial={"day": row.closed or timezone.localdate()})

    def action(sent: CloseForm) -> Action:
        return acts.CloseExchange(request.user, workspace, row, sent.cleaned_data["day"])

    return _asked(request, row, form, action, _("End the exchange"), _("The exchange has ended."))


@inside("exchange.manage")
@require_POST
def begin_form(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Begin the questionnaire that prepares the form of the programme."""
    row = _one(workspace, number)
    frame = row.workflow().form
    if not frame:
        raise Http404
    try:
        with transaction.atomic():
            # a second click waits here, and finds what the first one began
            made = ExchangePlan.objects.select_for_update().get(pk=row.pk).form
            if made is None:
                made = BeginSheet(request.user, workspace, frame, row.title).run()
                acts.LinkForm(request.user, workspace, row, made).run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(row)
    return redirect(made)


def _removed(request: HttpRequest, row: ExchangePlan, action: Action) -> HttpResponse:
    try:
        action.run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("It was taken away."))
    return redirect(row)


@inside("exchange.manage")
@require_POST
def remove_peer(request: HttpRequest, workspace: Workspace, number: int, pk: int) -> HttpResponse:
    """Take a city away."""
    row = _one(workspace, number)
    part = get_object_or_404(row.peers, pk=pk)
    return _removed(request, row, acts.RemovePeer(request.user, workspace, row, part))


@inside("exchange.manage")
@require_POST
def remove_visit(request: HttpRequest, workspace: Workspace, number: int, pk: int) -> HttpResponse:
    """Take a visit away."""
    row = _one(workspace, number)
    part = get_object_or_404(row.visits, pk=pk)
    return _removed(request, row, acts.RemoveVisit(request.user, workspace, row, part))
