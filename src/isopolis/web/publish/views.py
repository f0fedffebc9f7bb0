"""Pages on which officers prepare, look at, publish and withdraw a publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from isopolis.web.actions import ValidationError
from isopolis.web.diagnoses import store as diagnoses
from isopolis.web.jobs import queue_place
from isopolis.web.languages import spoken
from isopolis.web.permissions import may
from isopolis.web.work.models import Job
from isopolis.web.workspaces.access import allowed, inside
from isopolis.web.workspaces.models import Workspace

from . import public, store
from .actions import KIND, DiscardPublication, PreparePublication, Publish, Withdraw
from .forms import PrepareForm, SureForm
from .models import GateRecord, Publication

VERBS = ("publication.prepare", "publication.publish", "publication.withdraw", "diagnosis.cancel")
PREPARED = (Publication.State.READY, Publication.State.PUBLISHED, Publication.State.WITHDRAWN)
PER_PAGE = 50


def _one(workspace: Workspace, pk: UUID, *states: str) -> Publication:
    found = Publication.objects.select_related("workspace", "diagnosis", "created_by", "published_by")
    rows = found.filter(workspace=workspace, pk=pk)
    return get_object_or_404(rows.filter(state__in=states) if states else rows)


@inside("publication.prepare")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Ask for the rules, and have a diagnosis prepared."""
    job = get_object_or_404(Job, pk=pk, workspace=workspace, kind="diagnose", state=Job.State.DONE)
    overview = diagnoses.overview(job)
    form = PrepareForm(request.POST or None, initial={"title": overview["city"]})
    if request.method == "POST" and form.is_valid():
        try:
            title = form.cleaned_data["title"]
            made = PreparePublication(request.user, workspace, job, title, form.policy).run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(made)
    context = {"workspace": workspace, "job": job, "overview": overview, "form": form}
    return render(request, "publish/new.html", context)


@inside("publication.read")
@require_safe
def publications(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the publications of a workspace, those that are not public too."""
    rows = Publication.objects.filter(workspace=workspace).order_by("-number")
    context = {"workspace": workspace, "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))}
    return render(request, "publish/list.html", context)


@inside("publication.read")
@require_safe
def publication(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Show how far it is, what would be shown, what was withheld, and what can be done."""
    row = _one(workspace, pk)
    job = Job.objects.filter(workspace=workspace, kind=KIND, subject=row.pk).order_by("-created_at").first()
    context: dict[str, Any] = {
        "workspace": workspace,
        "row": row,
        "job": job,
        "can": allowed(request, workspace, *VERBS),
    }
    if row.state == Publication.State.DRAFT:
        return render(request, "publish/progress.html", context | {"place": queue_place(job) if job else 0})
    record = GateRecord.objects.filter(publication=row).first()
    context |= {
        "staff": spoken(record.staff) if record else {},
        "overview": store.overview(row),
        "public": store.public(row),
        "frame": request.build_absolute_uri(row.public_url + "embed/"),
        "why_not": may(request.user, "publication.publish", workspace).why,
    }
    return render(request, "publish/publication.html", context)


def _decide(
    request: HttpRequest, workspace: Workspace, row: Publication, action: Any, template: str, done: str
) -> HttpResponse:
    """Ask once more, then do it."""
    form = SureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            action.run()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, done)
            return redirect(row)
    context = {"workspace": workspace, "row": row, "form": form}
    return render(request, template, context, status=200)


@inside("publication.publish")
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Make it public."""
    row = _one(workspace, pk)
    action = Publish(request.user, workspace, row)
    return _decide(request, workspace, row, action, "publish/publish.html", _("It is public now."))


@inside("publication.withdraw")
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Take it back."""
    row = _one(workspace, pk)
    action = Withdraw(request.user, workspace, row)
    done = _("It is withdrawn: all its public addresses say so now.")
    return _decide(request, workspace, row, action, "publish/withdraw.html", done)


@inside("publication.prepare")
@require_POST
def discard(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Throw away what was never public."""
    row = _one(workspace, pk)
    try:
        DiscardPublication(request.user, workspace, row).run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(row)
    messages.success(request, _("It was thrown away."))
    return redirect("publications", workspace.slug)


# -- the public pages as they would look ---------------------------------------------------------------
def _preview(name: str, contents: Callable[..., dict[str, Any]] | None = None) -> Callable[..., HttpResponse]:
    @inside("publication.read")
    @require_safe
    def view(request: HttpRequest, workspace: Workspace, pk: UUID, number: int = 0) -> HttpResponse:
        row = _one(workspace, pk)
        if row.state not in PREPARED:
            raise Http404
        more = contents(request, row, number) if contents else {}
        here = reverse("preview_overview", args=[workspace.slug, row.pk])
        return public.page_of(request, row, name, more, here=here)

    return view


preview_overview = _preview("overview")
preview_finding = _preview("finding", lambda request, row, number: public.finding_of(row, number))
preview_list = _preview("list", public.list_of)
preview_table = _preview("table", public.table_of)
