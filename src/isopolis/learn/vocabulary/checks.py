"""What a vocabulary must not have: circles, doubled labels, loose ends, markup, walls of text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from isopolis.model import Problem

from .concepts import Concept, is_id
from .words import plain

__all__ = ["LONGEST_LABEL", "LONGEST_TEXT", "MOST_LABELS", "circle", "problems"]

LONGEST_LABEL = 200
LONGEST_TEXT = 4_000
MOST_LABELS = 40
SHOWN = 60


def problems(concepts: Sequence[Concept], name: str = "vocabulary") -> list[Problem]:
    """Return all that is wrong with a list of concepts; an empty list when nothing is.

    Parameters
    ----------
    concepts : sequence of Concept
    name : str
        The file or list they came from, for the messages.
    """
    known = {c.id: c for c in concepts}
    found = [*_ids(concepts, name), *_texts(concepts, name), *_loose(concepts, known, name)]
    around = circle({c.id: c.broader for c in concepts})
    if around:
        said = " → ".join(around)
        found.append(
            Problem("broader-in-a-circle", f"broader runs in a circle: {said}", file=name,
                    hint="Take one of these links out.")
        )  # fmt: skip
    found.extend(_doubles(concepts, name))
    return found


def _ids(concepts: Iterable[Concept], name: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for concept in concepts:
        if not is_id(concept.id):
            yield Problem("bad-id", "an id has the wrong form", file=name, value=concept.id[:SHOWN],
                          rule="scheme:name in small letters, digits and underscores")  # fmt: skip
        if concept.id in seen:
            yield Problem("id-twice", f"{concept.id} is there twice", file=name,
                          hint="Give each concept an id of its own.")  # fmt: skip
        seen.add(concept.id)


def _texts(concepts: Iterable[Concept], name: str) -> Iterator[Problem]:
    for concept in concepts:
        if not any(concept.labels.values()):
            yield Problem("no-label", f"{concept.id[:SHOWN]} has no label", file=name,
                          hint="Give it a label in at least one language.")  # fmt: skip
        for lang, labels in concept.labels.items():
            if len(labels) > MOST_LABELS:
                yield Problem("too-many-labels", f"{concept.id[:SHOWN]} has {len(labels)} labels in {lang}",
                              file=name, rule=f"at most {MOST_LABELS}")  # fmt: skip
            for label in labels[:MOST_LABELS]:
                yield from _text(
                    label, f"a label of {concept.id[:SHOWN]} in {lang[:12]}", LONGEST_LABEL, name
                )
        for text in (concept.definition, concept.note):
            if text:
                yield from _text(text, f"a text of {concept.id[:SHOWN]}", LONGEST_TEXT, name)


def _text(text: str, what: str, longest: int, name: str) -> Iterator[Problem]:
    if not any(c.isalnum() for c in text[: longest + 1]):
        yield Problem("empty-label", f"{what} has no letter in it", file=name, value=text[:SHOWN])
    if len(text) > longest:
        yield Problem("label-too-long", f"{what} has {len(text):,} characters", file=name,
                      rule=f"at most {longest:,}")  # fmt: skip
    if _marked(text[: longest + 1], "" if longest == LONGEST_LABEL else "\n\r\t"):
        yield Problem("markup-in-label", f"{what} has markup or control characters", file=name,
                      value=text[:SHOWN], rule="letters, digits, punctuation, no < and >")  # fmt: skip


def _marked(text: str, allowed: str) -> bool:
    """Markup has no place in a word: what is shown is escaped anyway, what is passed on may not be."""
    if "<" in text or ">" in text:
        return True
    if text.isprintable():
        return False
    return any(unicodedata.category(c) in ("Cc", "Cs", "Co") and c not in allowed for c in text)


def _loose(concepts: Iterable[Concept], known: Mapping[str, Concept], name: str) -> Iterator[Problem]:
    for concept in concepts:
        for target in (*concept.broader, *concept.related):
            if target not in known:
                yield Problem("loose-end", f"{concept.id} points to {target[:SHOWN]}, which is not there",
                              file=name, hint="Correct the id or add the concept.")  # fmt: skip
        for target in concept.broader:
            if target in known and known[target].scheme != concept.scheme:
                yield Problem("broader-elsewhere", f"{concept.id} has the broader concept {target}",
                              file=name, rule="broader stays inside one scheme; use related")  # fmt: skip


def circle(broader: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return one circle of broader links, its first id repeated at the end; empty when there is none."""
    done: set[str] = set()
    for start in broader:
        # an explicit path: a chain of ten thousand links must not exhaust the interpreter's own stack
        path = {} if start in done else {start: iter(broader[start])}
        while path:
            node = next(reversed(path))
            after = next(path[node], None)
            if after is None:
                del path[node]
                done.add(node)
            elif after in path:
                names = list(path)
                return (*names[names.index(after) :], after)
            elif after not in done:
                path[after] = iter(broader.get(after, ()))
    return ()


def _doubles(concepts: Iterable[Concept], name: str) -> Iterator[Problem]:
    seen: dict[tuple[str, str, str], str] = {}
    for concept in concepts:
        if concept.local:
            continue  # a city may call its own thing as it likes
        for lang, labels in concept.labels.items():
            for label in labels:
                first = seen.setdefault((concept.scheme, lang, plain(label)), concept.id)
                if first != concept.id:
                    yield Problem(
                        "label-twice", f"{first} and {concept.id} share a label in {lang}", file=name,
                        value=label[:SHOWN], hint="One word of a scheme and language means one thing.",
                    )  # fmt: skip
