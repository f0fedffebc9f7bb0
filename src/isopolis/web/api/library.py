"""Operations on the library: the same search as the public page, and single records. No token is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from isopolis.learn.exchange import public
from isopolis.learn.search import LONGEST_QUERY
from isopolis.web.languages import NAMES
from isopolis.web.library.index import Found, find, query_of
from isopolis.web.library.models import Entry, entry_of

from .paging import Limit, Offset, next_page
from .service import operation

__all__ = ["router"]

router = Router()
Text = Annotated[str, Query(max_length=LONGEST_QUERY, description='words, "a phrase", -without')]
Values = Annotated[list[str] | None, Query(description="of which a record must have one; also several times")]
Lang = Annotated[str, Query(max_length=12, description="language of the search and of the labels")]


class RecordOut(Schema):
    """A record of the library, and where it comes from."""

    id: str
    record: dict[str, Any] = Field(description="the record, as docs/library-record.md says")
    origin: str = Field(description="who gave it; empty when it was written on this server")
    checksum: str = Field(description="SHA-256 of the canonical JSON of the record as it is kept here")
    completeness: float = Field(description="share of the questions that it answers, 0 to 1")
    published_at: Any
    page: str = Field(description="its page for people")


class OptionOut(Schema):
    """A value of a facet."""

    value: str
    label: str
    count: int = Field(description="how many results it would leave")


class FacetOut(Schema):
    """A field by which results can be narrowed down."""

    field: str
    title: str
    options: list[OptionOut]


class RelaxationOut(Schema):
    """What to ask less of, and how many results that gives."""

    said: str
    hits: int


class LibraryPage(Schema):
    """A page of results."""

    records: list[RecordOut]
    matched: int = Field(description="records with all that was asked for")
    loose: int = Field(description="records with some of the words, that come after the others")
    facets: list[FacetOut]
    relaxations: list[RelaxationOut]
    notes: list[str]
    next: str | None = Field(description="address of the next page")


def _out(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.key,
        "record": public(entry.content).plain(),
        "origin": entry.origin,
        "checksum": entry.checksum,
        "completeness": entry.completeness,
        "published_at": entry.published_at.isoformat() if entry.published_at else None,
        "page": request.build_absolute_uri(entry.get_absolute_url()),
    }


@operation(router, "GET", "/library", "Search the library", LibraryPage, public=True)
def library(
    request: HttpRequest, q: Text = "", lang: Lang = "en", kind: Values = None, theme: Values = None,
    group: Values = None, ground: Values = None, service: Values = None, barrier: Values = None,
    country: Values = None, limit: Limit = 20, offset: Offset = 0,
) -> Any:  # fmt: skip
    """Find records as the public page does; every facet of the answer can be a parameter."""
    query, _page = query_of(request.GET, lang if lang in NAMES else "en", limit)
    found: Found = find(replace(query, start=offset))
    return {
        "records": [_out(request, entry) for entry, _hit in found.rows],
        "matched": found.total,
        "loose": found.loose,
        "facets": [
            {
                "field": f.field,
                "title": f.title,
                "options": [{"value": o.value, "label": o.label, "count": o.count} for o in f.options],
            }
            for f in found.facets
        ],
        "relaxations": [{"said": said, "hits": hits} for said, hits, _query in found.relaxations],
        "notes": [str(n) for n in found.notes],
        "next": next_page(request, limit, offset, found.total + found.loose),
    }


@operation(router, "GET", "/library/{str:record}", "One record of the library", RecordOut, public=True)
def library_record(request: HttpRequest, record: str) -> Any:
    """Return one published record."""
    entry = entry_of(record, state=Entry.State.PUBLISHED)
    if entry is None:
        raise Http404
    return _out(request, entry)
