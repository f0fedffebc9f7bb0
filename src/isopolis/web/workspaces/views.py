"""Pages of workspaces and their members."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.web.actions import ValidationError
from isopolis.web.audit.models import AuditEvent
from isopolis.web.permissions import may
from isopolis.web.work.models import Job

from .access import allowed, inside
from .actions import ChangeRole, CreateWorkspace, RemoveMember
from .forms import MemberForm, RoleForm, WorkspaceForm
from .invite import InviteMember, WithdrawInvitation
from .log import sentences
from .models import Invitation, Membership, Workspace

LOG_ROWS = 200


@login_required
@require_GET
def workspaces(request: HttpRequest) -> HttpResponse:
    """List the workspaces of whoever has signed in."""
    mine = (
        Membership.objects.filter(user=request.user).select_related("workspace").order_by("workspace__name")
    )
    context = {"memberships": mine, "may_create": may(request.user, "workspace.create")}
    return render(request, "workspaces/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make a workspace."""
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = CreateWorkspace(request.user, form.cleaned_data["name"]).run()
        except ValidationError as error:
            form.add_error("name", error)
        else:
            messages.success(request, _("The workspace is there. Now upload the files of your city."))
            return redirect(made)
    context = {"form": form, "verdict": may(request.user, "workspace.create")}
    return render(request, "workspaces/new.html", context)


@inside("workspace.see")
@require_GET
def workspace(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show what there is in a workspace and what can be done."""
    can = allowed(
        request,
        workspace,
        "data.read",
        "data.upload",
        "findings.read",
        "members.manage",
        "audit.read",
        "process.manage",
        "publication.read",
        "plan.see",
        "workspace.rename",
        "vocabulary.local",
        "peers.see",
        "frames.read",
        "exchange.read",
        "library.submit",
    )
    runs = Job.objects.filter(workspace=workspace, kind="diagnose").order_by("-created_at")[:20]
    context = {
        "workspace": workspace,
        "role": dict(Membership._meta.get_field("role").choices)[workspace.role_of(request.user)],
        "can": can,
        "asks": workspace.process_set.exclude(state="draft").exists(),
        "datasets": workspace.dataset_set.order_by("-created_at")[:20] if can["data_read"] else [],
        "runs": runs if can["findings_read"] else [],
    }
    return render(request, "workspaces/workspace.html", context)


@inside("members.manage")
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the members and the open invitations, and send one."""
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said, site = form.cleaned_data, request.build_absolute_uri("/")[:-1]
        action = InviteMember(request.user, workspace, said["email"], said["role"], site)
        try:
            action.run()
        except ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(request, _("The invitation is on its way. It works for two weeks."))
            if not settings.OPTIONS["email_url"]:
                # shown once: only its hash is kept
                request.session["invitation_link"] = site + action.path
            return redirect("members", workspace.slug)
    staff = workspace.membership_set.exclude(role="resident").select_related("user").order_by("pk")
    context = {
        "workspace": workspace,
        "form": form,
        "rows": [(m, RoleForm(initial={"role": m.role}, auto_id=f"id_{m.pk}_%s")) for m in staff],
        # residents are counted, not listed: who takes part is theirs to tell
        "residents": workspace.membership_set.filter(role="resident").count(),
        "invitations": Invitation.objects.filter(workspace=workspace, expires_at__gt=timezone.now()).order_by(
            "pk"
        ),
        "link": request.session.pop("invitation_link", ""),
    }
    return render(request, "workspaces/members.html", context)


@inside("members.manage")
@require_POST
def withdraw_invitation(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Make an invitation useless."""
    invitation = get_object_or_404(Invitation, pk=pk, workspace=workspace)
    WithdrawInvitation(request.user, workspace, invitation).run()
    messages.success(request, _("The invitation was withdrawn."))
    return redirect("members", workspace.slug)


@inside("members.manage")
@require_POST
def change_member(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Give a member another role, or take the member out."""
    # residents are counted, not listed: by trying numbers an owner would find out who they are
    staff = Membership.objects.exclude(role="resident")
    membership = get_object_or_404(staff, pk=pk, workspace=workspace)
    try:
        if "remove" in request.POST:
            RemoveMember(request.user, workspace, membership).run()
            messages.success(request, _("The member was taken out."))
        else:
            ChangeRole(request.user, workspace, membership, request.POST.get("role", "")).run()
            messages.success(request, _("The role was changed."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    if may(request.user, "members.manage", workspace):
        return redirect("members", workspace.slug)
    return redirect("workspaces")


@inside("audit.read")
@require_GET
def log(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show the newest rows of the workspace's audit log as sentences."""
    events = list(AuditEvent.objects.filter(workspace=workspace.pk).order_by("-number")[:LOG_ROWS])
    rows = list(zip(events, sentences(workspace, events, addresses=True), strict=True))
    return render(request, "workspaces/log.html", {"workspace": workspace, "rows": rows})
