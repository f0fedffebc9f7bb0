"""Pages of the library that everybody may read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.http import require_safe

from isopolis.learn.search import Query
from isopolis.web.permissions import may

from .index import FACETS, find, query_of
from .models import Collection, CollectionItem, Entry, entry_of
from .shown import shown

__all__ = ["address_of", "collection", "collections", "library", "record"]

OPEN_FACETS = ("kind", "theme", "group")
PER_PAGE = 30


def language() -> str:
    """Return the language of the page."""
    return translation.get_language() or "en"


def address_of(query: Query, **more: Any) -> str:
    """Return the parameters of the address that asks for `query`."""
    pairs = [("q", query.text)] if query.text else []
    pairs += [(name, value) for name, values in query.filters.items() for value in values]
    return "?" + urlencode(pairs + [(k, str(v)) for k, v in more.items()])


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Search the library; an option that would give nothing is switched off."""
    query, page = query_of(request.GET, language())
    found = find(query, page)
    context = {
        "found": found,
        "rows": [(entry, hit, shown(entry.content, language())) for entry, hit in found.rows],
        "relaxations": [(said, hits, address_of(q)) for said, hits, q in found.relaxations],
        "open": OPEN_FACETS,
        "asked": bool(query.text or query.filters),
        "before": address_of(query, page=page - 1) if page > 1 else "",
        "after": address_of(query, page=page + 1) if page < found.pages else "",
        "exported": address_of(query),
        "moderates": bool(request.user.is_authenticated and may(request.user, "library.moderate")),
    }
    return render(request, "library/library.html", context)


@require_safe
def record(request: HttpRequest, key: str) -> HttpResponse:
    """Show one record in the visitor's language; who withdrew it leaves a note that it was here."""
    entry = entry_of(key)
    if entry is None:
        raise Http404
    if entry.state != Entry.State.PUBLISHED:
        if entry.published_at is not None:
            return render(request, "library/gone.html", status=410)
        raise Http404
    content = entry.content
    context = {
        "entry": entry,
        "shown": shown(content, language()),
        "opinions": opinions(entry),
        "linked": linked(entry),
        "collections": Collection.objects.filter(entries=entry).order_by("title"),
        "facets": FACETS,
        "versions": entry.versions.count(),
        "moderates": bool(request.user.is_authenticated and may(request.user, "library.moderate")),
    }
    return render(request, "library/record.html", context)


def opinions(entry: Entry) -> list[tuple[str, float]]:
    """Return the mean of the reviews for each question; nothing where there is none."""
    from .forms import ReviewForm

    given = [o.criteria for o in entry.opinions.all()]
    names = ReviewForm.QUESTIONS
    return [(str(names[n]), sum(g[n] for g in given) / len(given)) for n in names] if given else []


def linked(entry: Entry) -> list[tuple[Entry, str]]:
    """Return the published records that this one points at."""
    wanted = {link.to: link.relation for link in entry.content.links}
    there = Entry.objects.filter(key__in=wanted, state=Entry.State.PUBLISHED).order_by("title")
    return [(e, wanted[e.key]) for e in there]


@require_safe
def collections(request: HttpRequest) -> HttpResponse:
    """List the collections."""
    pages = Paginator(Collection.objects.order_by("title", "pk"), PER_PAGE)
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "moderates": bool(request.user.is_authenticated and may(request.user, "library.moderate")),
    }
    return render(request, "library/collections.html", context)


@require_safe
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a collection with its entries in order."""
    found = get_object_or_404(Collection, slug=slug)
    items = CollectionItem.objects.filter(collection=found, entry__state=Entry.State.PUBLISHED)
    page = Paginator(items.select_related("entry"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "collection": found,
        "page": page,
        "rows": [(item.entry, shown(item.entry.content, language())) for item in page],
        "moderates": bool(request.user.is_authenticated and may(request.user, "library.moderate")),
    }
    return render(request, "library/collection.html", context)
