"""Pages of those who look after the library."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from isopolis.web.actions import ValidationError
from isopolis.web.permissions import may, require

from .actions import AskEntry, PublishEntry, ReviewEntry, TranslateEntry, WithdrawEntry
from .desk import DismissModerator, ImportBundle, NameModerator, RemoveCollection, SaveCollection
from .forms import AskForm, CollectionForm, ImportForm, ModeratorForm, ReasonForm, ReviewForm, TranslationForm
from .models import Collection, CollectionItem, Entry, Import, Moderator
from .pages import language, opinions
from .shown import shown

__all__ = ["change", "collect", "entry", "imports", "moderators", "queue"]

PER_PAGE = 30
WAITING = (Entry.State.SUBMITTED, Entry.State.ASKED)


def desk(verb: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Open a page to those who may `verb`; for others it is as if there were no such page."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(request.user, "library.moderate"):
                raise Http404
            require(request.user, verb)
            return view(request, *args, **kwargs)

        guarded.permission = verb  # type: ignore[attr-defined]
        return guarded

    return wrap


@desk("library.moderate")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits, the oldest first."""
    rows = Entry.objects.filter(state__in=WAITING).select_related("workspace").order_by("changed_at", "pk")
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "published": Entry.objects.filter(state=Entry.State.PUBLISHED).count(),
        "administers": bool(may(request.user, "library.name_moderators")),
    }
    return render(request, "library/queue.html", context)


def _entry(pk: int) -> Entry:
    """Return an entry that was handed in; a draft is the city's own affair."""
    shown_states = (*WAITING, Entry.State.PUBLISHED, Entry.State.WITHDRAWN)
    return get_object_or_404(Entry.objects.select_related("workspace"), pk=pk, state__in=shown_states)


@desk("library.moderate")
@require_GET
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an entry with what was written about it and what can be done."""
    return _page(request, _entry(pk))


def _page(request: HttpRequest, found: Entry, **forms: Any) -> HttpResponse:
    context = {
        "entry": found,
        "shown": shown(found.content, language()),
        "talk": found.messages.all(),
        "opinions": opinions(found),
        "versions": found.versions.all(),
        "ask_form": AskForm(),
        "review_form": ReviewForm(),
        "translation_form": TranslationForm(found.record, prefix="t"),
        "reason_form": ReasonForm(),
    } | forms
    return render(request, "library/desk.html", context)


@desk("library.moderate")
@require_POST
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Ask, publish, review, translate or withdraw."""
    found = _entry(pk)
    made: Callable[[HttpRequest, Entry], Any] | None = CHANGES.get(what)
    if made is None:
        raise Http404
    form, action = made(request, found)
    if form is not None and not form.is_valid():
        names = {"ask": "ask_form", "review": "review_form", "translate": "translation_form"}
        return _page(request, found, **{names.get(what, "reason_form"): form})
    try:
        action().run()
    except (ValidationError, PermissionDenied) as error:
        messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
    else:
        messages.success(request, _("It is done."))
    return redirect("library_desk", pk)


def _ask(request: HttpRequest, found: Entry) -> tuple[Any, Any]:
    form = AskForm(request.POST)
    return form, lambda: AskEntry(
        request.user, found, text=form.cleaned_data["text"], field=form.cleaned_data["field"]
    )


def _review(request: HttpRequest, found: Entry) -> tuple[Any, Any]:
    form = ReviewForm(request.POST)
    return form, lambda: ReviewEntry(
        request.user, found, criteria=form.criteria(), note=form.cleaned_data["note"]
    )


def _translate(request: HttpRequest, found: Entry) -> tuple[Any, Any]:
    form = TranslationForm(found.record, request.POST, prefix="t")

    def action() -> TranslateEntry:
        said = dict(form.cleaned_data)
        return TranslateEntry(
            request.user, found, language=said.pop("language"), by=said.pop("by"), texts=said
        )

    return form, action


def _withdraw(request: HttpRequest, found: Entry) -> tuple[Any, Any]:
    form = ReasonForm(request.POST)
    return form, lambda: WithdrawEntry(request.user, found, reason=form.cleaned_data["reason"])


CHANGES: dict[str, Any] = {
    "ask": _ask,
    "publish": lambda request, found: (None, lambda: PublishEntry(request.user, found)),
    "review": _review,
    "translate": _translate,
    "withdraw": _withdraw,
}


@desk("library.moderate")
@require_http_methods(["GET", "POST"])
def collect(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Make a collection, change it, or delete it."""
    found = get_object_or_404(Collection, slug=slug) if slug else None
    if found is not None and "remove" in request.POST:
        RemoveCollection(request.user, found).run()
        messages.success(request, _("The collection is deleted; its entries stay."))
        return redirect("library_collections")
    form = CollectionForm(request.POST or None, initial=_collected(found))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        action = SaveCollection(
            request.user, said["title"], said["intro"], said["keys"].splitlines(), found, said["language"]
        )
        try:
            made = action.run()
        except ValidationError as error:
            form.add_error("keys", error)
        else:
            messages.success(request, _("The collection is kept."))
            return redirect(made)
    return render(request, "library/collect.html", {"form": form, "collection": found})


def _collected(found: Collection | None) -> dict[str, str]:
    if found is None:
        return {"language": language()}
    items = CollectionItem.objects.filter(collection=found).select_related("entry")
    keys = "\n".join(i.entry.key for i in items)
    return {"title": found.title, "intro": found.intro, "language": found.language, "keys": keys}


@desk("library.import")
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Take in the file of another installation, and list what came of earlier ones."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            text = given.read().decode("utf-8")
        except UnicodeDecodeError:
            form.add_error("file", _("This file is not text in UTF-8."))
        else:
            made = _taken(request, form, text, given.name)
            if made is not None:
                return redirect("library_imports")
    page = Paginator(Import.objects.all(), 10).get_page(request.GET.get("page"))
    return render(request, "library/imports.html", {"form": form, "page": page})


def _taken(request: HttpRequest, form: ImportForm, text: str, name: str) -> Import | None:
    ours = request.build_absolute_uri(reverse("library"))
    try:
        made: Import = ImportBundle(request.user, text, name, form.cleaned_data["origin"], ours).run()
    except ValidationError as error:
        form.add_error("origin", error)
        return None
    if made.refused and not (made.added or made.updated or made.withdrawn):
        messages.error(request, _("Nothing was taken in. The list below says why."))
    else:
        messages.success(request, _("The library was taken in. The list below says what came of it."))
    return made


@desk("library.name_moderators")
@require_http_methods(["GET", "POST"])
def moderators(request: HttpRequest) -> HttpResponse:
    """Name and dismiss moderators."""
    form = ModeratorForm(request.POST if "email" in request.POST else None)
    if request.method == "POST" and "dismiss" in request.POST:
        asked = request.POST["dismiss"]
        found = get_object_or_404(Moderator, pk=int(asked) if asked.isdecimal() and len(asked) < 18 else 0)
        DismissModerator(request.user, found).run()
        messages.success(request, _("It is done."))
        return redirect("library_moderators")
    if request.method == "POST" and form.is_valid():
        try:
            NameModerator(request.user, form.cleaned_data["email"]).run()
        except ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(request, _("It is done."))
            return redirect("library_moderators")
    people = Moderator.objects.select_related("user").order_by("pk")
    return render(request, "library/moderators.html", {"form": form, "people": people})
