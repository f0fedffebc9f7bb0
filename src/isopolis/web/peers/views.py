"""Pages of peer cities: the list with its stability, one outcome beside the peers, whom to ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.flows.peers import template
from isopolis.web.actions import ValidationError
from isopolis.web.languages import spoken
from isopolis.web.work.models import Job
from isopolis.web.workspaces.access import allowed, inside
from isopolis.web.workspaces.models import Workspace

from .actions import KIND, ChoosePeers, RemovePeerTable, UploadPeerTable
from .forms import UploadForm
from .models import PeerTable
from .question import Question, question
from .shown import benchmark_shown, list_shown

__all__ = ["keep", "outcome", "outcomes", "peers", "remove", "table", "template_file", "upload"]

PER_PAGE = 50


@inside("peers.see")
@require_GET
def peers(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show the peers of this city, how sure each is, and what the list is made of."""
    tables = PeerTable.objects.open_to(workspace).defer("content", "table").order_by("-created_at")
    asked = question(workspace, request.GET)
    context: dict[str, Any] = {
        "workspace": workspace,
        "tables": tables,
        "asked": asked,
        "can": allowed(request, workspace, "peers.manage"),
    }
    if asked is not None and asked.asked is not None:
        context |= list_shown(asked)
    return render(request, "peers/peers.html", context, status=422 if asked and asked.form.errors else 200)


@inside("peers.manage")
@require_POST
def keep(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Keep a table, a city and weights for every page that speaks of peers."""
    asked = question(workspace, request.POST)
    if asked is None or asked.asked is None:
        messages.error(request, _("Choose a table, a city and weights first."))
        return redirect("peers", workspace.slug)
    one = asked.asked
    try:
        ChoosePeers(request.user, workspace, asked.kept, one.city, dict(one.weights), one.chosen).run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Kept. The library ranks by these peers too."))
    return redirect(f"{reverse('peers', args=[workspace.slug])}?{asked.query}")


@inside("peers.manage")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Take a table of cities."""
    admin = bool(request.user.is_admin)  # type: ignore[union-attr]
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*posted, admin=admin)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = UploadPeerTable(
                request.user,
                workspace,
                given["title"],
                given["file"],
                given["roles"],
                bool(given.get("shared")),
            ).run()
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect(made)
    context = {"workspace": workspace, "form": form}
    return render(request, "peers/upload.html", context, status=422 if form.errors else 200)


@inside("peers.see")
@require_GET
def template_file(request: HttpRequest, workspace: Workspace, name: str) -> HttpResponse:
    """Give the empty table, or its sheet of roles."""
    files = dict(zip(("cities.csv", "features.toml"), template(), strict=True))
    if name not in files:
        raise Http404
    kind = "text/csv" if name.endswith(".csv") else "application/toml"
    answer = HttpResponse(files[name], content_type=f"{kind}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@inside("peers.see")
@require_GET
def table(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Show how a table was understood, or what has to be mended."""
    kept = get_object_or_404(PeerTable.objects.open_to(workspace).defer("content"), pk=pk)
    plain = kept.table or {"cities": [], "features": [], "indicators": [], "unused": {}}
    job = Job.objects.filter(workspace=workspace, kind=KIND, subject=pk).order_by("-created_at").first()
    context = {
        "workspace": workspace,
        "kept": kept,
        "plain": plain,
        "features": spoken(plain["features"]),
        "unused": [(name, said_tree(why)) for name, why in plain["unused"].items()][:200],
        "problems": spoken(kept.problems),
        "job": job if job and kept.state == PeerTable.State.WAITING else None,
        "own": kept.workspace_id == workspace.pk,
        "can": allowed(request, workspace, "peers.manage"),
    }
    return render(request, "peers/table.html", context)


def said_tree(item: Any) -> str:
    """Say a text that comes out of the database."""
    return str(spoken([item])[0])


@inside("peers.manage")
@require_POST
def remove(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Delete a table."""
    kept = get_object_or_404(PeerTable, pk=pk, workspace=workspace)
    try:
        RemovePeerTable(request.user, workspace, kept).run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(kept)
    messages.success(request, _("The table is deleted."))
    return redirect("peers", workspace.slug)


@inside("peers.see")
@require_GET
def outcomes(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the outcomes that can be compared."""
    asked = _ready(workspace, request)
    rows = [{"number": n} | i for n, i in enumerate(spoken(asked.kept.table["indicators"]))]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"workspace": workspace, "asked": asked, "page": page, "query": asked.query}
    return render(request, "peers/outcomes.html", context)


@inside("peers.see")
@require_GET
def outcome(request: HttpRequest, workspace: Workspace, number: int) -> HttpResponse:
    """Put one outcome of the city beside that of its peers, and name who does better than expected."""
    asked = _ready(workspace, request)
    indicators = asked.kept.table["indicators"]
    if number >= len(indicators):
        raise Http404
    context = {"workspace": workspace, "asked": asked, "query": asked.query}
    context |= benchmark_shown(workspace, asked, indicators[number]["id"])
    return render(request, "peers/outcome.html", context)


def _ready(workspace: Workspace, request: HttpRequest) -> Question:
    """Return a question that has an answer, or 404."""
    asked = question(workspace, request.GET)
    if asked is None or asked.asked is None:
        raise Http404
    return asked
