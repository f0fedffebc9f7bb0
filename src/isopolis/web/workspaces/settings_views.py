"""Pages of a workspace as a whole, and of an invitation into one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from isopolis.web.accounts.rotation import rotate
from isopolis.web.actions import ValidationError

from .access import inside
from .forms import DeleteForm, HandOverForm, WorkspaceForm
from .invitations import belongs_to
from .invite import AcceptInvitation, open_invitation
from .models import Workspace
from .running import (
    ArchiveWorkspace,
    DeleteWorkspace,
    HandOver,
    LeaveWorkspace,
    RenameWorkspace,
    UnarchiveWorkspace,
)


@inside("workspace.rename")
@require_http_methods(["GET", "POST"])
def workspace_settings(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Rename the workspace; lead to everything else that concerns it as a whole."""
    form = WorkspaceForm(request.POST or None, initial={"name": workspace.name})
    if request.method == "POST" and form.is_valid():
        try:
            RenameWorkspace(request.user, workspace, form.cleaned_data["name"]).run()
        except ValidationError as error:
            form.add_error("name", error)
        else:
            messages.success(request, _("The workspace has its new name."))
            return redirect("workspace_settings", workspace.slug)
    return render(request, "workspaces/settings.html", {"workspace": workspace, "form": form})


@inside("workspace.hand_over")
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Make another member the owner."""
    form = HandOverForm(workspace, request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            HandOver(request.user, workspace, form.cleaned_data["member"]).run()
        except ValidationError as error:
            form.add_error("member", error)
        else:
            rotate(request)
            messages.success(request, _("The workspace has a new owner. You are an analyst in it now."))
            return redirect(workspace)
    return render(request, "workspaces/hand_over.html", {"workspace": workspace, "form": form})


@inside("workspace.archive")
@require_POST
def archive(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Put the workspace into the archive, or take it out."""
    wanted, is_there = "back" not in request.POST, workspace.archived_at is not None
    if wanted == is_there:  # pressed twice, or somebody else was quicker
        return redirect("workspace_settings", workspace.slug)
    if wanted:
        ArchiveWorkspace(request.user, workspace).run()
        messages.success(request, _("The workspace is in the archive: it can be read, not changed."))
    else:
        UnarchiveWorkspace(request.user, workspace).run()
        messages.success(request, _("The workspace is out of the archive."))
    return redirect("workspace_settings", workspace.slug)


@inside("workspace.delete")
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Ask for the name, then delete everything."""
    form = DeleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            DeleteWorkspace(request.user, workspace, form.cleaned_data["typed"]).run()
        except ValidationError as error:
            form.add_error("typed", error)
        else:
            messages.success(request, _("The workspace and its files are deleted."))
            return redirect("workspaces")
    return render(request, "workspaces/delete.html", {"workspace": workspace, "form": form})


@inside("workspace.see")
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Ask, then go out of the workspace."""
    if request.method == "POST":
        try:
            LeaveWorkspace(request.user, workspace).run()
        except PermissionDenied as error:
            messages.error(request, str(error))
            return redirect("workspace_leave", workspace.slug)
        rotate(request)
        messages.success(request, _("You have left the workspace."))
        return redirect("workspaces")
    return render(request, "workspaces/leave.html", {"workspace": workspace})


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what somebody is invited to, and let whoever signed in with that address accept."""
    found = open_invitation(token, timezone.now())
    if found is None:
        return render(request, "workspaces/invitation_spent.html", status=410)
    if request.method == "POST" and request.user.is_authenticated:
        try:
            AcceptInvitation(request.user, token).run()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            rotate(request)
            messages.success(request, _("Welcome. You are a member of this workspace now."))
            return redirect(found.workspace)
    context = {
        "invitation": found,
        "fits": request.user.is_authenticated and belongs_to(request.user, found.email),
    }
    return render(request, "workspaces/invitation.html", context)


# who is invited is no member yet: the token in the address is the key
invitation.open_door = "token"  # type: ignore[attr-defined]
