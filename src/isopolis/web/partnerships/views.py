"""Pages of partnerships, and of what a city shares with them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.web.accounts.rotation import rotate
from isopolis.web.actions import ValidationError
from isopolis.web.diagnoses import store
from isopolis.web.permissions import may
from isopolis.web.work.models import Job
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.invitations import belongs_to
from isopolis.web.workspaces.models import Workspace

from .access import in_partnership
from .actions import (
    AcceptForCity,
    AcceptForPerson,
    CreatePartnership,
    InviteToPartnership,
    LeavePartnership,
    RemoveCity,
    RemovePerson,
    ShareFindings,
    TakeCityOut,
    UnshareFindings,
    open_invitation,
)
from .forms import CityForm, InviteForm, PartnershipForm
from .models import CITY_READERS, Partnership, PartnershipCity, PartnershipMembership, Share

HEADLINES = 3
RUNS = 20


@login_required
@require_GET
def partnerships(request: HttpRequest) -> HttpResponse:
    """List the partnerships that one has something to do with."""
    mine = Partnership.objects.filter(
        Q(partnershipmembership__user=request.user)
        | Q(
            partnershipcity__workspace__membership__user=request.user,
            partnershipcity__workspace__membership__role__in=CITY_READERS,
            partnershipcity__workspace__archived_at=None,
        )
    )
    context = {
        # an expert whose time is over has nothing to do with it any more
        "partnerships": [p for p in mine.distinct().order_by("name", "pk") if p.role_of(request.user)],
        "may_create": may(request.user, "partnership.create"),
    }
    return render(request, "partnerships/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make a partnership."""
    form = PartnershipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = CreatePartnership(request.user, said["name"], said["description"]).run()
        except ValidationError as error:
            form.add_error("name", error)
        else:
            rotate(request)
            messages.success(request, _("The partnership is there. Now invite cities."))
            return redirect(made)
    context = {"form": form, "verdict": may(request.user, "partnership.create")}
    return render(request, "partnerships/new.html", context)


@in_partnership("hub.read")
@require_GET
def partnership(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Show the cities, each with the newest of what it shares."""
    cities = PartnershipCity.objects.filter(partnership=partnership).select_related("workspace")
    # an expert from outside reads and comments, but not what the cities found
    sees = may(request.user, "partnership.see", partnership=partnership)
    context = {
        "partnership": partnership,
        "sees": sees,
        "cities": [
            (c.workspace, newest(partnership, c.workspace)) for c in cities.order_by("workspace__name")
        ]
        if sees
        else [],
        "manages": may(request.user, "partnership.manage", partnership=partnership),
        "member": partnership.role_of(request.user) in ("coordinator", "reader", "expert"),
    }
    return render(request, "partnerships/partnership.html", context)


def newest(partnership: Partnership, workspace: Workspace) -> dict[str, Any] | None:
    """Return the main findings of the newest diagnosis that a city shares; None when it shares none."""
    shares = Share.objects.filter(
        partnership=partnership, workspace=workspace, job__state=Job.State.DONE
    ).select_related("job")
    for share in shares.order_by("-job__ended_at", "-pk"):
        try:
            overview = store.overview(share.job)
        except Http404:  # its files were cleaned away
            continue
        return {
            "day": share.job.ended_at,
            "notes": overview.get("notes", []),
            "headlines": overview.get("headlines", [])[:HEADLINES],
        }
    return None


@in_partnership("partnership.manage")
@require_http_methods(["GET", "POST"])
def manage(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Invite cities and people; list and remove them."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said, site = form.cleaned_data, request.build_absolute_uri("/")[:-1]
        action = InviteToPartnership(request.user, partnership, said["email"], said["kind"], site)
        try:
            action.run()
        except ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(request, _("The invitation is on its way. It works for two weeks."))
            if not settings.OPTIONS["email_url"]:
                # shown once: only its hash is kept
                request.session["invitation_link"] = site + action.path
            return redirect("partnership_manage", partnership.slug)
    people = PartnershipMembership.objects.filter(partnership=partnership).select_related("user")
    cities = PartnershipCity.objects.filter(partnership=partnership).select_related("workspace")
    context = {
        "partnership": partnership,
        "form": form,
        "people": people.order_by("pk"),
        "cities": cities.order_by("workspace__name"),
        "link": request.session.pop("invitation_link", ""),
    }
    return render(request, "partnerships/manage.html", context)


@in_partnership("partnership.manage")
@require_POST
def remove(request: HttpRequest, partnership: Partnership, pk: int, what: str) -> HttpResponse:
    """Take a city or a person out."""
    action: Any
    if what == "city":
        action = RemoveCity(
            request.user, partnership, get_object_or_404(PartnershipCity, pk=pk, partnership=partnership)
        )
    else:
        member = get_object_or_404(PartnershipMembership, pk=pk, partnership=partnership)
        action = RemovePerson(request.user, partnership, member)
    try:
        action.run()
        messages.success(request, _("It was taken out."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    if may(request.user, "partnership.manage", partnership=partnership):
        return redirect("partnership_manage", partnership.slug)
    return redirect("partnerships")


@in_partnership("own")
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Ask, then go out of the partnership."""
    if request.method == "POST":
        try:
            LeavePartnership(request.user, partnership).run()
        except PermissionDenied as error:
            messages.error(request, str(error))
            return redirect("partnership_leave", partnership.slug)
        rotate(request)
        messages.success(request, _("You have left the partnership."))
        return redirect("partnerships")
    return render(request, "partnerships/leave.html", {"partnership": partnership})


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what somebody is invited to; a city's owner chooses the city."""
    found = open_invitation(token, timezone.now())
    if found is None:
        return render(request, "workspaces/invitation_spent.html", status=410)
    fits = request.user.is_authenticated and belongs_to(request.user, found.email)
    posted = request.method == "POST" and fits
    form = CityForm(request.user, request.POST if posted else None) if fits and found.kind == "city" else None
    if posted and (form is None or form.is_valid()):
        action: Any = AcceptForPerson(request.user, token)
        if form is not None:
            action = AcceptForCity(request.user, token, form.cleaned_data["city"])
        try:
            action.run()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            rotate(request)
            messages.success(request, _("Welcome to the partnership."))
            return redirect(found.partnership)
    context = {"invitation": found, "fits": fits, "form": form}
    return render(request, "partnerships/invitation.html", context)


# who is invited is no member yet: the token in the address is the key
invitation.open_door = "token"  # type: ignore[attr-defined]


# -- inside a city -----------------------------------------------------------------------------------------
@inside("city.partner")
@require_GET
def city(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show a city's owner its partnerships and what each of them sees."""
    runs = list(
        Job.objects.filter(workspace=workspace, kind="diagnose", state=Job.State.DONE).order_by("-ended_at")[
            :RUNS
        ]
    )
    cities = PartnershipCity.objects.filter(workspace=workspace).select_related("partnership")
    rows = []
    for joined in cities.order_by("partnership__name"):
        shares = {
            s.job_id: s for s in Share.objects.filter(partnership=joined.partnership, workspace=workspace)
        }
        rows.append((joined, [(job, shares.get(job.pk)) for job in runs]))
    return render(request, "partnerships/city.html", {"workspace": workspace, "rows": rows})


@inside("findings.share")
@require_POST
def share(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Share a diagnosis with a partnership of this city, or take it back."""
    joined = get_object_or_404(PartnershipCity, pk=pk, workspace=workspace)
    job = _job(workspace, request.POST.get("job", ""))
    known = Share.objects.filter(partnership=joined.partnership, workspace=workspace, job=job).first()
    try:
        if "take_back" in request.POST:
            # a second click finds it taken back already, and must not share it again
            if known is not None:
                UnshareFindings(request.user, workspace, known).run()
            messages.success(request, _("The partnership does not see it any more."))
        else:
            ShareFindings(request.user, workspace, job, joined.partnership).run()
            messages.success(request, _("The partnership sees its main findings now."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("city_partnerships", workspace.slug)


def _job(workspace: Workspace, pk: str) -> Job:
    try:
        return get_object_or_404(Job, pk=pk, workspace=workspace)
    except (ValueError, ValidationError):
        raise Http404 from None


@inside("city.partner")
@require_POST
def take_out(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Leave a partnership with the city."""
    joined = get_object_or_404(PartnershipCity, pk=pk, workspace=workspace)
    TakeCityOut(request.user, workspace, joined).run()
    messages.success(request, _("The city has left the partnership. What it shared is gone from there."))
    return redirect("city_partnerships", workspace.slug)
