"""Pages of a diagnosis: its progress, its findings, its files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from isopolis.web.actions import ValidationError
from isopolis.web.datasets.models import Dataset
from isopolis.web.explore.files import FINDING_FILES
from isopolis.web.explore.store import offers
from isopolis.web.jobs import queue_place
from isopolis.web.work.models import Job
from isopolis.web.workspaces.access import allowed, inside
from isopolis.web.workspaces.models import Workspace

from . import store
from .actions import CancelJob, StartDiagnosis


def _run(workspace: Workspace, pk: UUID, *, done: bool = True) -> Job:
    job = get_object_or_404(Job, pk=pk, workspace=workspace, kind="diagnose")
    if done and job.state != Job.State.DONE:
        raise Http404
    return job


@inside("diagnosis.start")
@require_POST
def start(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Queue a diagnosis of an upload."""
    dataset = get_object_or_404(Dataset, pk=pk, workspace=workspace)
    action = StartDiagnosis(request.user, workspace, dataset)
    try:
        job = action.run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(dataset)
    if not action.fresh:
        messages.info(request, _("This was asked for before; here it is. Nothing runs twice."))
    return redirect("diagnosis", workspace.slug, job.pk)


@inside("diagnosis.cancel")
@require_POST
def cancel(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Stop a job of this workspace."""
    job = get_object_or_404(Job, pk=pk, workspace=workspace)
    try:
        CancelJob(request.user, workspace, job).run()
        messages.success(request, _("The computation is being stopped."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    if job.kind == "read":
        return redirect("dataset", workspace.slug, job.subject)
    if job.kind == "publish":
        return redirect("publication", workspace.slug, job.subject)
    return redirect("diagnosis", workspace.slug, job.pk)


@inside("findings.read")
@require_safe
def diagnosis(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Show how far it is, or what stands out."""
    job = _run(workspace, pk, done=False)
    context: dict[str, Any] = {
        "workspace": workspace,
        "job": job,
        "can": allowed(
            request, workspace, "findings.download", "diagnosis.cancel", "data.read", "publication.prepare"
        ),
    }
    if job.state != Job.State.DONE:
        return render(request, "diagnoses/progress.html", context | {"place": queue_place(job)})
    context |= {"overview": store.overview(job), "downloads": list(store.DOWNLOADS)}
    context |= offers(job)
    return render(request, "diagnoses/overview.html", context)


@inside("findings.read")
@require_safe
def job_state(request: HttpRequest, workspace: Workspace, pk: UUID) -> JsonResponse:
    """Tell the script of a waiting page whether there is something new."""
    job = get_object_or_404(Job, pk=pk, workspace=workspace)
    return JsonResponse({"state": job.state, "said": job.said, "done": job.done, "steps": job.steps})


@inside("findings.read")
@require_GET
def findings(request: HttpRequest, workspace: Workspace, pk: UUID, dimension: int) -> HttpResponse:
    """List the findings of one dimension."""
    job = _run(workspace, pk)
    page = Paginator(store.listed(job, dimension), 100).get_page(request.GET.get("page"))
    overview = store.overview(job)
    chosen = next((d for d in overview["dimensions"] if d["number"] == dimension), None)
    context = {"workspace": workspace, "job": job, "overview": overview, "page": page, "chosen": chosen}
    return render(request, "diagnoses/list.html", context)


@inside("findings.read")
@require_GET
def finding(request: HttpRequest, workspace: Workspace, pk: UUID, number: int) -> HttpResponse:
    """Show one finding with everything that belongs to it."""
    job = _run(workspace, pk)
    found = store.finding(job, number)
    context: dict[str, Any] = {
        "workspace": workspace,
        "job": job,
        "overview": store.overview(job),
        "finding": found,
        "figures": [store.figure(job, key) for key in found["figures"]],
        "number": number,
        "finding_files": list(FINDING_FILES),
        "can": allowed(request, workspace, "findings.download"),
        **offers(job),
    }
    return render(request, "diagnoses/finding.html", context)


@inside("findings.download")
@require_safe
def download(request: HttpRequest, workspace: Workspace, pk: UUID, name: str) -> FileResponse:
    """Hand a file out, always as a download."""
    path, kind = store.download(_run(workspace, pk), name)
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{workspace.slug}-{name}", content_type=kind
    )
    # should a browser show it after all, it is a page without rights
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
