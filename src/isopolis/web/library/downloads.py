"""The library as files: JSON, CSV, DCAT-AP, and the bundle for other installations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from isopolis.learn.exchange import bundle, public, to_csv, to_dcat_text, to_json
from isopolis.learn.record import Record
from isopolis.learn.search import search
from isopolis.learn.vocabulary import shipped as vocabulary

from .index import open_index, query_of
from .models import Entry

__all__ = ["FORMS", "export", "own_bundle", "published"]

MOST = 5_000
"""Records in one download; who wants more than this asks page by page through the interface for programs."""


def published(keys: list[str] | None = None) -> list[Record]:
    """Return published records, all or those of `keys` in that order, with public documents only."""
    rows = Entry.objects.filter(state=Entry.State.PUBLISHED)
    if keys is not None:
        found = rows.in_bulk(keys, field_name="key")
        return [public(found[k].content) for k in keys if k in found]
    return [public(e.content) for e in rows.order_by("key")[:MOST]]


def _dcat(records: Iterable[Record], request: HttpRequest) -> str:
    here = request.build_absolute_uri(reverse("library")).rstrip("/")
    return to_dcat_text(
        records, address=here, publisher=request.get_host(), title=_("Library of city policies")
    )


FORMS: dict[str, tuple[str, Callable[[Iterable[Record], HttpRequest], str]]] = {
    "library.json": ("application/json", lambda records, _request: to_json(records)),
    "library.csv": ("text/csv; charset=utf-8", lambda records, _request: "\ufeff" + to_csv(records)),
    "library.jsonld": ("application/ld+json", _dcat),
}


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Give what a search finds, or everything, as a file."""
    if form not in FORMS:
        raise Http404
    kind, write = FORMS[form]
    keys = None
    query, _page = query_of(request.GET, "en")
    if query.text or query.filters:
        hits = search(open_index(), replace(query, start=0, limit=1000), vocabulary())
        keys = [h.id for h in hits.hits]
    answer = HttpResponse(write(published(keys), request), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{form}"'
    return answer


@require_safe
def own_bundle(request: HttpRequest) -> HttpResponse:
    """Give what was written in this installation, for others to take in."""
    ours = Entry.objects.filter(origin="", published_at__isnull=False)
    records = [e.content for e in ours.filter(state=Entry.State.PUBLISHED).order_by("key")]
    # also what is being written anew since: others have the old text until they hear of it
    gone = ours.exclude(state=Entry.State.PUBLISHED).values_list("key", flat=True)
    origin = request.build_absolute_uri(reverse("library"))
    answer = HttpResponse(
        bundle(records, origin, timezone.now(), withdrawn=gone), content_type="application/json"
    )
    answer["Content-Disposition"] = 'attachment; filename="library-bundle.json"'
    return answer
