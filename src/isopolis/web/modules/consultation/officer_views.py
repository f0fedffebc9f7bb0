"""Pages of a consultation for those who read and answer what people said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.act import plan as act
from isopolis.web.actions import ValidationError
from isopolis.web.modules.access import in_module
from isopolis.web.modules.models import Module
from isopolis.web.plans.models import ActionPlan
from isopolis.web.plans.views import page_context
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from .actions import ChoosePlan, OpenConsultation
from .exports import as_csv, rows
from .forms import AsideForm, ChooseForm, OfflineForm, OpenForm, QuestionForm, TopicForm
from .models import Consultation, Point, Question, Topic
from .publishing import standing
from .responses import (
    EditQuestion,
    EnterOffline,
    PublishAnswers,
    PutUnder,
    SetAside,
    WriteTopic,
    unanswered,
)
from .views import address, base_context, of_module

PER_PAGE = 20
COLUMNS = ("day", "channel", "action", "stance", "language", "text", "topic", "set_aside")
WEEKS = 6


@inside("consultation.manage")
@require_http_methods(["GET", "POST"])
def open_one(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Ask the public about a plan."""
    if number > 2**31:
        raise Http404
    row = get_object_or_404(ActionPlan, workspace=workspace, number=number)
    row.workspace = workspace
    today = timezone.localdate()
    initial = {
        "title": row.title[:160],
        "first": today,
        "last": today + timedelta(weeks=WEEKS) - timedelta(days=1),
    }
    form = OpenForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said, (start, end) = form.cleaned_data, form.span()
        change = OpenConsultation(
            request.user, workspace, said["title"], "consultation", start, row, said["description"], end
        )
        try:
            made = change.run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The consultation is public. It opens and closes by itself."))
            return redirect(made.module_set.get())
    return render(request, "consultation/open.html", page_context(request, row) | {"form": form})


def _context(request: HttpRequest, module: Module, found: Consultation) -> dict[str, Any]:
    return base_context(request, module) | {
        "consultation": found,
        "shown": act.read_plan(found.shown),
        "deeper": True,
        "urls": {
            n: address(module, f"consultation_{n}")
            for n in ("points", "sort", "offline", "topic_new", "publish", "export")
        },
    }


def _found(module: Module) -> Consultation:
    found = of_module(module)
    if found is None:
        raise Http404
    return found


def _tried(request: HttpRequest, change: Any, done: str) -> bool:
    """Run a change; say what came of it."""
    try:
        change.run()
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
        return False
    messages.success(request, done)
    return True


@in_module("consultation", "consultation.manage")
@require_http_methods(["GET", "POST"])
def manage(request: HttpRequest, module: Module) -> HttpResponse:
    """Show what people said and the topics; choose the plan where there is none yet."""
    found = of_module(module)
    if found is None:
        return _choose(request, module)
    left = unanswered(found).count()
    topics = Paginator(Topic.objects.filter(consultation=found).order_by("action", "pk"), PER_PAGE)
    page = topics.get_page(request.GET.get("page"))
    context = _context(request, module, found) | {
        "page": page,
        "topics": [
            (
                t,
                standing(found).filter(topic=t).count(),
                address(module, "consultation_topic", t.pk),
            )
            for t in page
        ],
        "left": left,
        "total": Point.objects.filter(consultation=found, withdrawn=False).count(),
        "questions": [
            (q, address(module, "consultation_question", q.pk))
            for q in Question.objects.filter(consultation=found)
        ],
    }
    return render(request, "consultation/manage.html", context)


def _choose(request: HttpRequest, module: Module) -> HttpResponse:
    city = module.process.workspace
    form = ChooseForm(ActionPlan.objects.filter(workspace=city).order_by("-number"), request.POST or None)
    if request.method == "POST" and form.is_valid():
        change = ChoosePlan(request.user, city, module, form.cleaned_data["plan"])
        if _tried(request, change, _("The plan is chosen.")):
            return redirect(address(module, "consultation_manage"))
    return render(
        request, "consultation/choose.html", base_context(request, module) | {"form": form, "deeper": True}
    )


@in_module("consultation", "consultation.manage")
@require_GET
def points(request: HttpRequest, module: Module) -> HttpResponse:
    """List single answers, those without an answer of the city unless all are asked for."""
    found = _found(module)
    everything = request.GET.get("all") == "1"
    listed = Point.objects.filter(consultation=found, withdrawn=False) if everything else unanswered(found)
    page = Paginator(listed.order_by("day", "pk").select_related("topic"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = _context(request, module, found) | {
        "page": page,
        "everything": everything,
        "points": [(p, address(module, "consultation_aside", p.pk)) for p in page],
        "topics": Topic.objects.filter(consultation=found).order_by("action", "pk"),
    }
    return render(request, "consultation/points.html", context)


@in_module("consultation", "consultation.manage")
@require_POST
def sort(request: HttpRequest, module: Module) -> HttpResponse:
    """Put the chosen points under a topic."""
    found = _found(module)
    numbers = [n for n in request.POST.getlist("point") if len(n) == 36][:PER_PAGE]
    try:
        chosen = list(Point.objects.filter(pk__in=numbers, consultation=found))
    except ValidationError:  # a number that is none
        raise Http404 from None
    topic = None
    if request.POST.get("topic", "").isdecimal():
        topic = get_object_or_404(Topic, pk=int(request.POST["topic"][:18]), consultation=found)
    change = PutUnder(request.user, module.process.workspace, found, topic, chosen)
    _tried(request, change, _("They are under the topic now."))
    return redirect(address(module, "consultation_points"))


@in_module("consultation", "consultation.manage")
@require_http_methods(["GET", "POST"])
def aside(request: HttpRequest, module: Module, point: Any) -> HttpResponse:
    """Say why a point needs no answer."""
    found = _found(module)
    one = get_object_or_404(Point, pk=point, consultation=found)
    form = AsideForm(request.POST or None, initial={"why": one.set_aside})
    if request.method == "POST" and form.is_valid():
        change = SetAside(request.user, module.process.workspace, found, one, form.cleaned_data["why"])
        if _tried(request, change, _("It was kept.")):
            return redirect(address(module, "consultation_points"))
    context = _context(request, module, found) | {"form": form, "point": one}
    return render(request, "consultation/aside.html", context)


@in_module("consultation", "consultation.manage")
@require_http_methods(["GET", "POST"])
def topic(request: HttpRequest, module: Module, pk: int = 0) -> HttpResponse:
    """Write a topic and its answer."""
    found = _found(module)
    one = get_object_or_404(Topic, pk=pk, consultation=found) if pk else None
    actions = act.read_plan(found.shown).actions
    names = ("action", "summary", "decision", "why")
    initial = {n: getattr(one, n) for n in names} if one else None
    form = TopicForm(actions, request.POST or None, initial)
    if request.method == "POST" and form.is_valid():
        change = WriteTopic(request.user, module.process.workspace, found, one, form.cleaned_data)
        try:
            change.run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The answer was kept. Everybody sees it once all are published."))
            return redirect(address(module, "consultation_manage"))
    context = _context(request, module, found) | {"form": form, "topic": one}
    return render(request, "consultation/topic.html", context)


@in_module("consultation", "consultation.manage")
@require_http_methods(["GET", "POST"])
def offline(request: HttpRequest, module: Module) -> HttpResponse:
    """Enter what came on paper, by telephone or at a meeting."""
    found = _found(module)
    form = OfflineForm(act.read_plan(found.shown).actions, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change = EnterOffline(request.user, module.process.workspace, found, **form.cleaned_data)
        try:
            change.run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("It was entered, and counts like any other answer."))
            return redirect(address(module, "consultation_offline"))
    return render(request, "consultation/offline.html", _context(request, module, found) | {"form": form})


@in_module("consultation", "consultation.manage")
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, module: Module, pk: int) -> HttpResponse:
    """Change what is asked."""
    found = _found(module)
    one = get_object_or_404(Question, pk=pk, consultation=found)
    form = QuestionForm(request.POST or None, initial={"text": one.text})
    if request.method == "POST" and form.is_valid():
        change = EditQuestion(request.user, module.process.workspace, found, one, form.cleaned_data["text"])
        try:
            change.run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The question was kept."))
            return redirect(address(module, "consultation_manage"))
    context = _context(request, module, found) | {"form": form, "question": one}
    return render(request, "consultation/question.html", context)


@in_module("consultation", "consultation.manage")
@require_POST
def publish(request: HttpRequest, module: Module) -> HttpResponse:
    """Publish the answers of the city."""
    found = _found(module)
    change = PublishAnswers(request.user, module.process.workspace, found)
    _tried(request, change, _("The answers are public, and stand in the plan."))
    return redirect(address(module, "consultation_manage"))


@in_module("consultation", "consultation.manage")
@require_GET
def export(request: HttpRequest, module: Module) -> HttpResponse:
    """Give the single answers as a file to those who answer them."""
    table = [{k: str(v) for k, v in row.items()} for row in rows(_found(module).module)]
    answered = HttpResponse(as_csv(table, COLUMNS), content_type="text/csv; charset=utf-8")
    answered["Content-Disposition"] = 'attachment; filename="answers.csv"'
    return answered
