"""Pages for coordinators: keep and remove records, upload documents, say who sees what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from isopolis.web.languages import page_language
from isopolis.web.partnerships.access import in_partnership
from isopolis.web.partnerships.models import HubItem, Partnership, PartnershipMembership

from .actions import ChangeEnd, KeepRecord, RemoveRecord, ShowPartnership
from .documents import UploadDocument
from .forms import FORMS_OF, TITLES, UploadForm
from .pages import shown
from .paging import page_of

__all__ = ["change_end", "edit", "listed", "remove", "settings", "upload"]

PAGES = {
    "member": "hub_members", "meeting": "hub_meetings", "news": "hub_news", "document": "hub_documents",
    "call": "hub_calls", "strategy": "hub_strategies", "milestone": "hub_timeline", "survey": "hub_surveys",
    "paper": "hub_paper", "commitment": "hub_commitments",
}  # fmt: skip


def _kind(kind: str) -> str:
    if kind not in FORMS_OF:
        raise Http404
    return kind


@in_partnership("partnership.manage")
@require_safe
def listed(request: HttpRequest, partnership: Partnership, kind: str = "") -> HttpResponse:
    """List what can be kept, or the records of one kind, each with its form."""
    rows = HubItem.objects.filter(partnership=partnership)
    if not kind:
        counts = [(k, title, rows.filter(kind=k).count()) for k, title in TITLES]
        return shown(request, partnership, "edit_list", {"counts": counts})
    ordered = rows.filter(kind=_kind(kind)).order_by("position", "pk")
    page = page_of(request, ordered)  # type: ignore[arg-type]
    more = {
        "kind": kind,
        "title": dict(TITLES)[kind],
        "page": page,
        "records": [(r, _title(r)) for r in page],
    }
    return shown(request, partnership, "edit_kind", more)


def _title(row: HubItem) -> Any:
    return row.data.get("title") or row.data.get("name") or row.key


@in_partnership("partnership.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, partnership: Partnership, kind: str, key: str = "") -> HttpResponse:
    """Show the form of a record, new or there already, and keep it."""
    row = get_object_or_404(HubItem, partnership=partnership, kind=_kind(kind), key=key) if key else None
    posted = request.POST.copy() if request.method == "POST" else None
    language = request.GET.get("in") or page_language()
    kept = row.record().model_dump(mode="json", exclude_none=True) if row else None
    form = FORMS_OF[kind](posted, kept, language)
    form.initial["seen"] = row.changed_at.isoformat() if row else ""
    if posted is not None and form.is_valid():
        try:
            KeepRecord(request.user, partnership, kind, form.plain(), key, form.cleaned_data["seen"]).run()
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
            # told of it once, whoever saves again has seen what stands there now
            posted["seen"] = form.initial["seen"]
        else:
            messages.success(request, _("Kept."))
            return redirect(PAGES[kind], partnership.slug)
    more = {"kind": kind, "title": dict(TITLES)[kind], "form": form, "row": row}
    return shown(request, partnership, "edit", more)


@in_partnership("partnership.manage")
@require_POST
def remove(request: HttpRequest, partnership: Partnership, kind: str, key: str) -> HttpResponse:
    """Remove a record."""
    row = get_object_or_404(HubItem, partnership=partnership, kind=_kind(kind), key=key)
    RemoveRecord(request.user, partnership, row).run()
    messages.success(request, _("Removed."))
    return redirect("hub_edit_kind", partnership.slug, kind)


@in_partnership("partnership.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Take a document with its file."""
    posted = request.method == "POST"
    form = UploadForm(request.POST if posted else None, request.FILES if posted else None, page_language())
    if posted and form.is_valid():
        try:
            UploadDocument(
                request.user, partnership, plain=form.plain(), upload=form.cleaned_data["file"]
            ).run()
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
        else:
            messages.success(request, _("The document is there."))
            return redirect("hub_documents", partnership.slug)
    return shown(request, partnership, "upload", {"form": form})


class SettingsForm(forms.Form):
    """Who sees the partnership, and what its page says."""

    public = forms.BooleanField(
        label=gettext_lazy("Everybody may see the partnership and its public records"), required=False
    )
    about = forms.CharField(
        label=gettext_lazy("About the partnership"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    focus = forms.CharField(
        label=gettext_lazy("What it looks at"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


@in_partnership("partnership.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """Say who sees the partnership, what it is about, and until when experts have access."""
    language = page_language()
    kept = {n: partnership.texts.get(n, {}).get(language, "") for n in ("about", "focus")}
    form = SettingsForm(request.POST or None, initial=kept | {"public": partnership.public})
    if request.method == "POST":
        form = SettingsForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            ShowPartnership(
                request.user, partnership, given["public"], given["about"], given["focus"], language
            ).run()
            messages.success(request, _("Kept."))
            return redirect("hub", partnership.slug)
    people = PartnershipMembership.objects.filter(partnership=partnership).exclude(role="coordinator")
    more = {"form": form, "people": people.select_related("user").order_by("pk")}
    return shown(request, partnership, "settings", more)


@in_partnership("partnership.manage")
@require_POST
def change_end(request: HttpRequest, partnership: Partnership, pk: int) -> HttpResponse:
    """Change the last day of somebody's access."""
    found = get_object_or_404(PartnershipMembership, pk=pk, partnership=partnership)
    field = forms.DateField(required=False)
    try:
        ChangeEnd(request.user, partnership, found, field.clean(request.POST.get("until", ""))).run()
        messages.success(request, _("Kept."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("hub_settings", partnership.slug)
