"""Answers of OGC API Features, as JSON and as pages for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from . import ogc
from .problems import ProblemError
from .tags import unless_known

__all__ = ["Place", "chosen", "collection", "collections", "conformance", "item", "items", "landing"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where features are served, and to whom."""

    root: str
    title: str
    text: str
    document: str
    manual: str
    html: bool


# -- answers -------------------------------------------------------------------------------------------
def _wants_html(request: HttpRequest, place: Place) -> bool:
    said = request.GET.get("f")
    if said is not None:
        if said not in ("json", "html") or (said == "html" and not place.html):
            raise ProblemError(400, _("There is no such format."), [{"where": "f", "message": "json"}])
        return said == "html"
    # programs that take anything get what programs read
    first = request.headers.get("Accept", "").split(",")[0].split(";")[0].strip()
    return place.html and first in ("text/html", "application/xhtml+xml")


def _only(request: HttpRequest, *known: str) -> None:
    for name in request.GET:
        if name not in known:
            raise ProblemError(400, _("There is no such parameter."), [{"where": name, "message": "f"}])


def _answer(
    request: HttpRequest, place: Place, document: Mapping[str, Any], kind: str, title: str, back: str
) -> HttpResponse:
    html = _wants_html(request, place)
    if html:
        context = {"title": title, "document": document, "back": _local(back), "rows": _rows(document)}
        response = render(request, "api/features.html", context)
    else:
        response = HttpResponse(json.dumps(document, ensure_ascii=False), content_type=kind)
    patch_vary_headers(response, ["Accept"])
    return response


def _rows(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Flatten a document to rows of name, value and address, for people."""
    named = document.get("properties") or {
        k: v for k, v in document.items() if k in ("description", "numberMatched", "numberReturned")
    }
    rows = [(str(k), "" if v is None else str(v), "") for k, v in named.items()]
    rows += [("", str(c), "") for c in document.get("conformsTo", ())]
    for c in document.get("collections", ()):
        rows.append((c["title"], c["description"], _to(c["links"], "alternate")))
    for f in document.get("features", ()):
        said = [str(v) for v in list(f["properties"].values())[:6] if v not in (None, "")]
        rows.append((str(f["id"]), " · ".join(said), f["page"]))
    for link in document.get("links", ()):
        if link["rel"] not in ("self", "alternate"):
            rows.append((link["rel"], link["title"], link["href"]))
    return [(name, value, _local(href)) for name, value, href in rows]


def _local(href: str) -> str:
    """Return an address of this server without its name, as pages link."""
    parts = urlsplit(href)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _to(links: Sequence[Mapping[str, str]], rel: str) -> str:
    return next((link["href"] for link in links if link["rel"] == rel), "")


def landing(request: HttpRequest, place: Place) -> HttpResponse:
    """Answer the first document."""
    _only(request, "f")
    made = ogc.landing(place.root, place.title, place.text, place.document, place.manual, html=place.html)
    return _answer(request, place, made, ogc.JSON, place.title, "")


def conformance(request: HttpRequest, place: Place) -> HttpResponse:
    """Answer what is kept of the standard."""
    _only(request, "f")
    made = ogc.conformance(place.root, html=place.html)
    return _answer(request, place, made, ogc.JSON, _("Conformance"), place.root)


def collections(request: HttpRequest, place: Place, found: Sequence[ogc.Collection]) -> HttpResponse:
    """Answer all collections."""
    _only(request, "f")

    def make() -> HttpResponse:
        made = ogc.collections(place.root, found, html=place.html)
        return _answer(request, place, made, ogc.JSON, _("Collections"), place.root)

    return unless_known(request, [(c.key, c.tag) for c in found], make)  # type: ignore[no-any-return]


def collection(request: HttpRequest, place: Place, found: ogc.Collection) -> HttpResponse:
    """Answer one collection."""
    _only(request, "f")

    def make() -> HttpResponse:
        made = ogc.collection(place.root, found, html=place.html)
        return _answer(request, place, made, ogc.JSON, found.title, f"{place.root}/collections")

    return unless_known(request, found.tag, make)  # type: ignore[no-any-return]


def items(request: HttpRequest, place: Place, found: ogc.Collection) -> HttpResponse:
    """Answer one page of features."""

    def make() -> HttpResponse:
        try:
            asked = ogc.question_of(dict(request.GET.lists()), found.layer.about["sought"])
        except ogc.QuestionError as error:
            row = {"where": error.where, "message": error.message}
            raise ProblemError(400, _("A parameter cannot be understood."), [row]) from None
        html = _wants_html(request, place)
        text = ogc.items(place.root, found, asked, request.GET.dict(), html=place.html)
        if not html:
            response = HttpResponse(text, content_type=ogc.GEOJSON)
            patch_vary_headers(response, ["Accept"])
            return response
        document = json.loads(text)
        stem = f"{place.root}/collections/{found.key}/items"
        for feature in document["features"]:
            feature["page"] = f"{stem}/{ogc.quote(str(feature['id']), safe='')}?f=html"
        return _answer(request, place, document, ogc.GEOJSON, found.title, f"{place.root}/collections")

    return unless_known(request, found.tag, make)  # type: ignore[no-any-return]


def item(request: HttpRequest, place: Place, found: ogc.Collection, fid: str) -> HttpResponse:
    """Answer one feature."""
    _only(request, "f")

    def make() -> HttpResponse:
        made = ogc.item(place.root, found, fid, html=place.html)
        if made is None:
            raise Http404
        back = f"{place.root}/collections/{found.key}/items?f=html"
        return _answer(request, place, made, ogc.GEOJSON, f"{found.title}: {fid}", back)

    return unless_known(request, found.tag, make)  # type: ignore[no-any-return]


def chosen(found: Sequence[ogc.Collection], key: str) -> ogc.Collection:
    """Return the collection of that name."""
    for one in found:
        if one.key == key:
            return one
    raise Http404
