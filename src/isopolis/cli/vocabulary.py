"""``isopolis vocabulary``: what a word means, in which list it is, and what it is called elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from isopolis.learn.vocabulary import Concept, Vocabulary

__all__ = ["vocabulary"]


def vocabulary(
    term: Annotated[
        str, typer.Argument(metavar="TERM", help="A word in any language, an id, or the name of a list.")
    ] = "",
    lang: Annotated[str, typer.Option(metavar="CODE", help="Show and look up in this language.")] = "",
    skos: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all as SKOS: .jsonld or .ttl.")
    ] = None,
) -> None:
    """Look a word up in the vocabulary that all modules share, or write it out as SKOS."""
    from isopolis.learn.vocabulary import shipped

    known = shipped()
    _check_language(known, lang)
    if skos is not None:
        _write(known, skos)
    if term in known.schemes:
        for concept in known.scheme(term):
            print(f"{concept.id:<40} {concept.label(lang or 'en')}")
    elif term:
        _show(known, known.resolve(term, lang=lang or None), lang)
    elif skos is None:
        _overview(known)


def _check_language(known: Vocabulary, lang: str) -> None:
    from isopolis.model import CallError

    there = sorted({code for c in known.concepts.values() for code in c.labels})
    if lang and lang not in there:
        raise CallError(f'"{lang}" is none of the languages: {", ".join(there)}')


def _overview(known: Vocabulary) -> None:
    for scheme in known.schemes.values():
        print(
            f"{scheme.name:<14} {len(known.scheme(scheme.name)):>4}  {scheme.title}, version {scheme.version}"
        )
    for definition in known.definitions:
        print(f"\n{definition.label}, {definition.key} of {definition.date}, {definition.status}:")
        print(f"  {definition.text}")


def _show(known: Vocabulary, concept: Concept, lang: str) -> None:
    print(f"{concept.id}  {concept.label(lang or 'en')}")
    for text in (concept.definition, concept.note):
        if text:
            print(f"  {text}")
    near = {"broader": known.broader(concept.id), "narrower": known.narrower(concept.id)}
    near["related"] = tuple(known.concept(r) for r in concept.related)
    for name, concepts in near.items():
        if concepts:
            print(f"  {name}: " + ", ".join(f"{c.id} ({c.label(lang or 'en')})" for c in concepts))
    for match in concept.matches:
        print(f"  {match.relation} match: {match.scheme} {match.notation}")
    for code, labels in sorted(concept.labels.items()):
        if not lang or code == lang:
            print(f"  {code}  {'; '.join(labels)}")


def _write(known: Vocabulary, file: Path) -> None:
    import json

    from isopolis.learn.vocabulary import to_jsonld, to_turtle
    from isopolis.model import CallError

    if file.suffix not in (".jsonld", ".json", ".ttl"):
        raise CallError(f"{file.name}: the end of the name says the form; allowed: .jsonld, .json, .ttl")
    text = (
        to_turtle(known)
        if file.suffix == ".ttl"
        else json.dumps(to_jsonld(known), ensure_ascii=False, indent=1) + "\n"
    )
    file.write_text(text, encoding="utf-8")
    print(f"wrote {file}: {len(known.concepts)} concepts")
