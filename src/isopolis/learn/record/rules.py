"""What must hold between the fields of a record, judged on its plain form: no error hides another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["SUMMARY_WORDS", "TEXTS", "Broken", "broken", "languages", "wanting"]

SUMMARY_WORDS = 300
TEXTS = frozenset(
    "title summary body note recruited failures side_effects legal_basis conditions adaptations changes"
    " indicator".split()
)
"""Names of the fields that hold one text in several languages, wherever in a record they stand."""
DEEPEST = 12


class Broken(NamedTuple):
    """A rule that does not hold: the field, the rule's name, and what was found."""

    path: str
    rule: str
    found: str


def broken(plain: Mapping[str, Any]) -> list[Broken]:
    """List every rule that this record breaks.

    The rules: a grade of 2 or more needs results, and an answer ("not stated" is one) to cost and to
    failures; a summary has at most 300 words; the title is there in the record's own language; every
    other language is marked as translated by a person or by a machine; addresses that parts refer to
    are among the sources.
    """
    return [*_graded(plain), *_short(plain), *_marked(plain), *_cited(plain)]


def wanting(plain: Mapping[str, Any]) -> tuple[str, ...]:
    """Name what a grade of 2 or more needs and is not there."""
    results = plain.get("results")
    there = {
        "results": isinstance(results, list | tuple) and bool(results),
        "cost": bool(plain.get("cost")),
        "failures": bool(plain.get("failures")),
    }
    return tuple(name for name, filled in there.items() if not filled)


def languages(plain: Any, depth: int = 0) -> set[str]:
    """Return every language that some text of the record is in."""
    if depth > DEEPEST:
        return set()
    if isinstance(plain, list | tuple):
        return {code for item in plain for code in languages(item, depth + 1)}
    if not isinstance(plain, Mapping):
        return set()
    found: set[str] = set()
    for name, value in plain.items():
        if name in TEXTS and isinstance(value, Mapping):
            found |= {str(code) for code in value}
        elif name != "translations":
            found |= languages(value, depth + 1)
    return found


def _graded(plain: Mapping[str, Any]) -> Iterator[Broken]:
    grade = plain.get("evidence_grade", 0)
    if isinstance(grade, int) and 2 <= grade <= 4:
        yield from (Broken(name, "grade", str(grade)) for name in wanting(plain))


def _short(plain: Mapping[str, Any]) -> Iterator[Broken]:
    summary = plain.get("summary")
    for language, text in summary.items() if isinstance(summary, Mapping) else ():
        words = len(text.split()) if isinstance(text, str) else 0
        if words > SUMMARY_WORDS:
            yield Broken(f"summary.{language}", "words", str(words))


def _marked(plain: Mapping[str, Any]) -> Iterator[Broken]:
    own, title, marks = plain.get("language", "en"), plain.get("title"), plain.get("translations")
    if not isinstance(own, str):  # said by the record itself
        return
    if isinstance(title, Mapping) and title and own not in title:
        yield Broken("title", "original", own)
    marked = set(marks) if isinstance(marks, Mapping) else set()
    for language in sorted(languages(plain) - {own} - marked):
        yield Broken("translations", "unmarked", language)


def _cited(plain: Mapping[str, Any]) -> Iterator[Broken]:
    sources = plain.get("sources")
    known = {url for s in _parts(sources) if isinstance(url := s.get("url"), str)}
    cost = plain.get("cost")
    cited = [("cost.source", cost.get("source"))] if isinstance(cost, Mapping) else []
    for i, result in enumerate(_parts(plain.get("results"))):
        cited.append((f"results[{i}].source", result.get("source")))
    for path, url in cited:
        if isinstance(url, str) and url not in known:
            yield Broken(path, "uncited", url)


def _parts(items: Any) -> list[Mapping[str, Any]]:
    return [i for i in items if isinstance(i, Mapping)] if isinstance(items, list | tuple) else []
