"""The one place where the library meets its search: what is put in, what is asked, what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isopolis.learn.countries import country_name
from isopolis.learn.exchange import public
from isopolis.learn.search import FIELDS, LONGEST_QUERY, Hits, Index, Query, document_of, search
from isopolis.learn.vocabulary import UnknownTermError
from isopolis.learn.vocabulary import shipped as vocabulary
from isopolis.model import CallError
from isopolis.web.languages import said
from isopolis.web.vocabulary.words import SCHEMES, language_name

from .models import KINDS, Entry

__all__ = [
    "FACETS",
    "Facet",
    "Found",
    "Option",
    "find",
    "forget",
    "open_index",
    "query_of",
    "rebuild",
    "refresh",
]

FACETS: Mapping[str, Any] = {
    "kind": gettext_lazy("Kind"),
    **SCHEMES,
    "scale": gettext_lazy("Scale"),
    "country": gettext_lazy("Country"),
    "language": gettext_lazy("Language"),
    "evidence": gettext_lazy("Evidence"),
    "stated": gettext_lazy("It says something about"),
}
"""Facets of the page, in order, with what they are called."""
GRADES = {
    "0": gettext_lazy("0 – none"),
    "1": gettext_lazy("1 – told by those who did it"),
    "2": gettext_lazy("2 – figures before and after"),
    "3": gettext_lazy("3 – set against others, or judged from outside"),
    "4": gettext_lazy("4 – controlled study"),
}
SCALES = {
    "neighbourhood": gettext_lazy("neighbourhood"),
    "city": gettext_lazy("city"),
    "functional_area": gettext_lazy("city with its surroundings"),
    "region": gettext_lazy("region"),
    "country": gettext_lazy("country"),
    "europe": gettext_lazy("Europe"),
    "world": gettext_lazy("world"),
}
STATED = {
    "cost": gettext_lazy("cost"),
    "staff_fte": gettext_lazy("staff"),
    "results": gettext_lazy("results"),
    "failures": gettext_lazy("what failed"),
    "side_effects": gettext_lazy("side effects"),
    "participants": gettext_lazy("who took part"),
    "funding_sources": gettext_lazy("where the money came from"),
}
PAGE = 20
MOST_PAGES = 500
MOST_VALUES = 40
MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Option:
    """One box of a facet."""

    value: str
    label: str
    count: int
    chosen: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet as the page shows it."""

    field: str
    title: str
    options: tuple[Option, ...]

    @property
    def chosen(self) -> int:
        """How many of its boxes are ticked."""
        return sum(o.chosen for o in self.options)


@dataclass(frozen=True)
class Found:
    """A page of results: entries with the reasons of their places, facets, and what to drop."""

    asked: Query
    total: int
    loose: int
    rows: tuple[tuple[Entry, Any], ...]
    facets: tuple[Facet, ...]
    relaxations: tuple[tuple[str, int, Query], ...]
    notes: tuple[str, ...]
    page: int
    pages: int


def open_index() -> Index:
    """Return the index on the connection of this request."""
    return Index(connection, connection.vendor, "library_search", marks="%s")


def refresh(entries: Iterable[Entry]) -> int:
    """Let the search find these entries as they are now."""
    return open_index().put([document_of(public(e.content)) for e in entries])


def forget(keys: Iterable[str]) -> int:
    """Take entries out of the search."""
    return open_index().remove(keys)


def rebuild() -> int:
    """Make the search hold exactly what is published; return how many entries were changed in it."""
    published = Entry.objects.filter(state=Entry.State.PUBLISHED).order_by("key")
    return open_index().replace_all(document_of(public(e.content)) for e in published.iterator())


@receiver(post_delete, sender=Entry)
def _deleted(sender: Any, instance: Entry, **_more: Any) -> None:
    """Take an entry out of the search however it went, with its workspace too."""
    forget([instance.key])


def query_of(given: Any, lang: str, limit: int = PAGE) -> tuple[Query, int]:
    """Read a search from the parameters of an address; what makes no sense is left out.

    Parameters
    ----------
    given : QueryDict
        ``q``, ``page``, and facets by name, each as often as wanted.
    """
    filters = {
        name: tuple(dict.fromkeys(v[:200] for v in given.getlist(name) if v))[:MOST_VALUES]
        for name in FIELDS
        if name in given
    }
    asked = given.get("page", "1")
    page = min(int(asked), MOST_PAGES) if asked.isdecimal() and len(asked) < 6 else 1
    page = max(page, 1)
    text = " ".join(given.get("q", "").split())[:LONGEST_QUERY]
    return Query(text, lang, filters, start=(page - 1) * limit, limit=limit), page


def find(query: Query, page: int = 1) -> Found:
    """Search, and fetch the entries of one page."""
    hits = search(open_index(), query, vocabulary())
    entries = Entry.objects.filter(state=Entry.State.PUBLISHED).in_bulk(
        [h.id for h in hits.hits], field_name="key"
    )
    rows = tuple((entries[h.id], h) for h in hits.hits if h.id in entries)
    most = hits.total + hits.loose
    pages = max(1, -(-most // query.limit))
    return Found(
        query,
        hits.total,
        hits.loose,
        rows,
        _facets(hits, query.lang),
        _relaxations(hits),
        _notes(hits, query.lang),
        page,
        pages,
    )


def _notes(hits: Hits, lang: str) -> tuple[str, ...]:
    """Return what must be said of the results, in the language of the page."""
    return (*(said(note) for note in hits.notes), *_also(hits, lang))


def _also(hits: Hits, lang: str) -> list[str]:
    """Say which concepts were searched for besides, with some of their labels in other languages."""
    out = []
    for one in hits.found:
        labels = list(dict.fromkeys(label for _code, label, _tokens in one.labels))
        shown = ", ".join(labels[:MOST_LABELS]) + (", …" if len(labels) > MOST_LABELS else "")
        values = {"concept": term_label(one.concept, lang), "labels": shown}
        out.append(
            _("Also searched for “%(concept)s”: %(labels)s.") % values
            if labels
            else _("Records marked “%(concept)s” are found too.") % values
        )
    return list(dict.fromkeys(out))


def _facets(hits: Hits, lang: str) -> tuple[Facet, ...]:
    given = {f.field: f for f in hits.facets}
    out = []
    for name, title in FACETS.items():
        options = given[name].options if name in given else ()
        shown = tuple(
            Option(o.value, label_of(name, o.value, lang), o.count, o.chosen, o.disabled) for o in options
        )
        if shown:
            out.append(Facet(name, str(title), shown))
    return tuple(out)


def _relaxations(hits: Hits) -> tuple[tuple[str, int, Query], ...]:
    out = []
    for r in hits.relaxations:
        if r.kind == "filter":
            said = _("without the filter “%(name)s”") % {"name": FACETS.get(r.said, r.said)}
        else:
            said = _("without “%(word)s”") % {"word": r.said}
        out.append((said, r.hits, replace(r.query, start=0)))
    return tuple(out)


def label_of(field: str, value: str, lang: str) -> str:
    """Return what a value of a facet is called in a language."""
    known: Mapping[str, Mapping[str, Any]] = {
        "kind": KINDS, "evidence": GRADES, "scale": SCALES, "stated": STATED,
    }  # fmt: skip
    if field in known:
        return str(known[field].get(value, value))
    if field == "country":
        return country_name(value)
    if field == "language":
        return language_name(value)
    return term_label(value, lang)


def term_label(term: str, lang: str) -> str:
    """Return the label of a term, or the term where this server does not know it."""
    try:
        return vocabulary().label(term, lang)
    except (UnknownTermError, CallError, LookupError):
        return term
