"""``isopolis library search``: the shipped library, ranked by a city's own gaps if one is given."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from isopolis.explain.languages import Language
    from isopolis.flows.diagnosis import Diagnosis
    from isopolis.learn.search import Hits
    from isopolis.learn.vocabulary import Vocabulary

__all__ = ["search"]


def search(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help='Words, "a phrase", -without, theme:housing, kind:case.'),
    ] = None,
    lang: Annotated[
        str, typer.Option(metavar="LANGUAGE", help="Language of the words and sentences.")
    ] = "en",
    city: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Rank by the gaps of this city's own tables.")
    ] = None,
    peers: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="Rank by likeness too: a table of cities with context."),
    ] = None,
    engine: Annotated[str, typer.Option(help="sqlite, or tantivy (extra [search]).")] = "sqlite",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many results.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Search the library; every result says why it stands where it does."""
    from isopolis.explain.languages import language
    from isopolis.flows.library import for_city, index_of, needs_of
    from isopolis.learn import library, vocabulary
    from isopolis.learn.search import Query

    query = Query(" ".join(words or ()), lang, limit=limit)
    terms, records = vocabulary.shipped(), {r.id: r for r in library.shipped()}
    index = index_of(records.values())
    index.matcher = _matcher(engine)
    found = _diagnosed(city) if city else None
    needs = needs_of(found, terms) if found else ()
    shares = _peers(peers, found.city.name if found else "")
    hits = for_city(index, query, terms, needs, shares)
    if as_json:
        print(json.dumps(_plain(hits, records), ensure_ascii=False, indent=1))
    else:
        _print(hits, records, terms, language(lang))


def _matcher(engine: str) -> Any:
    from isopolis.model import CallError

    if engine == "sqlite":
        return None
    if engine != "tantivy":
        raise CallError(f'no engine "{engine}": there is sqlite and tantivy')
    from isopolis.learn.search.tantivy_engine import Tantivy

    return Tantivy()


def _diagnosed(path: Path) -> Diagnosis:
    from isopolis.flows.cities import load
    from isopolis.flows.diagnose import diagnose

    print(f"… reading and measuring {path}", file=sys.stderr)
    return diagnose(load(path))


def _peers(table: Path | None, city: str) -> Any:
    if table is None:
        return None
    from isopolis.flows.peers import find_city, load_table
    from isopolis.learn.peers import peers
    from isopolis.model import CallError

    if not city:
        raise CallError("--peers needs --city, whose peers are looked for")
    loaded = load_table(table).table
    return peers(find_city(loaded.context.cities, city).id, loaded)


def _plain(hits: Hits, records: dict[str, Any]) -> dict[str, Any]:
    from isopolis.flows.library import because

    return {
        "total": hits.total,
        "loose": hits.loose,
        "notes": [str(n) for n in hits.notes],
        "also": [{"concept": f.concept, "labels": [label for _, label, _ in f.labels]} for f in hits.found],
        "results": [
            {
                "id": h.id,
                "title": dict(records[h.id].title.items()),
                "score": h.score,
                "has_all": not h.loose,
                "because": str(because(h)),
                "parts": {r.name: {"value": r.value, "why": str(r.said)} for r in h.reasons},
            }
            for h in hits.hits
        ],
        "facets": {f.field: {o.value: o.count for o in f.options} for f in hits.facets},
        "without": [{"kind": r.kind, "dropped": r.said, "results": r.hits} for r in hits.relaxations],
    }


def _print(hits: Hits, records: dict[str, Any], terms: Vocabulary, spoken: Language) -> None:
    from isopolis.explain.languages import said
    from isopolis.flows.library import because
    from isopolis.model.text import phrase, phrases

    def say(text: str) -> str:
        return str(said(text, spoken.code))

    print(say(phrases("{n} record", "{n} records", hits.total)))
    for note in hits.notes:
        print(say(note))
    for one in hits.found:
        labels = ", ".join(dict.fromkeys(label for _, label, _ in one.labels))
        concept = terms.label(one.concept, spoken.code)
        print(say(phrase("Also searched for “{concept}”: {labels}.", concept=concept, labels=labels)))
    for place, hit in enumerate(hits.hits, start=1):
        print(f"\n{place}. {records[hit.id].title.best((spoken.code, 'en')).text}  [{hit.id}]")
        if hit.loose:
            print("   " + say(phrase("has only some of the words")))
        if because(hit):
            print("   " + say(because(hit)))
        print(f"   {hit.score:.4f} = " + " × ".join(f"{r.value:g} {r.name}" for r in hit.reasons))
    for less in hits.relaxations:
        print("\n" + say(phrase("Without “{word}”: {n}", word=less.said, n=str(less.hits))))
