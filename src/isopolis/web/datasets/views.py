"""Pages of uploads: send files, see what the reader found, correct it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import tomlkit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from isopolis.web.actions import ValidationError
from isopolis.web.languages import spoken
from isopolis.web.work.models import Job
from isopolis.web.workspaces.access import allowed, inside
from isopolis.web.workspaces.models import Workspace

from .actions import CorrectConfig, RemoveDataset, UploadFiles, limits
from .column_edit import states
from .column_views import title_of
from .forms import ConfigForm, UploadForm
from .models import Dataset


@inside("data.upload")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Take files."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(UploadFiles(request.user, workspace, form.cleaned_data["files"]).run())
        except ValidationError as error:
            form.add_error("files", error)
    context = {
        "workspace": workspace,
        "form": form,
        "limits": limits(),
        "megabytes": limits().bytes // 1_000_000,
    }
    return render(request, "datasets/upload.html", context, status=422 if form.errors else 200)


@inside("data.read")
@require_http_methods(["GET", "POST"])
def dataset(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Show what the reader found, and take corrections."""
    found = get_object_or_404(Dataset, pk=pk, workspace=workspace)
    form = ConfigForm(request.POST or None, initial={"text": found.config})
    if request.method == "POST" and form.is_valid():
        try:
            CorrectConfig(request.user, workspace, found, form.cleaned_data["text"]).run()
        except ValidationError as error:
            form.add_error("text", error)
        else:
            messages.success(request, _("The correction was kept. The files are read again."))
            return redirect(found)
    jobs = Job.objects.filter(workspace=workspace, subject=found.pk).order_by("-created_at")
    context = {
        "workspace": workspace,
        "dataset": found,
        "form": form,
        "reading": jobs.filter(kind="read").first(),
        "runs": jobs.filter(kind="diagnose")[:10],
        "summary": spoken(found.summary),
        "fatal": [p for p in spoken(found.problems) if p["fatal"]],
        "caveats": [p for p in spoken(found.problems) if not p["fatal"]],
        "tables": _tables(found),
        "can": allowed(request, workspace, "data.correct", "data.remove", "diagnosis.start"),
    }
    return render(request, "datasets/dataset.html", context, status=422 if form.errors else 200)


def _tables(found: Dataset) -> list[dict[str, Any]]:
    """List the tables whose columns can be corrected by a form: none while the text is no TOML."""
    try:
        outlines = tomlkit.parse(found.config).unwrap().get("zones", {}).get("file", "")
    except (tomlkit.exceptions.TOMLKitError, RecursionError):
        return []
    return [
        {"title": title_of(t), "used": t.used, "outlines": t.file == outlines}
        for t in states(found.config, found.seen)
    ]


@inside("data.remove")
@require_POST
def remove(request: HttpRequest, workspace: Workspace, pk: UUID) -> HttpResponse:
    """Delete an upload."""
    found = get_object_or_404(Dataset, pk=pk, workspace=workspace)
    try:
        RemoveDataset(request.user, workspace, found).run()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(found)
    messages.success(request, _("The upload and what was computed from it are deleted."))
    return redirect(workspace)
