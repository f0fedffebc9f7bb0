"""Read the vocabulary that ships with the program: a file per scheme, a file of labels per language."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from isopolis import content
from isopolis.model import DataError, Problem

from .concepts import Concept, Definition, Match, Scheme, Source
from .vocabulary import Vocabulary

__all__ = ["FOLDER", "languages", "shipped"]

FOLDER = "vocabulary"
LABELS = f"{FOLDER}/labels"
ORDER = (
    "grounds", "groups", "services", "barriers", "hazards", "themes", "pillars", "instruments",
    "measure_types",
)  # fmt: skip
RELATIONS = ("exact", "close", "broad", "narrow")


@functools.lru_cache(maxsize=1)
def shipped() -> Vocabulary:
    """Return the vocabulary that ships with the program, read once.

    Raises
    ------
    DataError
        When a file is wrong, naming file and id.
    """
    files = {name: content.read(f"{FOLDER}/{name}.yaml") for name in ORDER}
    labels = {lang: content.read(f"{LABELS}/{lang}.yaml") for lang in languages()}
    _check_ids(files.values(), labels)
    schemes = [_scheme(plain) for plain in files.values()]
    concepts = [_concept(c, labels) for plain in files.values() for c in plain["concepts"]]
    defined = content.read(f"{FOLDER}/definitions.yaml")["definitions"]
    return Vocabulary(schemes, concepts, [_definition(d) for d in defined])


def languages() -> tuple[str, ...]:
    """Return the languages beside English that have a file of labels."""
    return tuple(n.removesuffix(".yaml") for n in content.names(LABELS) if n.endswith(".yaml"))


def _check_ids(files: Iterable[Any], labels: Mapping[str, Any]) -> None:
    known = {c["id"] for plain in files for c in plain["concepts"]}
    wrong = [
        Problem("unknown-id", f"a label for {id}, which is in no scheme", file=f"{LABELS}/{lang}.yaml")
        for lang, plain in labels.items()
        for id in plain["labels"]
        if id not in known
    ]
    if wrong:
        raise DataError(wrong)


def _scheme(plain: Mapping[str, Any]) -> Scheme:
    return Scheme(
        plain["scheme"],
        plain["title"],
        plain["about"].strip(),
        plain["version"],
        plain["date"],
        plain["licence"],
    )


def _concept(plain: Mapping[str, Any], labels: Mapping[str, Any]) -> Concept:
    said = {"en": (plain["label"], *plain.get("alt", ()))}
    said |= {
        lang: tuple(file["labels"][plain["id"]])
        for lang, file in labels.items()
        if plain["id"] in file["labels"]
    }
    matches = tuple(
        Match(relation, scheme, str(notation))
        for relation in RELATIONS
        for scheme, notation in plain.get(relation, {}).items()
    )
    return Concept(
        plain["id"],
        said,
        definition=plain.get("definition", "").strip(),
        note=plain.get("note", "").strip(),
        broader=tuple(plain.get("broader", ())),
        related=tuple(plain.get("related", ())),
        matches=matches,
    )


def _definition(plain: Mapping[str, Any]) -> Definition:
    sources = tuple(Source(s["title"], s["publisher"], s["read"], s.get("url", "")) for s in plain["sources"])
    return Definition(
        plain["id"],
        plain["version"],
        plain["date"],
        plain["status"],
        plain["label"],
        plain["text"].strip(),
        plain.get("note", "").strip(),
        sources,
    )
