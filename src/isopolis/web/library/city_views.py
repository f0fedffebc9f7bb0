"""Pages on which a city writes, submits and answers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.web.actions import ValidationError
from isopolis.web.languages import NAMES
from isopolis.web.workspaces.access import inside
from isopolis.web.workspaces.models import Workspace

from .actions import AnswerEntry, RemoveDraft, SaveEntry, SubmitEntry, WithdrawEntry, wrong_with
from .contact import AskContact
from .forms import AnswerForm, ContactForm, EntryForm, ReasonForm, field_of, initial_of, plain_of
from .models import Contact, Entry
from .pages import language
from .shown import shown

__all__ = ["change", "entries", "entry", "write"]

PER_PAGE = 30


@inside("library.submit")
@require_GET
def entries(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List what the city has written."""
    rows = Entry.objects.filter(workspace=workspace).order_by("-changed_at", "pk")
    context = {
        "workspace": workspace,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "library/city.html", context)


def _own(workspace: Workspace, pk: int) -> Entry:
    return get_object_or_404(Entry, pk=pk, workspace=workspace)


@inside("library.submit")
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, workspace: Workspace, pk: int | None = None) -> HttpResponse:
    """Write an entry, or go on writing one."""
    found = _own(workspace, pk) if pk is not None else None
    start = initial_of(found.record) if found else _start(workspace)
    form = EntryForm(request.POST or None, initial=start)
    if request.method == "POST":
        form.is_valid()
        plain = plain_of(form.whole(), timezone.localdate(), found.record if found else None)
        _judged(form, plain)
        if not form.errors:
            try:
                made = SaveEntry(request.user, workspace, plain, found).run()
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("Your entry is kept. Nobody outside sees it yet."))
                return redirect("city_entry", workspace.slug, made.pk)
    context = {"workspace": workspace, "form": form, "entry": found}
    return render(request, "library/write.html", context)


def _judged(form: EntryForm, plain: dict[str, Any]) -> None:
    """Show what is wrong with the record beside the fields that the form itself found nothing wrong with."""
    before = set(form.errors)
    for problem in wrong_with(plain):
        name = field_of(problem.column)
        if name not in before:
            form.add_error(name, _told(problem))


def _start(workspace: Workspace) -> dict[str, Any]:
    lang = translation.get_language() or "en"
    return {"kind": "case", "language": lang if lang in NAMES else "en", "place": workspace.name}


def _told(problem: Any) -> str:
    said = str(problem.message)
    return f"{said} ({problem.rule})" if problem.rule else said


@inside("library.submit")
@require_GET
def entry(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one's entry as it will be shown, what moderators asked, and what can be done next."""
    return _page(request, workspace, _own(workspace, pk))


def _page(request: HttpRequest, workspace: Workspace, found: Entry, **forms: Any) -> HttpResponse:
    link = request.session.pop("contact_link", "") if not settings.OPTIONS["email_url"] else ""
    context = {
        "workspace": workspace,
        "entry": found,
        "shown": shown(found.content, language()),
        "talk": found.messages.all(),
        "contact": Contact.objects.filter(entry=found).first(),
        "answer_form": AnswerForm(),
        "reason_form": ReasonForm(),
        "contact_form": ContactForm(),
        "link": link,
    } | forms
    return render(request, "library/city_entry.html", context)


@inside("library.submit")
@require_POST
def change(request: HttpRequest, workspace: Workspace, pk: int, what: str) -> HttpResponse:
    """Submit, answer, withdraw, remove, or ask a contact."""
    found, post = _own(workspace, pk), request.POST
    actions: dict[str, Any] = {
        "submit": lambda: SubmitEntry(request.user, found),
        "answer": lambda: AnswerEntry(request.user, found, text=post.get("text", "")),
        "withdraw": lambda: WithdrawEntry(request.user, found, reason=post.get("reason", "")),
        "remove": lambda: RemoveDraft(request.user, found),
        "contact": lambda: _contact(request, workspace, found),
    }
    if what not in actions:
        raise Http404
    action = actions[what]()
    try:
        action.run()
    except (ValidationError, PermissionDenied) as error:
        messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
        return redirect("city_entry", workspace.slug, pk)
    said = {
        "submit": _("It is submitted. A moderator looks at it next."),
        "answer": _("Your answer is sent, and the entry is submitted again."),
        "withdraw": _("It is withdrawn. The library shows it no more."),
        "remove": _("The draft is deleted."),
        "contact": _("The person was asked. Nothing is shown until they agree."),
    }
    messages.success(request, said[what])
    if what == "contact" and not settings.OPTIONS["email_url"]:
        # shown once: only its hash is kept
        request.session["contact_link"] = request.build_absolute_uri(action.path)
    return (
        redirect("city_library", workspace.slug)
        if what == "remove"
        else redirect("city_entry", workspace.slug, pk)
    )


def _contact(request: HttpRequest, workspace: Workspace, found: Entry) -> AskContact:
    said, site = request.POST, request.build_absolute_uri("/")[:-1]
    return AskContact(
        request.user,
        workspace,
        found,
        said.get("name", ""),
        said.get("email", ""),
        said.get("role", ""),
        site,
    )
