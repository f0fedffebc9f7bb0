"""A finished diagnosis of a workspace, or nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from isopolis.web.work.models import Job
from isopolis.web.workspaces.models import Workspace

__all__ = ["finished", "newest", "picked"]


def finished(workspace: Workspace, pk: UUID) -> Job:
    """Return a diagnosis of this workspace that is done; 404 for any other."""
    job: Job = get_object_or_404(Job, pk=pk, workspace=workspace, kind="diagnose", state=Job.State.DONE)
    return job


def newest(workspace: Workspace) -> Job | None:
    """Return the newest finished diagnosis of a workspace, if there is one."""
    done = Job.objects.filter(workspace=workspace, kind="diagnose", state=Job.State.DONE)
    job: Job | None = done.order_by("-created_at", "pk").first()
    return job


def picked(asked: str | None, rows: list[Any], otherwise: int = 0) -> int:
    """Return a position in `rows` out of an address; 404 for one that is not there."""
    if not asked:
        return otherwise
    if not (asked.isascii() and asked.isdigit()) or int(asked[:9]) >= len(rows):
        raise Http404
    return int(asked[:9])
