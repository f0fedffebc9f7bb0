"""Pages that everybody may read: published numbers, without sign-in, without cookies.

A page reads one row of the database and one or two small files. Nothing of it changes until the
publication is withdrawn, so that a browser which has the page asks only whether it still stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from isopolis import __version__
from isopolis.web.languages import shown_in
from isopolis.web.security import POLICY
from isopolis.web.workspaces.models import Workspace

from . import store
from .models import Publication

__all__ = [
    "EMBED_POLICY", "download", "embed", "everything", "finding", "listed", "of_city", "overview", "page_of",
    "table",
]  # fmt: skip

EMBED_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""The policy of the one page that other sites may show in a frame."""
FILE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
ROWS = 100
IN_EMBED = 3
View = Callable[..., HttpResponseBase]
REVALIDATE = "public, max-age=0, must-revalidate"


def spoken(request: HttpRequest) -> str:
    """Language of the page: the one in the address, else what the visitor's browser asks for."""
    wanted = request.GET.get("lang", "")
    if wanted in dict(settings.LANGUAGES):
        return wanted
    return getattr(request, "language_asked", "") or translation.get_language() or "en"


def in_language(view: View) -> View:
    """Let an address choose the language: a public page sets no cookie that could remember it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.language_asked = spoken(request)  # type: ignore[attr-defined]
        language = shown_in(request.language_asked)  # type: ignore[attr-defined]
        with translation.override(language):
            response = view(request, *args, **kwargs)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language",))
        return response

    return guarded


def open_to_all(view: View) -> View:
    """Give a view the publication of its address: 404 if it is not public, 410 if it no longer is."""

    @wraps(view)
    @require_safe
    @in_language
    def guarded(
        request: HttpRequest, place: str, release: int, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        row = (
            Publication.objects.select_related("workspace")
            .filter(workspace__slug=place, number=release)
            .first()
        )
        if row is None or row.state not in (Publication.State.PUBLISHED, Publication.State.WITHDRAWN):
            raise Http404
        if not row.is_public or row.published_at is None:
            return gone(request, row)
        # a page that falls back says so: it differs by the language that was asked for
        spoken_here = f"{translation.get_language()}.{getattr(request, 'language_asked', '')}"
        etag = quote_etag(f"{row.digest[:32]}.{__version__}.{spoken_here}")
        changed = int(row.published_at.timestamp())
        # what costs something is made only for who does not have it yet
        unchanged = get_conditional_response(request, etag=etag, last_modified=changed)
        response: HttpResponseBase = unchanged or view(request, row, *args, **kwargs)
        response.headers["ETag"] = etag
        response.headers["Last-Modified"] = http_date(changed)
        response.headers["Cache-Control"] = REVALIDATE
        return response

    guarded.public = True  # type: ignore[attr-defined]
    return guarded


def gone(request: HttpRequest, row: Publication) -> HttpResponse:
    """Answer 410: it was public and was withdrawn."""
    context = {"row": row, "city": row.workspace.name, **_language(request)}
    response = render(request, "public/gone.html", context, status=410)
    response.headers["Cache-Control"] = "no-store"
    return response


def page_of(
    request: HttpRequest,
    row: Publication,
    name: str,
    more: Mapping[str, Any],
    *,
    here: str,
    template: str = "",
) -> HttpResponse:
    """Render one page of a publication; `here` is the address that its links begin with."""
    context = {
        "row": row,
        "here": here,
        "overview": store.overview(row),
        "public": store.public(row),
        "files": list(store.FILES),
        "canonical": row.public_url + request.path.removeprefix(here),
        "preview": not row.is_public,
        **_language(request),
        **more,
    }
    return render(request, template or f"public/{name}.html", context)


def finding_of(row: Publication, number: int) -> dict[str, Any]:
    """Return what the page of one finding shows."""
    found = store.finding(row, number)
    basis = store.public(row)["basis"]
    return {
        "finding": found,
        "figures": store.figures(row, found),
        "measured": bool(basis[number]) if number < len(basis) else False,
    }


def list_of(request: HttpRequest, row: Publication, dimension: int) -> dict[str, Any]:
    """Return what the list of one dimension shows."""
    chosen = next((d for d in store.overview(row)["dimensions"] if d["number"] == dimension), None)
    page = Paginator(store.listed(row, dimension), ROWS).get_page(request.GET.get("page"))
    return {"chosen": chosen, "page": page}


def table_of(request: HttpRequest, row: Publication, number: int) -> dict[str, Any]:
    """Return what one table of counts shows."""
    table = store.table(row, number)
    page = Paginator(table["levels"][0]["units"], ROWS).get_page(request.GET.get("page"))
    city = next((level["units"][0] for level in table["levels"] if level["level"] == "city"), None)
    return {"table": table, "page": page, "whole": city}


@open_to_all
def overview(request: HttpRequest, row: Publication) -> HttpResponse:
    """Show what a publication says in short."""
    return page_of(request, row, "overview", {}, here=row.public_url)


@open_to_all
def finding(request: HttpRequest, row: Publication, number: int) -> HttpResponse:
    """Show one finding."""
    return page_of(request, row, "finding", finding_of(row, number), here=row.public_url)


@open_to_all
def listed(request: HttpRequest, row: Publication, dimension: int) -> HttpResponse:
    """List the findings of one dimension."""
    return page_of(request, row, "list", list_of(request, row, dimension), here=row.public_url)


@open_to_all
def table(request: HttpRequest, row: Publication, number: int) -> HttpResponse:
    """Show one table of counts."""
    return page_of(request, row, "table", table_of(request, row, number), here=row.public_url)


@open_to_all
def download(request: HttpRequest, row: Publication, name: str) -> FileResponse:
    """Hand a file out, always as a download."""
    path, kind = store.download(row, name)
    called = f"{row.workspace.slug}-{row.number}-{name}"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=called, content_type=kind)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


def framed(view: View) -> View:
    """Let other sites show the page in a frame, whatever it answers."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.xframe_options_exempt = True  # type: ignore[attr-defined]
        response.headers["Content-Security-Policy"] = EMBED_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return guarded


@framed
@open_to_all
def embed(request: HttpRequest, row: Publication) -> HttpResponse:
    """Show the first findings, for the frame of another site."""
    cards = store.overview(row)["headlines"][:IN_EMBED]
    return page_of(request, row, "embed", {"cards": cards}, here=row.public_url)


embed.public = True  # type: ignore[attr-defined]


@require_safe
@in_language
def of_city(request: HttpRequest, place: str) -> HttpResponse:
    """List what one city has published; a city that has published nothing is not there."""
    workspace = get_object_or_404(Workspace, slug=place)
    rows = list(_public_rows().filter(workspace=workspace))
    if not rows:
        raise Http404
    context = {"rows": rows, "city": workspace.name, "canonical": request.path, **_language(request)}
    return _short_lived(render(request, "public/city.html", context))


@require_safe
@in_language
def everything(request: HttpRequest) -> HttpResponse:
    """List everything that the cities of this server have published."""
    page = Paginator(_public_rows(), ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "canonical": request.path, **_language(request)}
    return _short_lived(render(request, "public/all.html", context))


def _public_rows() -> Any:
    shown = Publication.objects.filter(state=Publication.State.PUBLISHED)
    return shown.select_related("workspace").order_by("-published_at", "workspace__slug", "-number")


def _language(request: HttpRequest) -> dict[str, Any]:
    """Return the languages to choose from, and what links add to keep the one in the address."""
    code = request.GET.get("lang", "")
    kept = f"lang={code}" if code in dict(settings.LANGUAGES) else ""
    offered = list(settings.LANGUAGES) if len(settings.LANGUAGES) > 1 else []
    return {"languages": offered, "q": kept and f"?{kept}", "and_lang": kept and f"&{kept}"}


def _short_lived(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = REVALIDATE
    return response


for _view in (of_city, everything):
    _view.public = True  # type: ignore[attr-defined]
