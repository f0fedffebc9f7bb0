"""Operations on workspaces: which there are, who works in them, what was done."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from isopolis.web.audit.models import AuditEvent
from isopolis.web.workspaces.log import sentences
from isopolis.web.workspaces.models import Membership

from . import schemas
from .door import needs, workspaces_of
from .paging import FARTHEST, Limit, address
from .publications import publications as published
from .service import operation

__all__ = ["router"]

router = Router()


@operation(router, "GET", "/token", "The token that was sent", schemas.TokenOut)
def token(request: HttpRequest) -> Any:
    """Tell what the token is good for, to see whether it works."""
    mine = request.auth
    return {
        "name": mine.name,
        "scopes": mine.scopes,
        "workspace": mine.workspace.slug if mine.workspace else None,
        "expires_at": mine.expires_at,
        "last_used_on": mine.last_used_on,
    }


def _workspace(found: Any, role: str) -> dict[str, Any]:
    return {"slug": found.slug, "name": found.name, "role": role, "created_at": found.created_at}


@operation(router, "GET", "/workspaces", "Workspaces that the token reaches", schemas.WorkspacePage)
def workspaces(request: HttpRequest) -> Any:
    """List the workspaces in which the token's owner has a role."""
    mine = Membership.objects.filter(
        user=request.auth.user, workspace__in=workspaces_of(request.auth)
    ).select_related("workspace")
    return {"workspaces": [_workspace(m.workspace, m.role) for m in mine.order_by("workspace__slug")]}


@operation(router, "GET", "/workspaces/{slug:workspace}", "One workspace", schemas.WorkspaceOut)
@needs("", "workspace.see")
def workspace(request: HttpRequest, workspace: str) -> Any:
    """Tell about one workspace."""
    found = request.workspace
    return _workspace(found, found.role_of(request.auth.user))


@operation(router, "GET", "/workspaces/{slug:workspace}/members", "Members", schemas.MemberPage)
@needs("read:members", "members.manage")
def members(request: HttpRequest, workspace: str) -> Any:
    """List who works in the workspace; without addresses of people, and without residents."""
    staff = request.workspace.membership_set.exclude(role="resident")
    rows = staff.select_related("user").order_by("pk")
    return {
        "members": [
            {"account": m.user_id, "name": m.user.name, "role": m.role, "since": m.since} for m in rows
        ]
    }


@operation(router, "GET", "/workspaces/{slug:workspace}/log", "Log of changes", schemas.AuditPage)
@needs("read:audit", "audit.read")
def log(
    request: HttpRequest,
    workspace: str,
    limit: Limit = 100,
    before: Annotated[
        int, Query(ge=1, le=FARTHEST * FARTHEST, description="only rows with a smaller number")
    ] = FARTHEST * FARTHEST,
) -> Any:
    """List the rows of the workspace's audit log, newest first."""
    rows = AuditEvent.objects.filter(workspace=request.workspace.pk, number__lt=before).order_by("-number")
    events = list(rows[: limit + 1])
    shown = events[:limit]
    said = sentences(request.workspace, shown, addresses=False)
    more = address(request, {"limit": limit, "before": shown[-1].number}) if len(events) > limit else None
    return {
        "rows": [
            {
                "number": e.number, "at": e.at, "verb": e.verb, "actor": e.actor, "target": e.target,
                "detail": e.detail, "sentence": sentence, "seal": e.seal,
            }
            for e, sentence in zip(shown, said, strict=True)
        ],
        "next": more,
    }  # fmt: skip


@operation(router, "GET", "/publications", "What cities have published", schemas.PublicationPage, public=True)
def publications(request: HttpRequest) -> Any:
    """List publications; no token is needed."""
    return {
        "publications": [
            {
                "id": p.key, "title": p.title, "published_at": p.published_at,
                "page": request.build_absolute_uri(p.page), "collections": [c.key for c in p.collections],
            }
            for p in published()
        ]
    }  # fmt: skip
