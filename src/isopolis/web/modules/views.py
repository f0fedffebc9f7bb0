"""Pages of processes: for everybody, and for the officer who runs them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.web.actions import ValidationError
from isopolis.web.permissions import may
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from .access import in_process
from .actions import ArchiveProcess, CreateProcess, DatePhases, EditProcess, PublishProcess, TakePart
from .blueprints import BLUEPRINTS
from .forms import NewProcessForm, PhaseForm, ProcessForm, TakePartForm
from .models import Module, Participant, Process
from .readiness import missing

PER_PAGE = 20


# -- for everybody -----------------------------------------------------------------------------------------
@require_GET
def take_part(request: HttpRequest) -> HttpResponse:
    """List the public processes of every city on this server."""
    shown = (
        Process.objects.filter(state=Process.State.PUBLISHED, workspace__archived_at=None)
        .select_related("workspace")
        .order_by("-published_at", "-pk")
    )
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "modules/take_part.html", {"page": page})


@require_GET
def city_processes(request: HttpRequest, slug: str) -> HttpResponse:
    """List what a city asks; a city that asks nothing is no different from one that does not exist."""
    shown = (
        Process.objects.filter(workspace__slug=slug)
        .exclude(state=Process.State.DRAFT)
        .select_related("workspace")
        .order_by("state", "-published_at", "-pk")
    )
    if not shown:
        raise Http404
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "modules/take_part.html", {"page": page, "city": shown[0].workspace})


@in_process()
@require_GET
def process(request: HttpRequest, process: Process) -> HttpResponse:
    """Show what a process is about, its phases, and which of them is open."""
    now = timezone.now()
    joined = (
        request.user.is_authenticated
        and Participant.objects.filter(user=request.user, workspace=process.workspace).exists()
    )
    context = {
        "process": process,
        "modules": [(m, timeline(m, now)) for m in process.modules()],
        "join": may(request.user, "process.join", process.workspace, process, now=now),
        "joined": joined,
        "manages": may(request.user, "process.manage", process.workspace),
    }
    return render(request, "modules/process.html", context)


def timeline(module: Module, now: Any) -> list[tuple[Any, str]]:
    """Return the phases of a module and how each stands."""
    return [(phase, phase.stands(now)) for phase in module.phases()]


@in_process("process.join")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, process: Process) -> HttpResponse:
    """Ask for a name and let somebody take part."""
    mine = Participant.objects.filter(user=request.user, workspace=process.workspace).first()
    form = TakePartForm(request.POST or None, initial={"shown_as": mine.shown_as if mine else ""})
    if request.method == "POST" and form.is_valid():
        try:
            TakePart(request.user, process.workspace, process, form.cleaned_data["shown_as"]).run()
        except ValidationError as error:
            form.add_error("shown_as", error)
        else:
            messages.success(request, _("You take part. Others see you under the name that you chose."))
            return redirect(process)
    return render(request, "modules/join.html", {"process": process, "form": form, "mine": mine})


# -- for the officer ---------------------------------------------------------------------------------------
@inside("process.manage")
@require_GET
def manage_list(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List every process of the workspace, drafts first."""
    rows = Process.objects.filter(workspace=workspace).order_by("-number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "modules/manage_list.html", {"workspace": workspace, "page": page})


@inside("process.manage")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Draft a process from a blueprint."""
    form = NewProcessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            start = monday(timezone.now())
            made = CreateProcess(request.user, workspace, said["title"], said["blueprint"], start).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The draft is there. Say what it is about, and look at the dates."))
            return redirect("process_manage", workspace.slug, made.number)
    context = {"workspace": workspace, "form": form, "blueprints": BLUEPRINTS}
    return render(request, "modules/new.html", context)


def monday(now: datetime) -> datetime:
    """Return the beginning of a week that leaves at least seven days to prepare."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=7 + (7 - midnight.weekday()) % 7)


@inside("process.manage")
@require_http_methods(["GET", "POST"])
def manage(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Show a process to its officer: what is missing, its text, its dates, its state."""
    process = get_object_or_404(Process, workspace=workspace, number=number)
    process.workspace = workspace
    form = ProcessForm(
        request.POST if "title" in request.POST else None,
        initial={"title": process.title, "description": process.description},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            EditProcess(request.user, workspace, process, said["title"], said["description"]).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The text was kept."))
            return redirect("process_manage", workspace.slug, number)
    return _manage_page(request, process, form)


def _manage_page(
    request: HttpRequest, process: Process, form: ProcessForm, dates: dict[int, Any] | None = None
) -> HttpResponse:
    now = timezone.now()
    forms = dates or {}
    modules = [
        (m, [(p, p.stands(now), forms.get(p.pk) or PhaseForm.of(p)) for p in m.phases()])
        for m in process.modules()
    ]
    context = {
        "workspace": process.workspace,
        "process": process,
        "form": form,
        "modules": modules,
        "missing": missing(process, now),
    }
    return render(request, "modules/manage.html", context)


@inside("process.manage")
@require_POST
def dates(request: HttpRequest, workspace: Workspace, number: int, module: int) -> HttpResponse:
    """Keep the dates of a module's phases."""
    process = get_object_or_404(Process, workspace=workspace, number=number)
    process.workspace = workspace
    found = get_object_or_404(Module, pk=module, process=process)
    forms = {p.pk: PhaseForm.of(p, request.POST) for p in found.phases()}
    text = ProcessForm(initial={"title": process.title, "description": process.description})
    if not all([form.is_valid() for form in forms.values()]):  # noqa: C419 - each form is to say what is wrong
        return _manage_page(request, process, text, forms)
    spans = {pk: form.span() for pk, form in forms.items()}
    try:
        DatePhases(request.user, workspace, process, found, spans).run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _manage_page(request, process, text, forms)
    messages.success(request, _("The dates were kept."))
    return redirect("process_manage", workspace.slug, number)


@inside("process.manage")
@require_POST
def change_state(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Publish a process, or put it into the archive."""
    process = get_object_or_404(Process, workspace=workspace, number=number)
    process.workspace = workspace
    publish = "publish" in request.POST
    action = (PublishProcess if publish else ArchiveProcess)(request.user, workspace, process)
    try:
        action.run()
        said = _("The process is public now.") if publish else _("The process is in the archive now.")
        messages.success(request, said)
    except ValidationError as error:
        for reason in error.messages:
            messages.error(request, reason)
    return redirect("process_manage", workspace.slug, number)
